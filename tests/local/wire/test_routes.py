"""Paths, targets and actions find their operation."""

from __future__ import annotations

import pytest

from mvm_tui.local.wire.routes import match_action, match_rest, match_target, protocol_of

PREFIX = "/2025-09-09/microvm-images/"
ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:hello-web"
SLASHED = ARN.replace("image:", "image/")


@pytest.mark.parametrize("sent", [ARN, ARN.replace(":", "%3A"), ARN.replace(":", "%3a")])
def test_colons_of_an_arn_may_be_encoded_or_bare(sent: str) -> None:
    match = match_rest("lambda", "GET", f"{PREFIX}{sent}/versions/1.0/builds", {}, {})
    assert match is not None
    assert match.operation.name == "ListMicrovmImageBuilds"
    assert match.labels == {"imageIdentifier": ARN, "imageVersion": "1.0"}


@pytest.mark.parametrize("sent", [SLASHED, SLASHED.replace("/", "%2F"), SLASHED.replace(":", "%3A")])
@pytest.mark.parametrize(
    ("tail", "name"), [("", "GetMicrovmImage"), ("/versions", "ListMicrovmImageVersions")]
)
def test_a_slash_in_an_arn_may_be_encoded_or_bare(sent: str, tail: str, name: str) -> None:
    match = match_rest("lambda", "GET", PREFIX + sent + tail, {}, {})
    assert match is not None
    assert (match.operation.name, match.labels) == (name, {"imageIdentifier": SLASHED})


def test_connectors_live_beside_microvms() -> None:
    match = match_rest("lambda", "GET", "/2026-04-04/network-connectors/nc-1", {}, {})
    assert match is not None
    assert match.operation.service.name == "lambda-core"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/2025-09-09"),
        ("GET", "/2025-09-09/microvms/"),
        ("PATCH", "/2025-09-09/microvms"),
        ("GET", PREFIX + ARN + "/bogus"),
        ("GET", PREFIX + ARN + "/versions/1.0/builds/b/more"),
        ("GET", "/2015-03-31/functions"),
    ],
)
def test_unknown_paths_have_no_operation(method: str, path: str) -> None:
    assert match_rest("lambda", method, path, {}, {}) is None


def test_a_bucket_operation_is_told_by_its_query() -> None:
    names = []
    for query in (
        {},
        {"list-type": "2"},
        {"list-type": "1"},
        {"location": ""},
        {"versions": "", "prefix": "p"},
    ):
        match = match_rest("s3", "GET", "/bucket", query, {})
        names.append(match.operation.name if match else None)
    assert names == ["ListObjects", "ListObjectsV2", "ListObjects", "GetBucketLocation", "ListObjectVersions"]


def test_an_object_operation_is_told_by_what_it_requires() -> None:
    def name(query: dict[str, str], headers: dict[str, str]) -> str:
        match = match_rest("s3", "PUT", "/bucket/a/b", query, headers)
        assert match is not None
        assert match.labels == {"Bucket": "bucket", "Key": "a/b"}
        return match.operation.name

    part = {"partNumber": "1", "uploadId": "u"}
    copied = {"x-amz-copy-source": "other/key"}
    assert name({}, {}) == "PutObject"
    assert name(part, {}) == "UploadPart"
    assert name({}, copied) == "CopyObject"
    assert name(part, copied) == "UploadPartCopy"


def test_targets_and_actions() -> None:
    found = match_target("logs", "Logs_20140328.FilterLogEvents")
    assert found is not None
    assert found.operation.name == "FilterLogEvents"
    for target in ("", "FilterLogEvents", "Logs_20140328.Nothing", "Other.FilterLogEvents"):
        assert match_target("logs", target) is None
    assert match_action("sts", {"Action": "GetCallerIdentity", "Version": "2011-06-15"}) is not None
    assert match_action("sts", {"Action": "GetCallerIdentity", "Version": "1999-01-01"}) is None
    assert match_action("sts", {}) is None


def test_unknown_services_are_refused_as_rest_ones() -> None:
    assert protocol_of("ec2") == "rest-json"
    assert match_rest("ec2", "GET", "/", {}, {}) is None
