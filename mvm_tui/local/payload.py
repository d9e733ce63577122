"""A request's body against what its signature says of it, and S3's chunked bodies taken apart."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from mvm_tui.local.sigv4 import UNSIGNED, Claim, SignedRequest
from mvm_tui.local.sigv4_errors import SignatureProblem

_EMPTY_HASH = hashlib.sha256(b"").hexdigest()
_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_STREAMING = frozenset({_SIGNED_CHUNKS, _SIGNED_CHUNKS + "-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?")


def declared_hash(request: SignedRequest, claim: Claim) -> str | None:
    """The payload hash that S3 requests name up front; None where the body has to be read for it."""
    if claim.service != "s3":
        return None
    if claim.presigned:
        return request.header("x-amz-content-sha256") or UNSIGNED
    declared = request.header("x-amz-content-sha256")
    if not declared:
        raise SignatureProblem("incomplete")
    return declared


def hash_of(body: bytes) -> str:
    """The SHA-256 of a body in hexadecimal."""
    return hashlib.sha256(body).hexdigest() if body else _EMPTY_HASH


def checked_body(
    request: SignedRequest, claim: Claim, declared: str, signing_key: bytes, body: bytes
) -> bytes:
    """The content of an S3 request whose signature named `declared` as its payload hash.

    Raises:
        SignatureProblem: the body is not the one that was signed, or its chunks are not.
    """
    if declared == UNSIGNED:
        return body
    if declared in _STREAMING:
        chain = _Chain(claim, signing_key) if declared.startswith(_SIGNED_CHUNKS) else None
        content = _join_chunks(body, chain)
        length = request.header("x-amz-decoded-content-length")
        if length and length != str(len(content)):
            raise SignatureProblem("payload-mismatch")
        return content
    if not hmac.compare_digest(declared.encode(errors="replace"), hash_of(body).encode()):
        raise SignatureProblem("payload-mismatch")
    return body


@dataclass(slots=True)
class _Chunk:
    content: bytes
    signature: bytes


class _Chain:
    """Signatures of chunks, each of which covers the one before it."""

    def __init__(self, claim: Claim, signing_key: bytes) -> None:
        self._head = f"{claim.moment}\n{claim.scope}\n"
        self._key = signing_key
        self._previous = claim.signature

    def check_chunk(self, chunk: _Chunk) -> None:
        text = (
            f"AWS4-HMAC-SHA256-PAYLOAD\n{self._head}{self._previous}\n{_EMPTY_HASH}\n{hash_of(chunk.content)}"
        )
        self._check(text, chunk.signature)

    def check_trailer(self, trailer: bytes) -> None:
        """The trailing headers, the last of which signs the others."""
        signed, mark, signature = trailer.partition(b"x-amz-trailer-signature:")
        if not mark:
            if trailer.strip():
                raise SignatureProblem("mismatch")
            return
        lines = b"".join(line.strip() + b"\n" for line in signed.splitlines() if line.strip())
        text = f"AWS4-HMAC-SHA256-TRAILER\n{self._head}{self._previous}\n{hash_of(lines)}"
        self._check(text, signature.strip())

    def _check(self, text: str, signature: bytes) -> None:
        computed = hmac.digest(self._key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(computed.encode(), signature):
            raise SignatureProblem("mismatch")
        self._previous = computed


def _join_chunks(body: bytes, chain: _Chain | None) -> bytes:
    chunks, trailer = _split_chunks(body)
    if chain:
        for chunk in chunks:
            chain.check_chunk(chunk)
        chain.check_trailer(trailer)
    return b"".join(chunk.content for chunk in chunks)


def _split_chunks(body: bytes) -> tuple[list[_Chunk], bytes]:
    """The chunks of an aws-chunked body, the empty last one included, and what follows them."""
    chunks: list[_Chunk] = []
    at = 0
    while not chunks or chunks[-1].content:
        line_end = body.find(b"\r\n", at)
        head = _CHUNK_HEAD.fullmatch(body, at, line_end) if line_end >= 0 else None
        if head is None:
            raise SignatureProblem("payload-mismatch")
        size, start = int(head[1], 16), line_end + 2
        at = start + size
        chunks.append(_Chunk(body[start:at], head[2] or b""))
        if len(chunks[-1].content) != size or (size and body[at : at + 2] != b"\r\n"):
            raise SignatureProblem("payload-mismatch")
        at += 2 if size else 0
    return chunks, body[at:]
