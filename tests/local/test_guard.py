"""Hosts and origins: what may reach the server at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.guard import Destination, destination, origin_allowed

PORT = 4290
UUID = "0a4e2f10-0000-4000-8000-00000000c2f1"


@pytest.mark.parametrize("host", ["127.0.0.1:4290", "localhost:4290", "LOCALHOST:4290", "[::1]:4290"])
def test_the_api_answers_to_loopback_names_with_its_own_port(host: str) -> None:
    assert destination([host], PORT) == Destination("api")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:4291",
        "localhost",
        "localhost:80",
        "127.0.0.1:4290:4290",
        "127.0.0.1:4290@evil.example",
        "evil.example",
        "evil.example:4290",
        "127.0.0.1.nip.io:4290",
        "localhost.evil.example:4290",
        "localhost.:4290",
        "0.0.0.0:4290",
        "10.0.0.1:4290",
        "[::]:4290",
        "[::ffff:127.0.0.1]:4290",
        f"{UUID}.lambda-microvm.us-east-1.evil.example",
        f"{UUID}.lambda-microvm.us-east-1.on.aws.evil.example",
        f"{UUID}.lambda-microvm.us-east-1.localhost:1",
        f"a.b.lambda-microvm.us-east-1.on.aws.localhost.x:{PORT}",
    ],
)
def test_everything_else_is_refused(host: str) -> None:
    assert destination([host], PORT) is None


@pytest.mark.parametrize("suffix", ["localhost", f"localhost:{PORT}", "on.aws", f"on.aws:{PORT}"])
def test_a_microvm_answers_to_its_own_name_in_both_forms(suffix: str) -> None:
    host = f"{UUID}.lambda-microvm.eu-west-1.{suffix}"
    assert destination([host], PORT) == Destination("vm", uuid=UUID, region="eu-west-1")


def test_a_bucket_may_stand_before_localhost() -> None:
    for bucket in ("my-artifacts", "my.own.artifacts"):
        assert destination([f"{bucket}.localhost:{PORT}"], PORT) == Destination("bucket", bucket=bucket)
    assert destination(["my-artifacts.localhost"], PORT) is None


def test_the_port_may_be_left_out_where_it_is_the_default_one() -> None:
    assert destination(["127.0.0.1"], 80) == Destination("api")


def test_a_request_names_exactly_one_host() -> None:
    assert destination([], PORT) is None
    assert destination([f"127.0.0.1:{PORT}", f"127.0.0.1:{PORT}"], PORT) is None


@given(st.text())
def test_no_text_confuses_the_guard(host: str) -> None:
    found = destination([host], PORT)
    assert found is None or host.lower().endswith((f":{PORT}", ".localhost", ".on.aws"))


def test_only_a_page_of_the_very_host_may_call() -> None:
    host = f"localhost:{PORT}"
    assert origin_allowed([], host)
    assert origin_allowed([f"http://localhost:{PORT}"], host)
    for origin in ("null", "https://evil.example", "http://localhost", f"http://127.0.0.1:{PORT}", ""):
        assert not origin_allowed([origin], host)
    assert not origin_allowed([f"http://localhost:{PORT}", "https://evil.example"], host)
