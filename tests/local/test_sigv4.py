"""Signatures as botocore writes them pass; anything that was changed afterwards does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.payload import hash_of
from mvm_tui.local.sigv4 import UNSIGNED, RunKey, SignedRequest, Verifier, canonical_path, read_claim
from mvm_tui.local.sigv4_errors import SignatureProblem
from tests.local.signing import KEY, Ask, as_received


def verify(request: SignedRequest, body: bytes = b"", *, later: float = 0, payload_hash: str = "") -> None:
    now = datetime.now(UTC) + timedelta(seconds=later)
    Verifier(KEY, lambda: now).verify(request, read_claim(request), payload_hash or hash_of(body))


def refusal(request: SignedRequest, body: bytes = b"", *, later: float = 0) -> str:
    with pytest.raises(SignatureProblem) as caught:
        verify(request, body, later=later)
    return caught.value.kind


IMAGE = "/2025-09-09/microvm-images/arn:aws:lambda:us-east-1:000000000000:microvm-image:hello-web"


@pytest.mark.parametrize(
    "path",
    [
        "/2025-09-09/microvms",
        "/",
        IMAGE,
        IMAGE.replace(":", "%3A"),
        IMAGE.replace("microvm-image:", "microvm-image%2F") + "/versions",
        "/2025-09-09/microvms?maxResults=50&nextToken=abc%3D%2F%20",
        "/2017-03-31/tags/x?tagKeys=b&tagKeys=a&tagKeys=",
        "/a//b/./c/../d/",
    ],
)
def test_what_botocore_signs_is_verified(path: str) -> None:
    verify(as_received(Ask(path=path).signed()))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.binary(max_size=200))
def test_any_path_query_and_body_is_verified(text: str, body: bytes) -> None:
    path = f"/{quote(text, safe='')}?q={quote(text, safe='')}"
    verify(as_received(Ask("POST", path, body).signed()), body)


@pytest.mark.parametrize("key", ["/bucket/a b+c", "/bucket/a//b/../c", "/bucket/%7Etilde/äö"])
def test_s3_signs_the_path_as_it_is_sent(key: str) -> None:
    ask = Ask("PUT", quote(key), b"content", "s3")
    request = as_received(ask.signed())
    verify(request, b"content", payload_hash=request.header("x-amz-content-sha256"))


def test_presigned_requests_are_good_until_they_expire() -> None:
    request = as_received(Ask(service="s3", path="/bucket/key", expires=60).signed())
    verify(request, payload_hash=UNSIGNED)
    verify(request, payload_hash=UNSIGNED, later=55)
    with pytest.raises(SignatureProblem, match="Request has expired"):
        verify(request, payload_hash=UNSIGNED, later=65)


def test_presigned_requests_of_other_services_cover_the_empty_body() -> None:
    verify(
        as_received(
            Ask(service="sts", path="/?Action=GetCallerIdentity&Version=2011-06-15", expires=9).signed()
        )
    )


def test_a_request_may_not_be_changed_after_it_was_signed() -> None:
    ask = Ask("POST", "/2025-09-09/microvms?a=1", b"{}", headers={"X-Amz-Target": "T"})
    good = as_received(ask.signed())
    verify(good, b"{}")
    assert refusal(good, b"{ }") == "mismatch"
    assert refusal(replace(good, method="PUT"), b"{}") == "mismatch"
    assert refusal(replace(good, raw_path="/2025-09-09/other"), b"{}") == "mismatch"
    assert refusal(replace(good, raw_query="a=2"), b"{}") == "mismatch"
    assert refusal(replace(good, headers={**good.headers, "x-amz-target": ["U"]}), b"{}") == "mismatch"
    assert refusal(replace(good, headers={**good.headers, "host": ["localhost:4290"]}), b"{}") == "mismatch"


def test_x_amz_headers_have_to_be_signed() -> None:
    request = as_received(Ask().signed())
    more = {**request.headers, "x-amz-target": ["Logs_20140328.PutLogEvents"]}
    assert refusal(replace(request, headers=more)) == "unsigned-header"


def test_other_keys_and_other_secrets_are_told_apart() -> None:
    assert refusal(as_received(Ask(key=RunKey("AKIAOTHER", KEY.secret_key)).signed())) == "unknown-key"
    assert refusal(as_received(Ask(key=RunKey(KEY.access_key, "guess")).signed())) == "mismatch"


def test_session_tokens_of_somebody_else_are_refused() -> None:
    assert refusal(as_received(Ask(headers={"X-Amz-Security-Token": "t"}).signed())) == "unknown-key"


def test_the_clocks_may_differ_by_five_minutes() -> None:
    request = as_received(Ask().signed())
    verify(request, later=290)
    verify(request, later=-290)
    assert refusal(request, later=310) == "skewed"
    assert refusal(request, later=-310) == "skewed"
    with pytest.raises(SignatureProblem, match=r"Signature expired: \d{8}T\d{6}Z is now earlier than"):
        verify(request, later=310)


def test_unsigned_requests_are_missing_a_signature() -> None:
    for header in ([], [""], ["Basic abc"], ["AWS4-ECDSA-P256-SHA256 x"]):
        headers = {"host": ["x"]} | ({"authorization": header} if header else {})
        with pytest.raises(SignatureProblem, match="missing"):
            read_claim(SignedRequest("GET", "/", "", headers))


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("/aws4_request", "/aws5_request"),
        ("SignedHeaders=host;", "SignedHeaders="),
        ("Signature=", "Signatur="),
        ("Credential=", "Credentials="),
    ],
)
def test_garbled_signatures_are_incomplete(part: str, other: str) -> None:
    request = as_received(Ask().signed())
    garbled = request.header("authorization").replace(part, other)
    headers = {**request.headers, "authorization": [garbled]}
    assert refusal(replace(request, headers=headers)) in ("incomplete", "missing")


@pytest.mark.parametrize("change", ["X-Amz-Expires=0", "X-Amz-Expires=604801", "X-Amz-Expires=x"])
def test_presigned_lifetimes_have_limits(change: str) -> None:
    request = as_received(Ask(expires=60).signed())
    changed = replace(request, raw_query=request.raw_query.replace("X-Amz-Expires=60", change))
    assert refusal(changed) == "incomplete"


@given(st.text(max_size=200))
def test_no_header_makes_the_reader_fail(header: str) -> None:
    with pytest.raises(SignatureProblem):
        verify(
            SignedRequest("GET", "/", "", {"host": ["x"], "authorization": ["AWS4-HMAC-SHA256 " + header]})
        )


def test_dots_and_double_slashes_are_normalised_for_all_but_s3() -> None:
    assert canonical_path("/a/./b//../c/", "lambda") == "/a/c/"
    assert canonical_path("/a/./b//../c/", "s3") == "/a/./b//../c/"
    assert canonical_path("/..", "lambda") == "/"


def test_keys_do_not_show_their_secret() -> None:
    assert "not-a-secret" not in repr(KEY)
    assert "not-a-secret" not in str(Verifier(KEY, lambda: datetime.now(UTC)))


@pytest.mark.parametrize(
    ("protocol", "code", "status"),
    [
        ("rest-json", "InvalidSignatureException", 403),
        ("json", "InvalidSignatureException", 400),
        ("query", "SignatureDoesNotMatch", 403),
        ("rest-xml", "SignatureDoesNotMatch", 403),
    ],
)
def test_each_kind_of_service_words_it_its_own_way(protocol: str, code: str, status: int) -> None:
    error = SignatureProblem("mismatch").as_service_error(protocol)
    assert (error.code, error.status) == (code, status)
