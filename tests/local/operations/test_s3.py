from __future__ import annotations

import base64
import hashlib
import io
import os
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.local.operations.conftest import Clients, RunningCloud

MIB = 1 << 20
BUCKET = "artifacts"
IN_PARTS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)


@pytest.fixture
def s3(clients: Clients) -> Any:
    client = clients("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def files(running: RunningCloud) -> int:
    folder = running.cloud.options.root / "objects"
    return len(list(folder.iterdir())) if folder.exists() else 0


def refusal(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_an_object_is_read_back_with_what_was_said_of_it(s3: Any, running: RunningCloud) -> None:
    key = "builds/web ünïcode+1.zip"
    answer = s3.put_object(
        Bucket=BUCKET, Key=key, Body=b"hello", ContentType="application/zip", Metadata={"name": "web"}
    )
    assert answer["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    held = s3.get_object(Bucket=BUCKET, Key=key)
    assert held["Body"].read() == b"hello"
    assert (held["ContentType"], held["Metadata"], held["ContentLength"]) == (
        "application/zip",
        {"name": "web"},
        5,
    )
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentLength"], head["ETag"]) == (5, answer["ETag"])
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"again")
    assert files(running) == 1
    assert (running.cloud.options.root / "objects").stat().st_mode & 0o777 == 0o700
    s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_object(Bucket=BUCKET, Key=key)
    assert files(running) == 0


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_buckets_know_their_region(clients: Clients, region: str) -> None:
    s3 = clients("s3", region)
    placed = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket="placed", **placed)
    location = s3.get_bucket_location(Bucket="placed")["LocationConstraint"]
    assert location == (None if region == "us-east-1" else region)
    assert s3.head_bucket(Bucket="placed")["BucketRegion"] == region
    (bucket,) = s3.list_buckets()["Buckets"]
    assert bucket["Name"] == "placed"
    assert bucket["CreationDate"].tzinfo is not None


def test_a_large_file_goes_up_in_parts_and_comes_back(s3: Any, running: RunningCloud) -> None:
    content = os.urandom(12 * MIB)
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "big.zip", Config=IN_PARTS)
    held = s3.head_object(Bucket=BUCKET, Key="big.zip")
    assert held["ContentLength"] == len(content)
    assert held["ETag"].endswith('-3"')
    target = io.BytesIO()
    s3.download_fileobj(BUCKET, "big.zip", target, Config=IN_PARTS)
    assert target.getvalue() == content
    assert files(running) == 3
    middle = s3.get_object(Bucket=BUCKET, Key="big.zip", Range=f"bytes={5 * MIB - 2}-{5 * MIB + 1}")
    assert middle["Body"].read() == content[5 * MIB - 2 : 5 * MIB + 2]
    assert middle["ContentRange"] == f"bytes {5 * MIB - 2}-{5 * MIB + 1}/{12 * MIB}"
    assert middle["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.get_object(Bucket=BUCKET, Key="big.zip", Range="bytes=-3")["Body"].read() == content[-3:]
    assert refusal(s3.get_object, Bucket=BUCKET, Key="big.zip", Range=f"bytes={99 * MIB}-") == "InvalidRange"


def test_an_upload_is_checked_part_by_part(s3: Any, running: RunningCloud) -> None:
    named = {"Bucket": BUCKET, "Key": "x"}
    upload = named | {"UploadId": s3.create_multipart_upload(**named)["UploadId"]}
    etags = [s3.upload_part(**upload, PartNumber=n, Body=b"x" * 10)["ETag"] for n in (1, 2)]
    listed = s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["Size"], part["ETag"]) for part in listed] == [
        (1, 10, etags[0]),
        (2, 10, etags[1]),
    ]

    def complete(*parts: tuple[int, str]) -> str:
        chosen = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        return refusal(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": chosen})

    assert complete((2, etags[1]), (1, etags[0])) == "InvalidPartOrder"
    assert complete((1, '"0"')) == "InvalidPart"
    assert complete((3, etags[0])) == "InvalidPart"
    assert complete((1, etags[0]), (2, etags[1])) == "EntityTooSmall"
    s3.abort_multipart_upload(**upload)
    assert refusal(s3.upload_part, **upload, PartNumber=1, Body=b"x") == "NoSuchUpload"
    assert files(running) == 0


def test_a_body_that_does_not_fit_its_digest_is_refused(s3: Any) -> None:
    right = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    answer = s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello", ChecksumSHA256=right)
    assert answer["ChecksumSHA256"] == right
    held = s3.get_object(Bucket=BUCKET, Key="x", ChecksumMode="ENABLED")
    assert held["ChecksumSHA256"] == right
    params = {"Bucket": BUCKET, "Key": "y", "Body": b"hollo"}
    assert refusal(s3.put_object, **params, ChecksumSHA256=right) == "BadDigest"
    assert refusal(s3.put_object, **params, ChecksumSHA256="%") == "InvalidDigest"
    assert refusal(s3.head_object, Bucket=BUCKET, Key="y") == "404"


def test_keys_are_listed_by_prefix_and_folder_in_pages(s3: Any) -> None:
    for key in ("a/1", "a/2", "a/b/3", "c d", "e"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    pages = list(
        s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
    )
    keys = [item["Key"] for page in pages for item in page["Contents"]]
    assert keys == ["a/1", "a/2", "a/b/3", "c d", "e"]
    folders = s3.list_objects_v2(Bucket=BUCKET, Prefix="a/", Delimiter="/")
    assert [item["Key"] for item in folders["Contents"]] == ["a/1", "a/2"]
    assert folders["CommonPrefixes"] == [{"Prefix": "a/b/"}]
    assert s3.list_objects_v2(Bucket=BUCKET, StartAfter="c d")["KeyCount"] == 1


def test_what_is_missing_or_forbidden_is_said(s3: Any, clients: Clients) -> None:
    assert refusal(s3.get_object, Bucket=BUCKET, Key="none") == "NoSuchKey"
    assert refusal(s3.list_objects_v2, Bucket="no-such-bucket") == "NoSuchBucket"
    assert refusal(s3.head_bucket, Bucket="no-such-bucket") == "404"
    assert refusal(s3.create_bucket, Bucket="Not_A_Name") == "InvalidBucketName"
    owned = {"Bucket": BUCKET, "ExpectedBucketOwner": "111111111111"}
    assert refusal(s3.list_objects_v2, **owned) == "AccessDenied"
    s3.put_object(Bucket=BUCKET, Key="once", Body=b"1", IfNoneMatch="*")
    assert (
        refusal(s3.put_object, Bucket=BUCKET, Key="once", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    )
    assert refusal(clients("s3", "eu-west-1").create_bucket, Bucket="elsewhere") == (
        "IllegalLocationConstraintException"
    )


def test_the_store_is_bounded(s3: Any, running: RunningCloud) -> None:
    running.cloud.objects._max_bytes = 10
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"x" * 10)
    assert refusal(s3.put_object, Bucket=BUCKET, Key="y", Body=b"y") == "EntityTooLarge"
    s3.delete_object(Bucket=BUCKET, Key="x")
    s3.put_object(Bucket=BUCKET, Key="y", Body=b"y")
    assert s3.get_object(Bucket=BUCKET, Key="y")["Body"].read() == b"y"
