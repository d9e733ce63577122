"""COPY and ADD: what of a context goes where below a container's root, and never outside of either."""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mvm_tui.local.container.app import place
from mvm_tui.local.container.errors import broken
from mvm_tui.local.container.limits import Budget
from mvm_tui.local.container.patterns import fits

_WILD = frozenset("*?[")
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Copying:
    """Copies from `context` to below `root`. `workdir` is what a relative destination starts from.

    :param extract: unpack tar archives, as ADD does.
    """

    context: Path
    root: Path
    workdir: str
    budget: Budget
    chmod: int | None = None
    extract: bool = False

    def copy(self, sources: Sequence[str], destination: str) -> None:
        """Copy files, and the content of folders.

        Raises:
            BuildError: a source is not there, or the destination cannot hold them.
        """
        found = [match for source in sources for match in self._matches(source)]
        path = posixpath.normpath(posixpath.join(self.workdir, destination))
        into = destination.endswith(("/", "/.")) or destination == "." or place(self.root, path).is_dir()
        if len(found) > 1 and not into:
            raise broken(
                f"several files are copied, so the destination {destination!r} must end with a slash"
            )
        for match in found:
            self._copy_one(match, path, into)

    def write(self, name: str, body: str, destination: str) -> None:
        """A here-document as a file."""
        path = posixpath.normpath(posixpath.join(self.workdir, destination))
        if destination.endswith("/"):
            path = posixpath.join(path, name)
        target = self._target(path)
        self.budget.add_file()
        self.budget.add_bytes(len(body.encode()))
        _clear(target)
        target.write_text(body, encoding="utf-8")
        target.chmod(self.chmod or 0o644)

    def _matches(self, source: str) -> list[Path]:
        """What a source names; a path that climbs out of the context starts at its root again."""
        parts = [part for part in posixpath.normpath("/" + source).split("/") if part]
        found = sorted(_match(self.context, parts))
        if not found:
            raise broken(f'"/{"/".join(parts)}" is not in the archive')
        return found

    def _copy_one(self, source: Path, path: str, into: bool) -> None:
        if _is_folder(source):
            target = self._folder(place(self.root, path))
            self._copy_content(source, target)
        elif self.extract and _is_tar(source):
            self._extract(source, path)
        else:
            self._copy_file(source, self._target(posixpath.join(path, source.name) if into else path))

    def _copy_content(self, source: Path, target: Path) -> None:
        with os.scandir(source) as entries:
            for entry in entries:
                inner = target / entry.name
                if entry.is_dir(follow_symlinks=False):
                    self._copy_content(Path(entry.path), self._folder(inner))
                else:
                    self._copy_file(Path(entry.path), inner)

    def _copy_file(self, source: Path, target: Path) -> None:
        self.budget.add_file()
        _clear(target)
        if source.is_symlink():
            target.symlink_to(source.readlink())
            return
        mode = source.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise broken(f"{source.name!r} is no file that can be copied")
        self.budget.add_bytes(source.lstat().st_size)
        shutil.copyfile(source, target, follow_symlinks=False)
        target.chmod(self.chmod if self.chmod is not None else stat.S_IMODE(mode))

    def _extract(self, source: Path, path: str) -> None:
        """Unpack a tar archive: files, folders and links that stay inside it."""
        target = self._folder(place(self.root, path))
        try:
            with tarfile.open(source) as archive:
                for member in archive:
                    self.budget.add_file()
                    self.budget.add_bytes(member.size)
                    archive.extract(member, target, filter="data")
        except (tarfile.TarError, EOFError, OSError) as problem:
            raise broken(f"{source.name!r} cannot be unpacked: {problem}") from problem

    def _target(self, path: str) -> Path:
        """Where a file goes; its folder is made. A link of that name is replaced, not followed."""
        target = place(self.root, path)
        self._folder(target.parent)
        return target

    def _folder(self, path: Path) -> Path:
        """A folder below the root, made if it is not there; links on the way are looked through."""
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise broken(f"{path.name!r} leads outside of the image")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as problem:
            raise broken(f"{path.name!r} is in a file, where a folder is wanted") from problem
        return path


def _match(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """The files and folders below a folder that a pattern names, piece by piece; no links are followed."""
    if not parts:
        yield folder
        return
    first, *rest = parts
    if not _WILD & set(first):
        inner = folder / first
        if inner.is_symlink() or inner.exists():
            yield from _match(inner, rest)
        return
    if _is_folder(folder):
        for name in os.listdir(folder):  # noqa: PTH208 - names alone are wanted
            if fits(name, first):
                yield from _match(folder / name, rest)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_tar(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and tarfile.is_tarfile(path)


def _clear(target: Path) -> None:
    """A file that is there already goes first: what is written must not follow a link."""
    if target.is_symlink() or target.is_file():
        target.unlink()
    elif target.exists():
        raise broken(f"{target.name!r} is a folder, where a file is wanted")
