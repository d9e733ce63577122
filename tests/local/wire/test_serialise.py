"""Answers: what handlers say is what botocore reads, and errors are each service's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.wire import failures
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Reply
from mvm_tui.local.wire.serialise import serialise, serialise_error
from mvm_tui.local.wire.xml import read_xml
from tests.local.wire.botocore_client import operation, understood

MOMENT = datetime(2026, 11, 1, 12, 0, 0, 250_000, tzinfo=UTC)
ITEM = {"microvmId": "m", "state": "RUNNING", "imageArn": "a", "imageVersion": "1.0", "startedAt": MOMENT}

ANSWERS: list[tuple[str, str, dict[str, Any]]] = [
    ("lambda-microvms", "ListMicrovms", {"items": [ITEM]}),
    ("lambda-microvms", "CreateMicrovmAuthToken", {"authToken": {"X-aws-proxy-auth": "t"}}),
    ("lambda-core", "GetNetworkConnector", {"Id": "nc-1", "LastModified": MOMENT}),
    ("logs", "FilterLogEvents", {"events": [{"timestamp": 1, "message": "é\x1b"}], "searchedLogStreams": []}),
    ("service-quotas", "GetServiceQuota", {"Quota": {"Value": 8.0, "Adjustable": True}}),
    ("sts", "GetCallerIdentity", {"UserId": "u", "Account": "0", "Arn": "a<&>b"}),
    ("s3", "ListBuckets", {"Buckets": [{"Name": "a", "CreationDate": MOMENT}, {"Name": "b"}]}),
    (
        "s3",
        "ListObjectsV2",
        {"Name": "b", "KeyCount": 2, "IsTruncated": False, "Contents": [{"Key": " k\r\n"}, {"Key": "l"}]},
    ),
    ("s3", "PutObject", {"ETag": '"e"'}),
    (
        "s3",
        "HeadObject",
        {"ContentLength": 3, "Metadata": {"x": "y"}, "LastModified": MOMENT.replace(microsecond=0)},
    ),
]


@pytest.mark.parametrize(("service", "name", "members"), ANSWERS, ids=[f"{s}-{n}" for s, n, _ in ANSWERS])
def test_botocore_reads_what_was_answered(service: str, name: str, members: dict[str, Any]) -> None:
    answer = serialise(operation(service, name), members, "request-1")
    assert understood(service, name, answer) == members


@given(st.text())
def test_any_text_arrives_as_json_and_legible_as_xml(text: str) -> None:
    answer = serialise(operation("lambda-microvms", "TerminateMicrovm"), {"note": text}, "r")
    assert json.loads(answer.body) == {"note": text}
    read_xml(serialise(operation("sts", "GetCallerIdentity"), {"Arn": text}, "r").body)


def test_members_go_out_as_they_are_nulls_and_unmodelled_ones_too() -> None:
    members = {"terminationReasonCode": None, "startedAt": MOMENT}
    answer = serialise(operation("lambda-microvms", "GetMicrovm"), members, "r")
    assert answer.body == b'{"terminationReasonCode":null,"startedAt":1793534400.25}'
    assert answer.headers == {"x-amzn-RequestId": "r", "Content-Type": "application/json"}


def test_connectors_write_times_as_text() -> None:
    answer = serialise(operation("lambda-core", "GetNetworkConnector"), {"LastModified": MOMENT}, "r")
    assert json.loads(answer.body) == {"LastModified": "2026-11-01T12:00:00.250Z"}


@pytest.mark.parametrize(
    ("service", "name", "status"),
    [
        ("lambda-microvms", "CreateMicrovmImage", 201),
        ("lambda-core", "DeleteNetworkConnector", 202),
        ("lambda-microvms", "TerminateMicrovm", 200),
    ],
)
def test_the_status_is_the_models(service: str, name: str, status: int) -> None:
    assert serialise(operation(service, name), {}, "r").status == status


def test_no_content_is_zero_bytes() -> None:
    answer = serialise(operation("lambda-microvms", "TagResource"), {}, "r")
    assert (answer.status, answer.body) == (204, b"")


def test_a_reply_says_its_own_status_headers_and_bytes() -> None:
    answer = serialise(
        operation("s3", "GetObject"), Reply(b"ontent", 206, {"Content-Range": "bytes 1-6/7"}), "r"
    )
    assert (answer.status, answer.body, answer.headers["Content-Range"]) == (206, b"ontent", "bytes 1-6/7")


def test_header_members_cannot_break_a_header() -> None:
    answer = serialise(operation("s3", "GetObject"), {"Metadata": {"x": "a\r\nEvil: 1"}, "Body": b""}, "r")
    assert answer.headers["x-amz-meta-x"] == "a%0D%0AEvil: 1"


ERROR = ServiceError("ResourceNotFoundException", 404, "gone", {"resourceId": None})


def test_rest_errors_name_their_type_in_a_header() -> None:
    answer = serialise_error("rest-json", ERROR, "r")
    assert answer.headers["X-Amzn-Errortype"] == "ResourceNotFoundException"
    assert json.loads(answer.body) == {"message": "gone", "resourceId": None}


def test_rpc_errors_name_their_type_in_the_body() -> None:
    answer = serialise_error("json", ERROR, "r")
    assert json.loads(answer.body) == {
        "__type": "ResourceNotFoundException",
        "message": "gone",
        "resourceId": None,
    }
    assert "X-Amzn-Errortype" not in answer.headers


@pytest.mark.parametrize(
    ("protocol", "service", "name"), [("query", "sts", "GetCallerIdentity"), ("rest-xml", "s3", "GetObject")]
)
def test_xml_errors_are_read_by_botocore(protocol: str, service: str, name: str) -> None:
    answer = serialise_error(protocol, ServiceError("Code", 403, "a < b"), "r")
    error = understood(service, name, answer)["Error"]
    assert (error["Code"], error["Message"]) == ("Code", "a < b")


@pytest.mark.parametrize(
    ("service", "name", "code", "status"),
    [
        ("lambda-microvms", "RunMicrovm", "ThrottlingException", 429),
        ("lambda-microvms", "TagResource", "TooManyRequestsException", 429),
        ("lambda-core", "GetNetworkConnector", "TooManyRequestsException", 429),
        ("logs", "FilterLogEvents", "ThrottlingException", 400),
        ("sts", "GetCallerIdentity", "Throttling", 400),
        ("s3", "GetObject", "SlowDown", 503),
    ],
)
def test_throttles_are_each_services_own(service: str, name: str, code: str, status: int) -> None:
    error = failures.throttled(service, name, 0.2)
    assert (error.code, error.status) == (code, status)
    assert error.headers.get("Retry-After", "1") == "1"


def test_unknown_and_unwritten_operations() -> None:
    assert failures.unknown_operation("rest-json", "/x").status == 404
    assert failures.unknown_operation("json", "T.X").status == 404
    assert failures.unknown_operation("query", "X").code == "InvalidAction"
    assert failures.unknown_operation("rest-xml", "/x").status == 405
    assert failures.not_written("GetRuntime").status == 501
    assert failures.internal("lambda-microvms").code == "InternalServerException"
