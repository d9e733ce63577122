"""Patterns of COPY and of ``.dockerignore``: what a name fits, and what a build leaves out.

The rules are those of Docker's ``.dockerignore``: a pattern that fits a folder takes all below it, ``**``
stands for any number of folders, ``!`` takes back, and the last pattern that fits decides.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

MAX_PATTERNS = 1000


def fits(name: str, pattern: str) -> bool:
    """Whether one part of a path fits a pattern without slashes; ``[^a]`` is any other character."""
    return fnmatchcase(name, pattern.replace("[^", "[!"))


@dataclass(frozen=True, slots=True)
class _Rule:
    parts: tuple[str, ...]
    takes_back: bool

    def fits(self, path: Sequence[str]) -> bool:
        """Whether the path, or a folder that it is in, fits."""
        reached = {0}
        last = len(self.parts) - 1
        for number, part in enumerate(self.parts):
            if part == "**":
                # At the end it is what is in a folder, not the folder.
                least = min(reached) + (number == last > 0)
                reached = set(range(least, len(path) + 1))
            else:
                reached = {at + 1 for at in reached if at < len(path) and fits(path[at], part)}
            if not reached:
                return False
        return True


class Ignored:
    """What a ``.dockerignore`` leaves out of a build."""

    def __init__(self, text: str) -> None:
        lines = (line for line in text.removeprefix("\ufeff").splitlines() if not line.startswith("#"))
        rules = (_rule(line.strip()) for line in lines if line.strip())
        self._rules = [rule for rule in rules if rule.parts][:MAX_PATTERNS]

    def __contains__(self, path: str) -> bool:
        """Whether a path, written with slashes from the context's root, is left out."""
        parts = path.split("/")
        return next((not rule.takes_back for rule in reversed(self._rules) if rule.fits(parts)), False)

    def remove_from(self, context: Path) -> int:
        """Remove all files that are left out; gives their number."""
        if not self._rules:
            return 0
        files = [path for path in context.rglob("*") if path.is_symlink() or not path.is_dir()]
        left_out = [path for path in files if path.relative_to(context).as_posix() in self]
        for path in left_out:
            path.unlink()
        return len(left_out)


def _rule(line: str) -> _Rule:
    takes_back = line.startswith("!")
    pattern = posixpath.normpath("/" + line.removeprefix("!").strip())
    return _Rule(tuple(part for part in pattern.split("/") if part), takes_back)
