"""The zip of a folder: the same bytes for the same files, whenever and wherever it is made.

Names in order, one date, two modes, no owner; so the digest of the zip tells whether it was uploaded already.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mvm_tui.builds.folder import Contents, Entry
from mvm_tui.model.errors import Cancelled, Invalid, Unexpected
from mvm_tui.model.text import clean

# The earliest date that a zip can hold.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_CHUNK_BYTES = 1 << 20
# Fast rather than small: the way to S3 is usually quicker than deflate at its best.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip on disk: where, its size in bytes, and the SHA-256 of its bytes in hex."""

    path: Path
    size: int
    sha256: str


@contextmanager
def archived(
    contents: Contents,
    on_progress: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Archive]:
    """The zip of what a folder holds, in a file of the user's own that is gone afterwards.

    Takes constant memory. `on_progress` gets the bytes of files packed so far.

    Raises:
        Invalid: A file cannot be read, or changed while it was.
        Unexpected: The zip cannot be written.
        Cancelled: `cancelled` said so.
    """
    descriptor, name = tempfile.mkstemp(prefix="mvm-tui-", suffix=".zip")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            _write(file, contents, on_progress, cancelled)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, os.SEEK_END)
        yield Archive(path, size, digest)
    finally:
        path.unlink(missing_ok=True)


def _write(
    file: object, contents: Contents, on_progress: Callable[[int], None], cancelled: Callable[[], bool]
) -> None:
    done = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:  # type: ignore[call-overload]
        for entry in contents.entries:
            for piece in _added(archive, entry):
                done += piece
                on_progress(done)
                if cancelled():
                    raise Cancelled("The zip was not made: it was called off.")


def _added(archive: zipfile.ZipFile, entry: Entry) -> Iterator[int]:
    """Add one file piece by piece; gives the bytes of each."""
    if entry.name.endswith("/"):
        _add_folder(archive, entry.name)
        return
    info = zipfile.ZipInfo(entry.name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    mode = 0o755 if entry.executable else 0o644
    info.external_attr = (stat.S_IFREG | mode) << 16
    info.file_size = entry.size
    read, still = 0, True
    try:
        source = entry.path.open("rb")
    except OSError as error:
        raise Invalid(f"{clean(entry.name)} cannot be read.", error.strerror or "") from None
    try:
        with source, archive.open(info, "w") as target:
            before = os.fstat(source.fileno())
            while read <= entry.size and (chunk := source.read(_CHUNK_BYTES)):
                target.write(chunk)
                read += len(chunk)
                yield len(chunk)
            still = os.fstat(source.fileno()).st_mtime_ns == before.st_mtime_ns
    except OSError as error:
        fix = "See that there is room for it; TMPDIR names another folder."
        raise Unexpected("The zip could not be written.", error.strerror or "", fix) from None
    if read != entry.size or not still:
        raise Invalid(
            f"{clean(entry.name)} changed while it was read.", fix="Build again when it is at rest."
        )


def _add_folder(archive: zipfile.ZipFile, name: str) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFDIR | 0o755) << 16
    archive.writestr(info, b"")
