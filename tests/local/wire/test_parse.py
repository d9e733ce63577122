"""Requests: what botocore writes is read back as it was meant, and nothing else is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.parse import WireRequest, parse
from tests.local.wire.botocore_client import operation, received

IMAGE = "arn:aws:lambda:us-east-1:000000000000:microvm-image:hello-web"
MOMENT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("lambda-microvms", "ListMicrovms", {"maxResults": 50, "nextToken": "a+/=b c", "imageIdentifier": IMAGE}),
    ("lambda-microvms", "GetMicrovmImageVersion", {"imageIdentifier": IMAGE, "imageVersion": "1.0"}),
    ("lambda-microvms", "UntagResource", {"Resource": IMAGE, "TagKeys": ["a b", "c&d", ""]}),
    (
        "lambda-microvms",
        "CreateMicrovmAuthToken",
        {
            "microvmIdentifier": "microvm-1",
            "expirationInMinutes": 60,
            "allowedPorts": [{"port": 8080}, {"allPorts": {}}],
        },
    ),
    (
        "lambda-core",
        "CreateNetworkConnector",
        {"Name": "n", "Configuration": {"VpcEgressConfiguration": {"SubnetIds": ["s"]}}, "Tags": {"k": "ü"}},
    ),
    ("lambda-core", "ListNetworkConnectors", {"MaxItems": 7, "Marker": "m", "State": "ACTIVE"}),
    ("logs", "FilterLogEvents", {"logGroupName": "g", "startTime": 1, "logStreamNames": ["a", "b"]}),
    (
        "logs",
        "PutLogEvents",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "é"}]},
    ),
    ("service-quotas", "GetServiceQuota", {"ServiceCode": "lambda", "QuotaCode": "L-CD1C0CC4"}),
    (
        "pricing",
        "GetProducts",
        {"ServiceCode": "AWSLambda", "Filters": [{"Type": "TERM_MATCH", "Field": "f", "Value": "v"}]},
    ),
    ("sts", "GetCallerIdentity", {}),
    (
        "sts",
        "AssumeRole",
        {
            "RoleArn": "arn:aws:iam::000000000000:role/r",
            "RoleSessionName": "s",
            "DurationSeconds": 900,
            "PolicyArns": [{"arn": "one"}, {"arn": "two"}],
            "Tags": [{"Key": "k", "Value": "v=&"}],
        },
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "a/b c+ü", "Body": b"zip", "Metadata": {"x": "y"}, "ContentType": "t"},
    ),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k", "IfModifiedSince": MOMENT, "Range": "bytes=0-1"}),
    ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}),
    ("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "p/", "MaxKeys": 3, "FetchOwner": True}),
    ("s3", "UploadPart", {"Bucket": "b", "Key": "k", "PartNumber": 2, "UploadId": "u", "Body": b"part"}),
    ("s3", "CreateMultipartUpload", {"Bucket": "b", "Key": "k"}),
    ("s3", "AbortMultipartUpload", {"Bucket": "b", "Key": "k", "UploadId": "u"}),
    (
        "s3",
        "CompleteMultipartUpload",
        {
            "Bucket": "b",
            "Key": "k",
            "UploadId": "u",
            "MultipartUpload": {"Parts": [{"ETag": '"e"', "PartNumber": 1}, {"ETag": "f", "PartNumber": 2}]},
        },
    ),
    ("s3", "CreateBucket", {"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ("s3", "ListBuckets", {}),
    ("s3", "GetBucketLocation", {"Bucket": "b"}),
]


@pytest.mark.parametrize(("service", "name", "params"), REQUESTS, ids=[f"{s}-{n}" for s, n, _ in REQUESTS])
def test_what_botocore_writes_is_read_back(service: str, name: str, params: dict[str, Any]) -> None:
    assert received(service, name, params) == (name, params)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(
    st.fixed_dictionaries(
        {"imageIdentifier": texts},
        optional={
            "imageVersion": texts,
            "runHookPayload": texts,
            "maximumDurationInSeconds": st.integers(-(2**31), 2**31 - 1),
            "ingressNetworkConnectors": st.lists(texts, max_size=3),
            "idlePolicy": st.fixed_dictionaries(
                {
                    "autoResumeEnabled": st.booleans(),
                    "maxIdleDurationSeconds": st.integers(0, 99_999),
                    "suspendedDurationSeconds": st.integers(0, 99_999),
                }
            ),
        },
    )
)
def test_any_launch_is_read_back(params: dict[str, Any]) -> None:
    params["clientToken"] = "token"
    assert received("lambda-microvms", "RunMicrovm", params) == ("RunMicrovm", params)


def read_run(body: bytes) -> dict[str, Any]:
    return parse(operation("lambda-microvms", "RunMicrovm"), WireRequest({}, [], {}, body))


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"imageIdentifier": NaN}',
        b'{"imageIdentifier": 5}',
        b'{"imageIdentifier": "\\ud800"}',
        b'{"maximumDurationInSeconds": "60"}',
        b'{"maximumDurationInSeconds": 1.5}',
        b'{"maximumDurationInSeconds": true}',
        b'{"maximumDurationInSeconds": 9999999999}',
        b'{"idlePolicy": []}',
        b'{"ingressNetworkConnectors": "one"}',
        b'{"ingressNetworkConnectors": [null]}',
        b'{"logging": {"disabled": {}, "cloudWatch": {}}}',
        b'{"logging": {}}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_does_not_fit_is_refused(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        read_run(body)
    assert (caught.value.code, caught.value.status) == ("SerializationException", 400)


def test_an_unparsable_body_is_refused_without_a_message() -> None:
    with pytest.raises(ServiceError) as caught:
        read_run(b"{")
    assert caught.value.body() == {"message": None}


def test_nulls_and_unknown_members_are_as_if_not_sent() -> None:
    assert read_run(b'{"imageIdentifier": "i", "imageVersion": null, "shoeSize": 43}') == {
        "imageIdentifier": "i"
    }


def test_no_body_is_an_empty_object() -> None:
    assert read_run(b"") == {}
    assert read_run(b" \n") == {}


@pytest.mark.parametrize("text", ["abc", "1.5", "", "1_0", "٣", "99999999999999999999999"])
def test_a_number_in_the_query_has_to_be_one(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse(operation("lambda-microvms", "ListMicrovms"), WireRequest({}, [("maxResults", text)], {}, b""))
    assert caught.value.status == 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_makes_the_reader_fail(document: Any) -> None:
    for wrapped in (document, {"idlePolicy": document, "imageIdentifier": document, "tags": document}):
        try:
            members = read_run(json.dumps(wrapped).encode())
        except ServiceError as refusal:
            members = {"status": refusal.status}
        assert isinstance(members, dict)


@pytest.mark.parametrize(
    "body",
    [
        b"<a>",
        b"not xml",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 200,
        b'<?xml version="1.0" encoding="nobodys"?><a/>',
        b'<?xml version="1.0" encoding="shift_jis"?><a/>',
    ],
)
def test_xml_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(ServiceError, match="MalformedXML"):
        parse(operation("s3", "CompleteMultipartUpload"), WireRequest({}, [], {}, body))
