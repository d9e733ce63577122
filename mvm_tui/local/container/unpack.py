"""A zip from outside, unpacked: only plain files and folders, only below one folder, only so much.

Sizes are counted while bytes are written, for what an archive says of itself need not be true.
"""

from __future__ import annotations

import errno
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mvm_tui.local.container.errors import ARCHIVE_INVALID, DISK_FULL, BuildError
from mvm_tui.local.container.limits import Budget

# The end record of a zip (APPNOTE.TXT 4.3.16) and the comment that may follow it.
_END, _END_BYTES, _LONGEST_COMMENT = re.compile(rb"(?=PK\x05\x06)"), 22, 65_535
# A list of 20,000 entries takes about 3 MB; one that is longer is not even read.
_LONGEST_LIST = 8 << 20
# The record that holds the same in 64 bits, and the pointer to it that stands before the end record
# (APPNOTE.TXT 4.3.14 and 4.3.15).
_LARGE_MARK, _LARGE_BYTES = b"PK\6\6", 56
_POINTER_MARK, _POINTER_BYTES = b"PK\6\7", 20
# Folders in folders; all of a system's limit of 4,096 characters would make any walk through them fail.
_DEEPEST = 100
_CHUNK_BYTES = 1 << 18


def unpack(file: BinaryIO, folder: Path, budget: Budget) -> None:
    """Unpack into a folder that exists and is empty. Modes keep their permission bits and nothing else.

    Raises:
        BuildError: ARCHIVE_INVALID for what is no zip, is damaged or encrypted, or has an entry that is
            absolute, contains ``..``, or is neither file nor folder; DISK_STORAGE_FULL beyond the limits.
    """
    _refuse_long_list(file)
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                budget.add_file()
                _unpack_one(archive, entry, folder, budget)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError) as problem:
        raise _invalid(f"not a zip that can be read: {problem}") from problem
    except (OSError, RuntimeError) as problem:
        if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
            raise BuildError(DISK_FULL, "the disk is full") from problem
        raise _invalid(f"cannot be unpacked: {problem}") from problem


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, budget: Budget) -> None:
    path = folder.joinpath(*_parts(entry))
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            budget.add_bytes(len(chunk))
            target.write(chunk)
    mode = entry.external_attr >> 16
    path.chmod(mode & 0o755 | 0o600 if mode else 0o644)


def _parts(entry: zipfile.ZipInfo) -> list[str]:
    """The entry's path, piece by piece. Raises BuildError where it leads outside or is no file or folder."""
    name = entry.filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _invalid(f"{name!r} is a link, a device or another special file")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\\" in name:
        raise _invalid(f"{name!r} leads outside, or is written with backslashes")
    if not parts and not name.endswith("/"):
        raise _invalid("an entry has no name")
    if len(parts) > _DEEPEST:
        raise _invalid(f"{name[:40]!r}… is more than {_DEEPEST} folders deep")
    return parts


def _refuse_long_list(file: BinaryIO) -> None:
    """Look at the end records alone: reading millions of entries would take all memory."""
    size = file.seek(0, 2)
    start = max(0, size - _END_BYTES - _LONGEST_COMMENT - _POINTER_BYTES)
    file.seek(start)
    tail = file.read()
    if any(length > _LONGEST_LIST for length in _list_lengths(file, tail)):
        raise BuildError(DISK_FULL, "the archive's list of files is too long")
    file.seek(0)


def _list_lengths(file: BinaryIO, tail: bytes) -> Iterator[int]:
    """The bytes of the list, by all records that a reader may take for the end's."""
    for found in _END.finditer(tail):
        at = found.start()
        if at + _END_BYTES > len(tail):
            continue
        (length,) = struct.unpack_from("<I", tail, at + 12)
        yield length
        if tail[max(at - _POINTER_BYTES, 0) : at].startswith(_POINTER_MARK):
            (place,) = struct.unpack_from("<Q", tail, at - _POINTER_BYTES + 8)
            yield from _large_length(file, place)


def _large_length(file: BinaryIO, place: int) -> Iterator[int]:
    if place >= 1 << 62:
        return
    file.seek(place)
    record = file.read(_LARGE_BYTES)
    if record.startswith(_LARGE_MARK) and len(record) == _LARGE_BYTES:
        yield struct.unpack_from("<Q", record, 40)[0]


def _invalid(text: str) -> BuildError:
    return BuildError(ARCHIVE_INVALID, text)
