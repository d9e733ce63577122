"""S3, as far as a build needs it: buckets and objects."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from mvm_tui.local.object_store import Bucket, StoredObject
from mvm_tui.local.operations.cursors import decode_cursor, encode_cursor
from mvm_tui.local.operations.s3_requests import bucket_of, checksums_of, kept_headers, s3_error, stored_body
from mvm_tui.local.wire.operations import Call, Reply, operation
from mvm_tui.local.wire.xml import tag

_BUCKET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")
_MAX_KEYS = 1000
# The region whose location constraint is the empty one (API reference, GetBucketLocation).
_FIRST_REGION = "us-east-1"
_NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@operation("s3", "CreateBucket")
async def create_bucket(call: Call) -> dict[str, Any]:
    name = call.params["Bucket"]
    if not _BUCKET_NAME.fullmatch(name):
        raise s3_error("InvalidBucketName", 400, "The specified bucket is not valid.", BucketName=name)
    region = call.region.name
    constraint = call.params.get("CreateBucketConfiguration", {}).get("LocationConstraint", _FIRST_REGION)
    if constraint != region:
        shown = "unspecified" if constraint == _FIRST_REGION else constraint
        raise s3_error(
            "IllegalLocationConstraintException",
            400,
            f"The {shown} location constraint is incompatible for the region specific endpoint this request "
            "was sent to.",
        )
    buckets = call.cloud.objects.buckets
    if name in buckets and region != _FIRST_REGION:
        raise s3_error(
            "BucketAlreadyOwnedByYou",
            409,
            "Your previous request to create the named bucket succeeded and you already own it.",
            BucketName=name,
        )
    buckets.setdefault(name, Bucket(name, region, call.cloud.timing.now()))
    return {"Location": f"/{name}"}


@operation("s3", "HeadBucket")
async def head_bucket(call: Call) -> dict[str, Any]:
    return {"BucketRegion": bucket_of(call).region}


@operation("s3", "GetBucketLocation")
async def get_bucket_location(call: Call) -> Reply:
    region = bucket_of(call).region
    # The one answer whose root element is itself the value: no model describes it.
    body = tag("LocationConstraint", "" if region == _FIRST_REGION else region, _NAMESPACE)
    return Reply(body.encode(), headers={"Content-Type": "application/xml"})


@operation("s3", "ListBuckets")
async def list_buckets(call: Call) -> dict[str, Any]:
    buckets = sorted(call.cloud.objects.buckets.values(), key=lambda bucket: bucket.name)
    return {
        "Buckets": [
            {"Name": bucket.name, "CreationDate": bucket.created, "BucketRegion": bucket.region}
            for bucket in buckets
            if bucket.name.startswith(call.params.get("Prefix", ""))
        ],
        "Owner": {"ID": call.region.account},
    }


@operation("s3", "PutObject")
async def put_object(call: Call) -> dict[str, Any]:
    bucket = bucket_of(call)
    key = call.params["Key"]
    if call.params.get("IfNoneMatch") == "*" and key in bucket.objects:
        raise s3_error(
            "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"
        )
    blob = await stored_body(call)
    checksums = checksums_of(call.params)
    now = call.cloud.timing.now()
    stored = StoredObject(key, (blob,), f'"{blob.md5.hex()}"', now, kept_headers(call.params), checksums)
    call.cloud.objects.put(bucket, stored)
    return {"ETag": stored.etag, **checksums}


@operation("s3", "GetObject")
async def get_object(call: Call) -> dict[str, Any] | Reply:
    stored = _object_of(call)
    described = _describe(call, stored)
    span = _range(call.params.get("Range"), stored.size)
    if span is None:
        return described | {"Body": await asyncio.to_thread(stored.read), "ContentLength": stored.size}
    start, end = span
    described |= {
        "Body": await asyncio.to_thread(stored.read, start, end),
        "ContentLength": end - start,
        "ContentRange": f"bytes {start}-{end - 1}/{stored.size}",
    }
    # A checksum of the whole object would not fit the part that is sent.
    return Reply(
        {name: value for name, value in described.items() if name not in stored.checksums}, status=206
    )


@operation("s3", "HeadObject")
async def head_object(call: Call) -> dict[str, Any]:
    stored = _object_of(call)
    return _describe(call, stored) | {"ContentLength": stored.size}


@operation("s3", "DeleteObject")
async def delete_object(call: Call) -> dict[str, Any]:
    call.cloud.objects.delete(bucket_of(call), call.params["Key"])
    return {}


@operation("s3", "ListObjectsV2")
async def list_objects_v2(call: Call) -> dict[str, Any]:
    params = call.params
    bucket = bucket_of(call)
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    limit = min(params.get("MaxKeys", _MAX_KEYS), _MAX_KEYS)
    after = decode_cursor(params["ContinuationToken"]) if "ContinuationToken" in params else None
    if after is None and "ContinuationToken" in params:
        raise s3_error("InvalidArgument", 400, "The continuation token provided is incorrect")
    after = params.get("StartAfter", "") if after is None else after
    names = [name for name in _listed(sorted(bucket.objects), prefix, delimiter) if name > after]
    page = names[:limit]
    shown = _shown_as(params.get("EncodingType"))
    answer: dict[str, Any] = {
        "Name": bucket.name,
        "Prefix": shown(prefix),
        "KeyCount": len(page),
        "MaxKeys": limit,
        "IsTruncated": len(names) > limit,
        "Contents": [
            {**_item(bucket.objects[name]), "Key": shown(name)} for name in page if name in bucket.objects
        ],
        "CommonPrefixes": [{"Prefix": shown(name)} for name in page if name not in bucket.objects],
    }
    if delimiter:
        answer["Delimiter"] = shown(delimiter)
    for name in ("EncodingType", "ContinuationToken", "StartAfter"):
        if name in params:
            answer[name] = params[name]
    if len(names) > limit > 0:
        answer["NextContinuationToken"] = encode_cursor(page[-1])
    return answer


def _listed(keys: Iterable[str], prefix: str, delimiter: str) -> Iterable[str]:
    """The keys under a prefix, those that go on past a delimiter folded into one name that ends with it."""
    folded: dict[str, None] = {}
    for key in keys:
        if key.startswith(prefix):
            place = key.find(delimiter, len(prefix)) if delimiter else -1
            folded[key if place < 0 else key[: place + len(delimiter)]] = None
    return folded


def _shown_as(encoding: str | None) -> Any:
    return quote if encoding == "url" else str


def _item(stored: StoredObject) -> dict[str, Any]:
    return {
        "LastModified": stored.modified,
        "ETag": stored.etag,
        "Size": stored.size,
        "StorageClass": stored.headers.get("StorageClass", "STANDARD"),
    }


def _object_of(call: Call) -> StoredObject:
    bucket = bucket_of(call)
    key = call.params["Key"]
    stored = bucket.objects.get(key)
    if stored is None:
        raise s3_error("NoSuchKey", 404, "The specified key does not exist.", Key=key)
    return stored


def _describe(call: Call, stored: StoredObject) -> dict[str, Any]:
    described: dict[str, Any] = {
        "ContentType": "binary/octet-stream",
        **stored.headers,
        "ETag": stored.etag,
        "LastModified": stored.modified,
        "AcceptRanges": "bytes",
    }
    if call.params.get("ChecksumMode") == "ENABLED":
        described |= stored.checksums
    return described


def _range(text: str | None, size: int) -> tuple[int, int] | None:
    """The start and the end (exclusive) a Range header asks for; None when it is to be ignored."""
    found = _RANGE.fullmatch(text or "")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(size - int(found[2]), 0), size
    else:
        start = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
    if start >= end:
        raise s3_error("InvalidRange", 416, "The requested range is not satisfiable", RangeRequested=text)
    return start, end
