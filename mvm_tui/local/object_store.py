"""Buckets and their objects: metadata in memory, bytes in files of the run's own folder.

File names are random, so no bucket or key can name a path. An object that was uploaded in parts stays in its
parts' files: completing it copies nothing.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO


class StoreFull(Exception):
    """The bytes do not fit into what the store may hold."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in a file."""

    path: Path
    size: int
    md5: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an upload; `checksums` by member name (``ChecksumCRC32``), as the client gave them."""

    blob: Blob
    modified: datetime
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """The service's entity tag, quotes included: the MD5 of the bytes."""
        return f'"{self.blob.md5.hex()}"'


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object. `headers` are the members of PutObject that reading gives back (``ContentType``, ...)."""

    key: str
    blobs: tuple[Blob, ...]
    etag: str
    modified: datetime
    headers: Mapping[str, object] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(blob.size for blob in self.blobs)

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from `start` to before `end` (all by default)."""
        end = self.size if end is None else end
        pieces: list[bytes] = []
        for blob in self.blobs:
            if start < blob.size and end > 0:
                with blob.path.open("rb") as file:
                    file.seek(max(start, 0))
                    pieces.append(file.read(min(end, blob.size) - max(start, 0)))
            start -= blob.size
            end -= blob.size
        return b"".join(pieces)

    def open(self) -> BinaryIO:
        """The bytes as a file that can be read anywhere, without taking them into memory."""
        return io.BufferedReader(_Reader(self))


class _Reader(io.RawIOBase):
    """A position in an object."""

    def __init__(self, stored: StoredObject) -> None:
        self._stored = stored
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.size}[whence]
        if start + offset < 0:
            raise ValueError("before the start of the object")
        self._at = start + offset
        return self._at

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        data = self._stored.read(self._at, self._at + len(room))
        room[: len(data)] = data
        self._at += len(data)
        return len(data)


@dataclass(slots=True)
class Upload:
    """A multipart upload in progress."""

    id: str
    key: str
    started: datetime
    headers: Mapping[str, object]
    parts: dict[int, Part] = field(default_factory=dict)


@dataclass(slots=True)
class Bucket:
    """A bucket, the region it was made in, its objects by key and its uploads by id."""

    name: str
    region: str
    created: datetime
    objects: dict[str, StoredObject] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)


class ObjectStore:
    """All buckets of the account. `folder` is made, with mode 0700, when the first bytes arrive."""

    def __init__(self, folder: Path, max_bytes: int = 2 << 30) -> None:
        self.buckets: dict[str, Bucket] = {}
        self._folder = folder
        self._max_bytes = max_bytes
        self._bytes = 0
        self._names = itertools.count()

    def write(self, body: bytes) -> Blob:
        """Put bytes into a new file. Raises StoreFull."""
        if self._bytes + len(body) > self._max_bytes:
            raise StoreFull
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{next(self._names)}-{secrets.token_hex(8)}"
        path.write_bytes(body)
        self._bytes += len(body)
        return Blob(path, len(body), hashlib.md5(body, usedforsecurity=False).digest())

    def put(self, bucket: Bucket, stored: StoredObject) -> None:
        """Make an object the one of its key; the files of the one before go."""
        self.delete(bucket, stored.key)
        bucket.objects[stored.key] = stored

    def delete(self, bucket: Bucket, key: str) -> None:
        """Forget an object; nothing happens when there is none."""
        stored = bucket.objects.pop(key, None)
        if stored is not None:
            self._discard(stored.blobs)

    def put_part(self, upload: Upload, number: int, part: Part) -> None:
        before = upload.parts.get(number)
        upload.parts[number] = part
        if before is not None:
            self._discard([before.blob])

    def complete(
        self, bucket: Bucket, upload: Upload, numbers: Iterable[int], when: datetime
    ) -> StoredObject:
        """Make an object of the named parts; the upload ends and its other parts go."""
        parts = [upload.parts.pop(number) for number in numbers]
        digest = hashlib.md5(b"".join(part.blob.md5 for part in parts), usedforsecurity=False).hexdigest()
        blobs = tuple(part.blob for part in parts)
        stored = StoredObject(upload.key, blobs, f'"{digest}-{len(parts)}"', when, upload.headers)
        self.abort(bucket, upload)
        self.put(bucket, stored)
        return stored

    def abort(self, bucket: Bucket, upload: Upload) -> None:
        """End an upload; the parts it still has go."""
        bucket.uploads.pop(upload.id, None)
        self._discard(part.blob for part in upload.parts.values())
        upload.parts.clear()

    def _discard(self, blobs: Iterable[Blob]) -> None:
        for blob in blobs:
            blob.path.unlink(missing_ok=True)
            self._bytes -= blob.size
