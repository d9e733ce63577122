"""Code artifacts in S3: the bucket, and uploads that go on where they stopped. Calls may raise Problem."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import text, whole
from mvm_tui.model.backoff import jittered
from mvm_tui.model.errors import Cancelled, Denied, Gone, Problem

_S3 = "s3"
# Parts of an upload have 5 MiB at least, and there may be 10,000 (S3 user guide, multipart upload limits).
PART_BYTES = 8 << 20
# Where in a bucket our artifacts are.
FOLDER = "mvm-tui"
_ATTEMPTS = 5
_DIGEST = "sha256"
# CreateBucket takes no location for this region, and must have one for all others (S3 API reference).
_FIRST_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An artifact in S3. `reused` is whether it was there already with the same bytes."""

    bucket: str
    key: str
    reused: bool = False

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to upload: its size in bytes and the SHA-256 of its bytes in hex."""

    path: Path
    size: int
    sha256: str


def default_bucket(account: str, region: str) -> str:
    """The bucket that is proposed where none is named: one for each account and region."""
    return f"mvm-tui-{account}-{region}"


def bucket_region(connection: Connection, bucket: str) -> str | None:
    """Where a bucket is; None if there is none of that name.

    Raises:
        Denied: It is there, and is somebody else's or not ours to look at.
    """
    try:
        with explained("HeadBucket"):
            answer = connection.client(_S3).head_bucket(Bucket=bucket)
    except Gone:
        return None
    except Problem as problem:
        # HEAD has no body: the code is the bare status.
        if problem.code in ("404", "NoSuchBucket"):
            return None
        if problem.code in ("403", "AccessDenied"):
            raise Denied(
                f"You may not use the bucket {bucket}.",
                "It is there, and is somebody else's, or your permissions do not reach it.",
                "Name another bucket, or ask for s3:ListBucket and s3:PutObject on it.",
                problem.code,
                "HeadBucket",
                problem.request_id,
            ) from None
        raise
    headers = (answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
    return text(answer, "BucketRegion") or text(headers, "x-amz-bucket-region") or connection.region


def create_bucket(connection: Connection, bucket: str) -> None:
    """Create a bucket in the connection's region, closed to the public as all new ones are."""
    place = {} if connection.region == _FIRST_REGION else {"LocationConstraint": connection.region}
    more = {"CreateBucketConfiguration": place} if place else {}
    with explained("CreateBucket"):
        connection.client(_S3).create_bucket(Bucket=bucket, **more)


