"""S3's bodies: whole, unsigned, and in signed or unsigned chunks."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.payload import checked_body, declared_hash
from mvm_tui.local.sigv4 import UNSIGNED, Claim, SignedRequest
from mvm_tui.local.sigv4_errors import SignatureProblem

KEY = b"a signing key"
MOMENT = "20261101T120000Z"
CLAIM = Claim("LOCAL", "20261101", "us-east-1", "s3", ("host",), "5eed" * 16, MOMENT, None)
SCOPE = "20261101/us-east-1/s3/aws4_request"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY = sha256(b"").hexdigest()


def request(**headers: str) -> SignedRequest:
    return SignedRequest(
        "PUT", "/b/k", "", {name.replace("_", "-"): [value] for name, value in headers.items()}
    )


def content(declared: str, body: bytes, **headers: str) -> bytes:
    return checked_body(request(**headers), CLAIM, declared, KEY, body)


def refused(declared: str, body: bytes, **headers: str) -> str:
    with pytest.raises(SignatureProblem) as caught:
        content(declared, body, **headers)
    return caught.value.kind


def sign(text: str) -> str:
    return hmac.digest(KEY, text.encode(), "sha256").hex()


def signed_chunks(pieces: list[bytes], trailer: bytes = b"") -> bytes:
    """A body as AWS's SDKs chunk and sign it."""
    body, previous = b"", CLAIM.signature
    for piece in [*pieces, b""]:
        head = f"AWS4-HMAC-SHA256-PAYLOAD\n{MOMENT}\n{SCOPE}\n{previous}\n{EMPTY}\n"
        previous = sign(head + sha256(piece).hexdigest())
        body += b"%x;chunk-signature=%s\r\n" % (len(piece), previous.encode())
        body += piece + b"\r\n" if piece else b""
    if not trailer:
        return body + b"\r\n"
    lines = sha256(trailer + b"\n").hexdigest()
    signature = sign(f"AWS4-HMAC-SHA256-TRAILER\n{MOMENT}\n{SCOPE}\n{previous}\n{lines}")
    return body + trailer + b"\r\nx-amz-trailer-signature:" + signature.encode() + b"\r\n\r\n"


def test_the_hash_is_declared_up_front_for_s3_only() -> None:
    assert declared_hash(request(), replace(CLAIM, service="lambda")) is None
    assert declared_hash(request(x_amz_content_sha256="abc"), CLAIM) == "abc"
    assert declared_hash(request(), replace(CLAIM, expires=60)) == UNSIGNED
    with pytest.raises(SignatureProblem, match="incomplete"):
        declared_hash(request(), CLAIM)


def test_a_whole_body_has_to_have_the_declared_hash() -> None:
    assert content(sha256(b"zip").hexdigest(), b"zip") == b"zip"
    assert refused(sha256(b"zip").hexdigest(), b"zap") == "payload-mismatch"
    assert refused("STREAMING-SOMETHING-ELSE", b"zip") == "payload-mismatch"
    assert content(UNSIGNED, b"anything") == b"anything"


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5))
def test_signed_chunks_are_joined(pieces: list[bytes]) -> None:
    assert content(SIGNED, signed_chunks(pieces)) == b"".join(pieces)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=3))
def test_signed_trailers_are_checked_and_dropped(pieces: list[bytes]) -> None:
    body = signed_chunks(pieces, b"x-amz-checksum-crc32c:sOO8/Q==")
    assert content(SIGNED + "-TRAILER", body) == b"".join(pieces)
    assert refused(SIGNED + "-TRAILER", body.replace(b"sOO8", b"sOO9")) == "mismatch"


def test_an_unsigned_trailer_may_not_follow_signed_chunks() -> None:
    assert refused(SIGNED, signed_chunks([b"a"]) + b"x-amz-checksum-crc32:AAAA\r\n") == "mismatch"


def test_chunks_cannot_be_changed_dropped_or_swapped() -> None:
    body = signed_chunks([b"one", b"two"])
    first, rest = body.split(b"two")[0], body[body.index(b"3;", 5) :]
    assert refused(SIGNED, body.replace(b"one", b"uno")) == "mismatch"
    assert refused(SIGNED, rest) == "mismatch"
    assert refused(SIGNED, first) == "payload-mismatch"
    assert refused(SIGNED, b"3\r\none\r\n0\r\n\r\n") == "mismatch"


def test_unsigned_chunks_are_joined() -> None:
    body = b"3\r\none\r\n2\r\ntw\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    assert content(TRAILER, body, x_amz_decoded_content_length="5") == b"onetw"
    assert refused(TRAILER, body, x_amz_decoded_content_length="6") == "payload-mismatch"


@pytest.mark.parametrize(
    "body", [b"", b"3\r\nab", b"3\r\nabcd\r\n0\r\n", b"x\r\n", b"-1\r\n", b"ffffffff\r\na\r\n"]
)
def test_broken_chunks_are_refused(body: bytes) -> None:
    assert refused(TRAILER, body) == "payload-mismatch"


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_fail(body: bytes) -> None:
    assert refused(SIGNED, body) in ("mismatch", "payload-mismatch")
