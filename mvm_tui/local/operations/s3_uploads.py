"""S3 multipart uploads."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mvm_tui.local.object_store import Part, Upload
from mvm_tui.local.operations.s3_requests import bucket_of, checksums_of, kept_headers, s3_error, stored_body
from mvm_tui.local.wire.operations import Call, operation

# Every part but the last has at least this many bytes (user guide, multipart upload limits).
_LEAST_PART = 5 << 20
_PARTS_PAGE = 1000
_UPLOADS_PAGE = 1000
_MOST_PARTS = 10_000


@operation("s3", "CreateMultipartUpload")
async def create_multipart_upload(call: Call) -> dict[str, Any]:
    bucket = bucket_of(call)
    key = call.params["Key"]
    upload = Upload(secrets.token_urlsafe(48), key, call.cloud.timing.now(), kept_headers(call.params))
    bucket.uploads[upload.id] = upload
    answer: dict[str, Any] = {"Bucket": bucket.name, "Key": key, "UploadId": upload.id}
    asked = {name: call.params[name] for name in ("ChecksumAlgorithm", "ChecksumType") if name in call.params}
    return answer | asked


@operation("s3", "UploadPart")
async def upload_part(call: Call) -> dict[str, Any]:
    upload = _upload_of(call)
    number = call.params["PartNumber"]
    if not 1 <= number <= _MOST_PARTS:
        raise s3_error(
            "InvalidArgument", 400, f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive"
        )
    part = Part(await stored_body(call), call.cloud.timing.now(), checksums_of(call.params))
    call.cloud.objects.put_part(upload, number, part)
    return {"ETag": part.etag, **part.checksums}


@operation("s3", "CompleteMultipartUpload")
async def complete_multipart_upload(call: Call) -> dict[str, Any]:
    upload = _upload_of(call)
    bucket = bucket_of(call)
    named = call.params.get("MultipartUpload", {}).get("Parts", [])
    numbers = _checked_parts(upload, named)
    stored = call.cloud.objects.complete(bucket, upload, numbers, call.cloud.timing.now())
    location = f"/{bucket.name}/{upload.key}"
    return {"Location": location, "Bucket": bucket.name, "Key": upload.key, "ETag": stored.etag}


@operation("s3", "AbortMultipartUpload")
async def abort_multipart_upload(call: Call) -> dict[str, Any]:
    upload = _upload_of(call)
    call.cloud.objects.abort(bucket_of(call), upload)
    return {}


@operation("s3", "ListMultipartUploads")
async def list_multipart_uploads(call: Call) -> dict[str, Any]:
    bucket = bucket_of(call)
    prefix = call.params.get("Prefix", "")
    begun = sorted(
        (upload for upload in bucket.uploads.values() if upload.key.startswith(prefix)),
        key=lambda upload: (upload.key, upload.started),
    )
    page = begun[:_UPLOADS_PAGE]
    return {
        "Bucket": bucket.name,
        "Prefix": prefix,
        "MaxUploads": _UPLOADS_PAGE,
        "IsTruncated": len(begun) > len(page),
        "Uploads": [
            {
                "Key": upload.key,
                "UploadId": upload.id,
                "Initiated": upload.started,
                "StorageClass": "STANDARD",
            }
            for upload in page
        ],
    }


@operation("s3", "ListParts")
async def list_parts(call: Call) -> dict[str, Any]:
    upload = _upload_of(call)
    marker = call.params.get("PartNumberMarker", 0)
    limit = min(call.params.get("MaxParts", _PARTS_PAGE), _PARTS_PAGE)
    parts = sorted((number, part) for number, part in upload.parts.items() if number > int(marker))
    page = parts[:limit]
    return {
        "Bucket": call.params["Bucket"],
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1][0] if page else marker,
        "MaxParts": limit,
        "IsTruncated": len(parts) > limit,
        "Parts": [_describe(number, part) for number, part in page],
        "StorageClass": "STANDARD",
    }


def _describe(number: int, part: Part) -> dict[str, Any]:
    size = part.blob.size
    return {
        "PartNumber": number,
        "LastModified": part.modified,
        "ETag": part.etag,
        "Size": size,
        **part.checksums,
    }


def _upload_of(call: Call) -> Upload:
    upload = bucket_of(call).uploads.get(call.params["UploadId"])
    if upload is None or upload.key != call.params["Key"]:
        raise s3_error(
            "NoSuchUpload",
            404,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
            "aborted or completed.",
            UploadId=call.params["UploadId"],
        )
    return upload


def _checked_parts(upload: Upload, named: Sequence[dict[str, Any]]) -> list[int]:
    """The numbers of the parts to join, in their order. Raises ServiceError."""
    numbers = [part.get("PartNumber", 0) for part in named]
    if not numbers:
        raise s3_error("MalformedXML", 400, "The XML you provided was not well-formed.")
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise s3_error("InvalidPartOrder", 400, "The list of parts was not in ascending order.")
    for part in named:
        held = upload.parts.get(part.get("PartNumber", 0))
        if held is None or held.etag.strip('"') != part.get("ETag", "").strip('"'):
            raise s3_error("InvalidPart", 400, "One or more of the specified parts could not be found.")
    if any(upload.parts[number].blob.size < _LEAST_PART for number in numbers[:-1]):
        raise s3_error(
            "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed object size."
        )
    return numbers
