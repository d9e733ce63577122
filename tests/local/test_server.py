"""The running server, asked by real clients and by rude ones."""

from __future__ import annotations

import gzip
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from mvm_tui.local.launch import Facts
from mvm_tui.local.sigv4 import RunKey
from tests.cloud import client, set_faults
from tests.local.signing import Ask, text

MICROVMS = "/2025-09-09/microvms"


@pytest.fixture(autouse=True)
def no_faults(facts: Facts) -> Iterator[None]:
    """Leave no fault to the next test."""
    yield
    set_faults(facts)


def signed(
    facts: Facts, method: str = "GET", path: str = MICROVMS, body: bytes = b"", **kwargs: Any
) -> AWSRequest:
    kwargs.setdefault("host", f"127.0.0.1:{facts.port}")
    return Ask(method, path, body, key=RunKey(facts.access_key, facts.secret_key), **kwargs).signed()


def send(facts: Facts, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", facts.port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    return connection.getresponse()


def play(facts: Facts, request: AWSRequest, **more: str) -> HTTPResponse:
    headers = {name: text(value) for name, value in request.headers.items()}
    path = text(request.url or "").partition("//")[2]
    return send(
        facts,
        str(request.method),
        path[path.index("/") :],
        {**headers, **more},
        text(request.body or b"").encode(),
    )


def refusal(facts: Facts, request: AWSRequest) -> tuple[int, str | None, Any]:
    answer = play(facts, request)
    return answer.status, answer.headers["X-Amzn-Errortype"], json.loads(answer.read())


def failure(call: Any, **params: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    answer: Any = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_a_signed_call_is_answered_with_a_request_id(facts: Facts) -> None:
    answer = client(facts).list_microvms()
    assert answer["items"] == []
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36


def test_unsigned_and_wrongly_signed_calls_are_refused(facts: Facts) -> None:
    unsigned = send(facts, "GET", MICROVMS, {"Host": f"127.0.0.1:{facts.port}"})
    assert (unsigned.status, unsigned.headers["X-Amzn-Errortype"]) == (
        403,
        "MissingAuthenticationTokenException",
    )
    wrong = Ask(host=f"127.0.0.1:{facts.port}", key=RunKey(facts.access_key, "guess")).signed()
    assert refusal(facts, wrong)[:2] == (403, "InvalidSignatureException")
    other = Ask(host=f"127.0.0.1:{facts.port}", key=RunKey("AKIAOTHER", "x")).signed()
    assert refusal(facts, other)[:2] == (403, "UnrecognizedClientException")


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1:1", "", "evil.example:{port}"])
def test_other_hosts_are_refused_before_anything_else(facts: Facts, host: str) -> None:
    answer = send(facts, "GET", MICROVMS, {"Host": host.format(port=facts.port)})
    assert (answer.status, answer.headers["X-Amzn-Errortype"]) == (403, None)


def test_foreign_origins_are_refused_even_with_a_good_signature(facts: Facts) -> None:
    assert play(facts, signed(facts), Origin="https://evil.example").status == 403
    assert play(facts, signed(facts), Origin=f"http://127.0.0.1:{facts.port}").status == 200


def test_a_microvms_host_is_its_proxy_and_wants_its_token(facts: Facts) -> None:
    unknown = "00000000-0000-0000-0000-000000000000.lambda-microvm.us-east-1.localhost"
    answer = send(facts, "GET", "/", {"Host": f"{unknown}:{facts.port}", "X-aws-proxy-auth": "a.b.c.d.e"})
    assert (answer.status, answer.read()) == (403, b"Token authentication failed")


def test_absolute_targets_are_refused(facts: Facts) -> None:
    with socket.create_connection(("127.0.0.1", facts.port), timeout=10) as connection:
        host = f"127.0.0.1:{facts.port}"
        connection.sendall(f"GET http://{host}{MICROVMS} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_body_stays_as_it_was_sent_whatever_its_encoding(facts: Facts) -> None:
    s3 = client(facts, "s3")
    s3.create_bucket(Bucket="encoded")
    packed = gzip.compress(b"hello")
    s3.put_object(Bucket="encoded", Key="k", Body=packed, ContentEncoding="gzip")
    answer = s3.get_object(Bucket="encoded", Key="k")
    assert (answer["Body"].read(), answer["ContentEncoding"]) == (packed, "gzip")


@pytest.mark.parametrize("part", ["0-{}", "{}-", "-{}"])
def test_ranges_may_have_any_number(facts: Facts, part: str) -> None:
    s3 = client(facts, "s3")
    s3.create_bucket(Bucket="ranges")
    s3.put_object(Bucket="ranges", Key="k", Body=b"hello")
    request = signed(facts, path="/ranges/k", service="s3")
    assert play(facts, request, Range="bytes=" + part.format("9" * 5000)).read() == b"hello"


def test_unknown_and_unwritten_operations(facts: Facts) -> None:
    assert refusal(facts, signed(facts, path="/2025-09-09/nothing")) == (
        404,
        "UnknownOperationException",
        {"message": None},
    )
    assert refusal(facts, signed(facts, path="/2026-10-01/runtimes"))[0] == 501
    assert refusal(facts, signed(facts, service="ec2"))[0] == 404


def test_regions_without_the_service_deny_without_a_message(facts: Facts) -> None:
    assert refusal(facts, signed(facts, region="ca-central-1")) == (
        403,
        "AccessDeniedException",
        {"message": None},
    )


def test_a_body_that_is_no_json_is_refused_without_a_message(facts: Facts) -> None:
    assert refusal(facts, signed(facts, "POST", body=b"{")) == (
        400,
        "SerializationException",
        {"message": None},
    )


def test_a_body_beyond_the_limit_is_refused(facts: Facts) -> None:
    assert play(facts, signed(facts, "POST", body=b" " * (6 * 1024 * 1024 + 1))).status == 413


def test_presigned_requests_work(facts: Facts) -> None:
    url = client(facts, "sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert f"<Account>{facts.account}</Account>" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url[:-1] + ("0" if url[-1] != "0" else "1"), timeout=10)


def test_a_bucket_may_be_in_the_path_or_in_the_host(facts: Facts) -> None:
    s3 = client(facts, "s3")
    s3.create_bucket(Bucket="artifacts")
    s3.put_object(Bucket="artifacts", Key="a b/ü+.zip", Body=b"zip" * 100_000)
    assert s3.head_object(Bucket="artifacts", Key="a b/ü+.zip")["ContentLength"] == 300_000
    assert s3.get_object(Bucket="artifacts", Key="a b/ü+.zip")["Body"].read() == b"zip" * 100_000
    host = f"artifacts.localhost:{facts.port}"
    assert play(facts, signed(facts, path="/a%20b/%C3%BC%2B.zip", host=host, service="s3")).read(3) == b"zip"
    listing = play(facts, signed(facts, path="/?list-type=2", host=host, service="s3")).read().decode()
    assert "<Key>a b/ü+.zip</Key>" in listing


def test_throttles_errors_and_expiry_on_demand(facts: Facts) -> None:
    calls = client(facts).list_microvms
    for fault, expected in {
        "throttle": (429, "ThrottlingException"),
        "error": (500, "InternalServerException"),
        "error=503": (503, "InternalServerException"),
        "expired": (403, "ExpiredTokenException"),
    }.items():
        assert set_faults(facts, f"{fault}@ListMicrovms*1") == [f"{fault}@ListMicrovms*1"]
        assert failure(calls) == expected
        calls()


def test_a_gateways_page_on_demand(facts: Facts) -> None:
    set_faults(facts, "html502*1")
    answer = play(facts, signed(facts))
    assert (answer.status, answer.headers["Content-Type"], answer.read()[:6]) == (502, "text/html", b"<html>")


def test_half_an_answer_on_demand(facts: Facts) -> None:
    set_faults(facts, "half-body*1")
    with pytest.raises(IncompleteRead):
        play(facts, signed(facts)).read()


@pytest.mark.parametrize("fault", ["latency", "slow-page"])
def test_slowness_on_demand(facts: Facts, fault: str) -> None:
    set_faults(facts, f"{fault}=0.3*1")
    started = time.monotonic()
    assert json.loads(play(facts, signed(facts)).read())["items"] == []
    assert time.monotonic() - started >= 0.3


def test_the_control_wants_the_key(facts: Facts) -> None:
    answer = send(facts, "GET", "/_local/faults", {"Host": f"127.0.0.1:{facts.port}"})
    assert answer.status == 403
