"""What of a folder goes into a build: everything in it that its ``.dockerignore`` does not leave out.

The patterns are Docker's (docs.docker.com/build/concepts/context): relative to the folder's root, ``*``
within one name, ``**`` over any number of them, ``!`` for exceptions, the last pattern that matches holds.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from mvm_tui.model.errors import Invalid
from mvm_tui.model.text import clean

IGNORE_FILE = ".dockerignore"
DOCKERFILE = "Dockerfile"
_LARGEST_IGNORE_FILE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the zip with ``/``, where it is read from, its size in bytes, whether it runs."""

    name: str
    path: Path
    size: int
    executable: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What a zip will hold.

    Attributes:
        entries: Its files, by name.
        ignored: Files and folders that the patterns leave out; what is in a folder left out is not counted.
        unusable: Paths that no zip for the service can hold, and why.
    """

    folder: Path
    entries: tuple[Entry, ...]
    ignored: int
    unusable: tuple[tuple[str, str], ...]

    @property
    def bytes(self) -> int:
        """Of all files, before they are packed."""
        return sum(entry.size for entry in self.entries)

    def entry(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.name == name), None)


def read_folder(folder: Path) -> Contents:
    """Look through a folder.

    Raises:
        Invalid: It is none, cannot be read, or its ``.dockerignore`` cannot.
    """
    if not folder.is_dir():
        raise Invalid(f"{clean(folder)} is no folder.", fix="Name the folder that the Dockerfile is in.")
    walk = _Walk(folder, _patterns(folder))
    try:
        entries = tuple(sorted(walk.entries(), key=lambda entry: entry.name))
    except OSError as error:
        raise Invalid(f"{clean(error.filename)} cannot be read.", error.strerror or "") from None
    return Contents(folder, entries, walk.ignored, tuple(walk.unusable))


def _patterns(folder: Path) -> Sequence[pathspec.Pattern]:
    file = folder / IGNORE_FILE
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST_IGNORE_FILE + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise Invalid(f"{IGNORE_FILE} cannot be read.", error.strerror or "") from None
    if len(text) > _LARGEST_IGNORE_FILE:
        raise Invalid(f"{IGNORE_FILE} has over a megabyte.", fix="Write fewer patterns.")
    try:
        lines = [rooted(line) for line in text.decode("utf-8-sig").splitlines()]
        found = pathspec.PathSpec.from_lines("gitignore", [line for line in lines if line])
        return [pattern for pattern in found.patterns if pattern.include is not None]
    except (UnicodeDecodeError, ValueError) as error:
        raise Invalid(f"{IGNORE_FILE} cannot be understood.", clean(error)) from None


def rooted(line: str) -> str:
    """A pattern of Docker's in the words of gitignore, whose patterns without a slash hold at any depth."""
    pattern = line.strip()
    if not pattern or line.startswith("#"):
        return ""
    exception = "!" if pattern.startswith("!") else ""
    bare = pattern.removeprefix("!").strip().strip("/")
    while bare.startswith("./"):
        bare = bare[2:]
    return f"{exception}/{bare}" if bare not in ("", ".") else ""


# For each pattern in its order, whether it matches a path or a folder above it.
_Matched = tuple[bool, ...]


class _Walk:
    """Goes through a folder and sorts what it finds."""

    def __init__(self, folder: Path, patterns: Sequence[pathspec.Pattern]) -> None:
        self._folder = folder
        self._patterns = patterns
        self._root = folder.resolve()
        self._has_exceptions = any(pattern.include is False for pattern in patterns)
        self.ignored = 0
        self.unusable: list[tuple[str, str]] = []

    def entries(self, below: str = "", above: _Matched = ()) -> Iterator[Entry]:
        """The files below a folder; `above` is how the patterns match that folder."""
        with os.scandir(self._folder / below) as found:
            items = sorted(found, key=lambda item: item.name)
        for item in items:
            name = f"{below}/{item.name}" if below else item.name
            matched = self._match(name, above)
            if item.is_dir(follow_symlinks=False):
                yield from self._of_folder(name, matched)
            elif self._left_out(name, matched):
                self.ignored += 1
            else:
                entry = self._file(name, Path(item.path))
                if entry is not None:
                    yield entry

    def _of_folder(self, name: str, matched: _Matched) -> Iterator[Entry]:
        """A folder that is left out may hold exceptions: it is gone through if there are any."""
        if self._left_out(name, matched) and not self._has_exceptions:
            self.ignored += 1
            return
        yield from self.entries(name, matched)

    def _match(self, name: str, above: _Matched) -> _Matched:
        """A pattern that matches a folder matches all that is in it, as in Docker's own matcher."""
        inherited = above or (False,) * len(self._patterns)
        return tuple(
            held or pattern.match_file(name) is not None
            for pattern, held in zip(self._patterns, inherited, strict=True)
        )

    def _left_out(self, name: str, matched: _Matched) -> bool:
        # The Dockerfile goes to the builder whatever the patterns say, as Docker sends it.
        if name == DOCKERFILE:
            return False
        last = next((at for at in range(len(matched) - 1, -1, -1) if matched[at]), None)
        return last is not None and bool(self._patterns[last].include)

    def _leads_to_a_file(self, link: Path) -> bool:
        """Whether a link ends at a file of this folder."""
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):
            # RuntimeError is how Python before 3.13 tells of links in a circle.
            return False
        return target.is_file() and target.is_relative_to(self._root)

    def _file(self, name: str, path: Path) -> Entry | None:
        """A file, or what a link to a file of this folder leads to. Anything else is told as unusable."""
        if not name.isprintable() or "\\" in name:
            self.unusable.append((name, "its name holds characters that a zip cannot carry safely"))
            return None
        if path.is_symlink() and not self._leads_to_a_file(path):
            self.unusable.append((name, "it is a link to a folder, out of this folder, or to nothing"))
            return None
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            self.unusable.append((name, "it is no ordinary file"))
            return None
        return Entry(name, path, status.st_size, bool(status.st_mode & stat.S_IXUSR))
