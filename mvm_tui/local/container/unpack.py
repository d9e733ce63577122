"""A zip from outside, unpacked: only plain files and folders, only below one folder, only so much.

Sizes are counted while bytes are written, for what an archive says of itself need not be true.
"""

from __future__ import annotations

import errno
import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from mvm_tui.local.container.errors import ARCHIVE_INVALID, DISK_FULL, BuildError
from mvm_tui.local.container.limits import Budget

# The end record of a zip (APPNOTE.TXT 4.3.16) and the comment that may follow it.
_END_MARK, _END_BYTES, _LONGEST_COMMENT = b"PK\5\6", 22, 65_535
# A list of 20,000 entries takes about 3 MB; one that is longer is not even read.
_LONGEST_LIST = 8 << 20
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
    if not parts and not entry.is_dir():
        raise _invalid("an entry has no name")
    return parts


def _refuse_long_list(file: BinaryIO) -> None:
    """Look at the end record alone: reading millions of entries would take all memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(_END_MARK)
    if 0 <= at <= len(tail) - _END_BYTES:
        (list_bytes,) = struct.unpack_from("<I", tail, at + 12)
        if list_bytes > _LONGEST_LIST:
            raise BuildError(DISK_FULL, "the archive's list of files is too long")
    file.seek(0)


def _invalid(text: str) -> BuildError:
    return BuildError(ARCHIVE_INVALID, text)
