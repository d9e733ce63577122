"""What of a folder goes into a build: everything in it that its ``.dockerignore`` does not leave out.

The last pattern that matches holds. A folder that holds nothing goes along as such, as Docker sends it: a
COPY may name it.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from mvm_tui.builds.ignore import patterns
from mvm_tui.model.errors import Invalid
from mvm_tui.model.text import clean

IGNORE_FILE = ".dockerignore"
DOCKERFILE = "Dockerfile"
_LARGEST_IGNORE_FILE = 1 << 20
# Deeper than this no folder is gone into.
_DEEPEST = 100
# What no name may hold: control characters, halves of pairs (bytes that are no UTF-8), ends of lines.
_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the zip with ``/``, where it is read from, its size in bytes, whether it runs.

    A folder that holds nothing is one too; its name ends with a slash.
    """

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
        return patterns(text.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise Invalid(f"{IGNORE_FILE} cannot be understood.", clean(error)) from None


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
        """The files below a folder, or itself if it holds none; `above` is how the patterns match it."""
        empty = True
        with os.scandir(self._folder / below) as found:
            items = sorted(found, key=lambda item: item.name)
        for item in items:
            name = f"{below}/{item.name}" if below else item.name
            matched = self._match(name, above)
            for entry in self._of(item, name, matched):
                empty = False
                yield entry
        if empty and below and not self._left_out(below, above):
            yield Entry(f"{below}/", self._folder / below, 0, True)

    def _of(self, item: os.DirEntry[str], name: str, matched: _Matched) -> Iterator[Entry]:
        if item.is_dir(follow_symlinks=False):
            yield from self._of_folder(name, matched)
        elif self._left_out(name, matched):
            self.ignored += 1
        elif (entry := self._file(name, Path(item.path))) is not None:
            yield entry

    def _of_folder(self, name: str, matched: _Matched) -> Iterator[Entry]:
        """A folder that is left out may hold exceptions: it is gone through if there are any."""
        if self._left_out(name, matched) and not self._has_exceptions:
            self.ignored += 1
        elif name.count("/") >= _DEEPEST:
            self.unusable.append((name, "it is too many folders deep"))
        elif self._safe(name):
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

    def _safe(self, name: str) -> bool:
        """Whether a zip can carry a name; one that it cannot is told as unusable."""
        if "\\" not in name and _UNSAFE.isdisjoint(map(unicodedata.category, name)):
            return True
        self.unusable.append((name, "its name holds characters that a zip cannot carry safely"))
        return False

    def _file(self, name: str, path: Path) -> Entry | None:
        """A file, or what a link to a file of this folder leads to. Anything else is told as unusable."""
        if not self._safe(name):
            return None
        if path.is_symlink() and not self._leads_to_a_file(path):
            self.unusable.append((name, "it is a link to a folder, out of this folder, or to nothing"))
            return None
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            self.unusable.append((name, "it is no ordinary file"))
            return None
        return Entry(name, path, status.st_size, bool(status.st_mode & stat.S_IXUSR))
