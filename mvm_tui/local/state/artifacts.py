"""The code artifact of a build: which object it names, and why the service would refuse it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mvm_tui.local.object_store import ObjectStore, StoredObject

# The documented `stateReason` codes of a build.
NO_SUCH_BUCKET = "S3_NO_SUCH_BUCKET"
NO_SUCH_KEY = "S3_NO_SUCH_KEY"
INVALID_OBJECT = "S3_INVALID_OBJECT"
CROSS_REGION = "S3_CROSS_REGION_ACCESS_DENIED"
ARCHIVE_INVALID = "ARCHIVE_INVALID"
NO_DOCKERFILE = "ARCHIVE_DOCKERFILE_NOT_FOUND"

_URI = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)")
_DOCKERFILE_BYTES = 64 * 1024
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, zlib.error, EOFError)
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def split_uri(uri: str) -> tuple[str, str] | None:
    """Bucket and key of ``s3://bucket/key``; None for anything else."""
    match = _URI.fullmatch(uri)
    return (match["bucket"], match["key"]) if match else None


def artifact_problem(objects: ObjectStore, uri: str, region: str) -> str | None:
    """The reason why a build from this artifact fails, as the service's code, or None.

    The object is really read: it must be a zip with a Dockerfile at its root.
    """
    place = split_uri(uri)
    bucket = objects.buckets.get(place[0]) if place else None
    if place is None or bucket is None:
        return NO_SUCH_BUCKET
    if bucket.region != region:
        return CROSS_REGION
    held = bucket.objects.get(place[1])
    if held is None:
        return NO_SUCH_KEY
    if held.headers.get("StorageClass") in _ARCHIVED:
        return INVALID_OBJECT
    return _archive_problem(held)


def dockerfile_in(objects: ObjectStore, uri: str) -> str | None:
    """The Dockerfile of an artifact without a problem; None where none can be read."""
    place = split_uri(uri)
    bucket = objects.buckets.get(place[0]) if place else None
    held = bucket.objects.get(place[1]) if place and bucket else None
    if held is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(held.read())) as archive:
            name = next(name for name in archive.namelist() if name.removeprefix("./") == "Dockerfile")
            with archive.open(name) as file:
                return file.read(_DOCKERFILE_BYTES).decode("utf-8", "replace")
    except (*_UNREADABLE, StopIteration, RuntimeError):
        return None


def _archive_problem(held: StoredObject) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(held.read())) as archive:
            names = {name.removeprefix("./") for name in archive.namelist()}
    except _UNREADABLE:
        return ARCHIVE_INVALID
    return None if "Dockerfile" in names else NO_DOCKERFILE
