"""What several S3 operations need: finding the bucket, keeping headers, checking bodies, and S3's errors."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

from mvm_tui.local.object_store import Blob, Bucket, StoreFull
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call

_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "StorageClass",
)
_CHECKSUMS = (
    "ChecksumCRC32",
    "ChecksumCRC32C",
    "ChecksumCRC64NVME",
    "ChecksumSHA1",
    "ChecksumSHA256",
    "ChecksumSHA512",
    "ChecksumMD5",
)
# Those the standard library can compute; the others are taken as given.
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "ContentMD5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "ChecksumMD5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "ChecksumCRC32": lambda body: zlib.crc32(body).to_bytes(4),
    "ChecksumSHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "ChecksumSHA256": lambda body: hashlib.sha256(body).digest(),
    "ChecksumSHA512": lambda body: hashlib.sha512(body).digest(),
}
_DIGEST_NAMES = {"ContentMD5": "Content-MD5", "ChecksumMD5": "MD5"}


def s3_error(code: str, status: int, message: str, **members: object) -> ServiceError:
    """An S3 error; `members` stand beside its text, such as ``BucketName``."""
    return ServiceError(code, status, message, members, message_member="Message")


def bucket_of(call: Call) -> Bucket:
    """The bucket the request names. Raises ServiceError when there is none, or it is not the caller's."""
    name = call.params["Bucket"]
    bucket = call.cloud.objects.buckets.get(name)
    if bucket is None:
        raise s3_error("NoSuchBucket", 404, "The specified bucket does not exist", BucketName=name)
    if call.params.get("ExpectedBucketOwner", call.region.account) != call.region.account:
        raise s3_error("AccessDenied", 403, "Access Denied")
    return bucket


def kept_headers(params: dict[str, Any]) -> dict[str, object]:
    """What a writing request says of the object that reading it gives back."""
    kept = {name: params[name] for name in _KEPT if name in params}
    # The signer's own encoding of the body in chunks is no property of the object.
    encodings = [item.strip() for item in str(kept.pop("ContentEncoding", "")).split(",")]
    rest = [item for item in encodings if item not in ("", "aws-chunked")]
    return kept | ({"ContentEncoding": ", ".join(rest)} if rest else {})


def checksums_of(params: dict[str, Any]) -> dict[str, str]:
    """The checksums a request carries, by member name."""
    return {name: params[name] for name in _CHECKSUMS if name in params}


async def stored_body(call: Call) -> Blob:
    """The request's body in a file, after its digests were compared. Raises ServiceError."""
    for name, digest in _DIGESTS.items():
        if name in call.params:
            _check_digest(name, call.params[name], digest, call.body)
    try:
        return await asyncio.to_thread(call.cloud.objects.write, call.body)
    except StoreFull:
        raise s3_error("EntityTooLarge", 400, "The local cloud's object store is full") from None


def _check_digest(name: str, given: str, digest: Callable[[bytes], bytes], body: bytes) -> None:
    try:
        wanted = base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        raise s3_error("InvalidDigest", 400, "The digest you specified was invalid.") from None
    if digest(body) != wanted:
        shown = _DIGEST_NAMES.get(name, name.removeprefix("Checksum"))
        raise s3_error("BadDigest", 400, f"The {shown} you specified did not match the calculated checksum.")