def upload(
    connection: Connection,
    bucket: str,
    key: str,
    source: Source,
    on_progress: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Uploaded:
    """Put a file into a bucket, unless it is there already. Takes constant memory.

    A large one goes in parts: a part that fails is sent again, and parts of an earlier try stay sent.
    `on_progress` gets the bytes that are there so far.

    Raises:
        Cancelled: `cancelled` said so; what was sent stays for the next try.
    """
    if _is_there(connection, bucket, key, source):
        on_progress(source.size)
        return Uploaded(bucket, key, reused=True)
    sending = _Sending(connection, bucket, key, source, on_progress, cancelled)
    with source.path.open("rb") as file:
        if source.size <= PART_BYTES:
            sending.at_once(file)
        else:
            sending.in_parts(file)
    return Uploaded(bucket, key)


def _is_there(connection: Connection, bucket: str, key: str, source: Source) -> bool:
    try:
        with explained("HeadObject"):
            answer = connection.client(_S3).head_object(Bucket=bucket, Key=key)
    except Problem as problem:
        if isinstance(problem, Gone) or problem.code in ("404", "403", "NoSuchKey"):
            # Without the right to list, S3 says 403 of an object that is not there.
            return False
        raise
    kept = answer.get("Metadata") or {}
    return whole(answer, "ContentLength") == source.size and kept.get(_DIGEST) == source.sha256


@dataclass(slots=True)
class _Sending:
    """One upload under way."""

    connection: Connection
    bucket: str
    key: str
    source: Source
    on_progress: Callable[[int], None]
    cancelled: Callable[[], bool]

    @property
    def _where(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key}

    @property
    def _described(self) -> dict[str, Any]:
        return {"ContentType": "application/zip", "Metadata": {_DIGEST: self.source.sha256}}

    def at_once(self, file: BinaryIO) -> None:
        self._check()
        body = file.read()
        digest = base64.b64encode(bytes.fromhex(self.source.sha256)).decode()
        client = self.connection.client(_S3)
        self._persistently(
            "PutObject",
            lambda: client.put_object(**self._where, **self._described, Body=body, ChecksumSHA256=digest),
        )
        self.on_progress(self.source.size)

    def in_parts(self, file: BinaryIO) -> None:
        client = self.connection.client(_S3)
        upload_id, held = self._begun()
        parts = []
        done = 0
        for number, body in enumerate(_pieces(file), 1):
            self._check()
            digest = _digest(body)
            if digest in held.get(number, ()):
                etag = held[number][digest]
            else:
                etag = self._send_part(client, upload_id, number, body, digest)
            parts.append({"PartNumber": number, "ETag": etag, "ChecksumSHA256": digest})
            done += len(body)
            self.on_progress(done)
        self._persistently(
            "CompleteMultipartUpload",
            lambda: client.complete_multipart_upload(
                **self._where, UploadId=upload_id, MultipartUpload={"Parts": parts}
            ),
        )

    def _send_part(self, client: Any, upload_id: str, number: int, body: bytes, digest: str) -> str:
        answer = self._persistently(
            "UploadPart",
            lambda: client.upload_part(
                **self._where, UploadId=upload_id, PartNumber=number, Body=body, ChecksumSHA256=digest
            ),
        )
        return text(answer, "ETag")

    def _begun(self) -> tuple[str, dict[int, dict[str, str]]]:
        """An upload of this key that was begun before, with what it holds; else a new one.

        What it holds is by part number and digest, with the part's entity tag.
        """
        client = self.connection.client(_S3)
        for upload_id in self._unfinished(client):
            if held := self._held(client, upload_id):
                return upload_id, held
        answer = self._persistently(
            "CreateMultipartUpload",
            lambda: client.create_multipart_upload(
                **self._where, **self._described, ChecksumAlgorithm="SHA256"
            ),
        )
        return text(answer, "UploadId"), {}

    def _unfinished(self, client: Any) -> list[str]:
        """Ids of uploads of this key that were begun and not completed; none where they may not be listed."""
        try:
            with explained("ListMultipartUploads"):
                answer = client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.key)
        except Problem:
            return []
        uploads = answer.get("Uploads") or []
        return [text(one, "UploadId") for one in uploads if text(one, "Key") == self.key]

    def _held(self, client: Any, upload_id: str) -> dict[int, dict[str, str]]:
        held: dict[int, dict[str, str]] = {}
        try:
            with explained("ListParts"):
                pages = client.get_paginator("list_parts").paginate(**self._where, UploadId=upload_id)
                for part in (part for page in pages for part in page.get("Parts") or []):
                    number, digest = whole(part, "PartNumber"), text(part, "ChecksumSHA256")
                    if number is not None and digest:
                        held[number] = {digest: text(part, "ETag")}
        except Problem:
            return {}
        return held

    def _persistently(self, operation: str, call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """The answer to a call that may be repeated; tried again while its trouble is temporary."""
        for attempt in range(_ATTEMPTS):
            try:
                with explained(operation):
                    return call()
            except Problem as problem:
                if not problem.temporary or attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(max(jittered(2.0**attempt * 0.25), problem.retry_after or 0.0))
                self._check()
        raise AssertionError("the last attempt returns or raises")

    def _check(self) -> None:
        if self.cancelled():
            raise Cancelled(
                "The upload was called off.", "What was sent stays, and the next try goes on from there."
            )


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PART_BYTES):
        yield piece


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
