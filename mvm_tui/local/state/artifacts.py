"""The code artifact of a build: which object it names, and why the service would refuse it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mvm_tui.local.container.errors import BuildError

if TYPE_CHECKING:
    from mvm_tui.local.object_store import ObjectStore, StoredObject

# The documented `stateReason` codes of a build.
NO_SUCH_BUCKET = "S3_NO_SUCH_BUCKET"
NO_SUCH_KEY = "S3_NO_SUCH_KEY"
INVALID_OBJECT = "S3_INVALID_OBJECT"
CROSS_REGION = "S3_CROSS_REGION_ACCESS_DENIED"

_URI = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)")
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def split_uri(uri: str) -> tuple[str, str] | None:
    """Bucket and key of ``s3://bucket/key``; None for anything else."""
    match = _URI.fullmatch(uri)
    return (match["bucket"], match["key"]) if match else None


def find_artifact(objects: ObjectStore, uri: str, region: str) -> StoredObject:
    """The object that a build starts from.

    Raises:
        BuildError: with the service's code, where it cannot be read from this region.
    """
    place = split_uri(uri)
    bucket = objects.buckets.get(place[0]) if place else None
    if place is None or bucket is None:
        raise BuildError(NO_SUCH_BUCKET, f"there is no bucket for {uri}")
    if bucket.region != region:
        raise BuildError(CROSS_REGION, f"the bucket of {uri} is in {bucket.region}")
    held = bucket.objects.get(place[1])
    if held is None:
        raise BuildError(NO_SUCH_KEY, f"there is no {uri}")
    if held.headers.get("StorageClass") in _ARCHIVED:
        raise BuildError(INVALID_OBJECT, f"{uri} is archived")
    return held
