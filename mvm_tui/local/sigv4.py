"""AWS Signature Version 4, checked in full: header and presigned signatures, and S3's chunked bodies.

The rules are those of AWS's "Create a signed AWS API request" and, for chunks, of the S3 API
reference's "Signature calculations … transferring payload in multiple chunks".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from mvm_tui.local.sigv4_errors import SignatureProblem

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
_DATE = "%Y%m%dT%H%M%SZ"
_CREDENTIAL = re.compile(r"([^/\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
_LONGEST_PRESIGNED = 604_800
_KEYS_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class RunKey:
    """The one pair of keys of a run. Its text form does not show the secret."""

    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        return f"RunKey({self.access_key!r})"


@dataclass(slots=True)
class SignedRequest:
    """The parts of a request that a signature covers, as they came over the wire."""

    method: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, Sequence[str]]

    def header(self, name: str) -> str:
        """The only value of a header, empty when it was not sent."""
        return (self.headers.get(name) or ("",))[0]


@dataclass(slots=True)
class Claim:
    """What a request says of its own signature; nothing of it is proven yet."""

    access_key: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    moment: str
    expires: int | None

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"

    @property
    def presigned(self) -> bool:
        return self.expires is not None


def read_claim(request: SignedRequest) -> Claim:
    """The signature that a request carries, in its header or in its query.

    Raises:
        SignatureProblem: missing, or incomplete.
    """
    header = request.header("authorization")
    if header:
        return _header_claim(header, request.header("x-amz-date"))
    query = dict(parse_qsl(request.raw_query, keep_blank_values=True))
    if "X-Amz-Signature" in query or "X-Amz-Algorithm" in query:
        return _query_claim(query)
    raise SignatureProblem("missing")


def _header_claim(header: str, moment: str) -> Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise SignatureProblem("missing")
    fields = {}
    for item in rest.split(","):
        name, _, value = item.strip().partition("=")
        fields[name] = value
    return _claim(
        fields.get("Credential", ""),
        fields.get("SignedHeaders", ""),
        fields.get("Signature", ""),
        moment,
        None,
    )


def _query_claim(query: Mapping[str, str]) -> Claim:
    expires = query.get("X-Amz-Expires", "")
    if query.get("X-Amz-Algorithm") != ALGORITHM or not re.fullmatch("[0-9]{1,6}", expires):
        raise SignatureProblem("incomplete")
    if not 1 <= int(expires) <= _LONGEST_PRESIGNED:
        raise SignatureProblem("incomplete")
    return _claim(
        query.get("X-Amz-Credential", ""),
        query.get("X-Amz-SignedHeaders", ""),
        query.get("X-Amz-Signature", ""),
        query.get("X-Amz-Date", ""),
        int(expires),
    )


def _claim(credential: str, signed: str, signature: str, moment: str, expires: int | None) -> Claim:
    found = _CREDENTIAL.fullmatch(credential)
    if not found or not signed or not signature or not re.fullmatch(r"\d{8}T\d{6}Z", moment):
        raise SignatureProblem("incomplete")
    access_key, day, region, service = found.groups()
    names = tuple(signed.split(";"))
    if "host" not in names or not moment.startswith(day):
        raise SignatureProblem("incomplete")
    return Claim(access_key, day, region, service, names, signature, moment, expires)


class Verifier:
    """Checks claims against the run's key and the clock."""

    def __init__(self, key: RunKey, now: Callable[[], datetime]) -> None:
        self._key = key
        self._now = now
        self._signing_keys: dict[tuple[str, str, str], bytes] = {}

    def verify(self, request: SignedRequest, claim: Claim, payload_hash: str) -> None:
        """Prove a claim. `payload_hash` is what the request's signature has to have covered.

        Raises:
            SignatureProblem: unknown-key, skewed, expired, unsigned-header or mismatch.
        """
        if not _same(claim.access_key, self._key.access_key) or _has_session_token(request):
            raise SignatureProblem("unknown-key")
        self._check_time(claim)
        self._check_headers(request, claim)
        canonical = _canonical_request(request, claim, payload_hash).encode(errors="surrogateescape")
        digest = hashlib.sha256(canonical).hexdigest()
        text = f"{ALGORITHM}\n{claim.moment}\n{claim.scope}\n{digest}"
        if not _same(_hmac(self.signing_key(claim), text).hex(), claim.signature):
            raise SignatureProblem("mismatch")

    def signing_key(self, claim: Claim) -> bytes:
        """The key derived for a claim's day, region and service."""
        name = (claim.day, claim.region, claim.service)
        if name not in self._signing_keys:
            if len(self._signing_keys) >= _KEYS_REMEMBERED:
                self._signing_keys.clear()
            key = b"AWS4" + self._key.secret_key.encode()
            for part in (*name, "aws4_request"):
                key = _hmac(key, part)
            self._signing_keys[name] = key
        return self._signing_keys[name]

    def _check_time(self, claim: Claim) -> None:
        try:
            moment = datetime.strptime(claim.moment, _DATE).replace(tzinfo=UTC)
        except ValueError:
            raise SignatureProblem("incomplete") from None
        now = self._now()
        minutes = 15 if claim.service == "s3" else 5
        skew = timedelta(minutes=minutes)
        if moment > now + skew:
            raise SignatureProblem(
                "skewed",
                f"Signature not yet current: {claim.moment} is still later than "
                f"{(now + skew).strftime(_DATE)} ({now.strftime(_DATE)} + {minutes} min.)",
            )
        if claim.expires is not None:
            if moment + timedelta(seconds=claim.expires) < now:
                raise SignatureProblem("expired", "Request has expired")
        elif moment < now - skew:
            raise SignatureProblem(
                "skewed",
                f"Signature expired: {claim.moment} is now earlier than "
                f"{(now - skew).strftime(_DATE)} ({now.strftime(_DATE)} - {minutes} min.)",
            )

    def _check_headers(self, request: SignedRequest, claim: Claim) -> None:
        """Every X-Amz header steers the call, so each has to be covered by the signature."""
        for name in request.headers:
            if name.startswith("x-amz-") and name not in claim.signed_headers:
                raise SignatureProblem("unsigned-header")


def _has_session_token(request: SignedRequest) -> bool:
    """The run's key is a long-lived one; a token with it belongs to somebody else's session."""
    return "x-amz-security-token" in request.headers or "X-Amz-Security-Token=" in request.raw_query


def _canonical_request(request: SignedRequest, claim: Claim, payload_hash: str) -> str:
    lines = [
        request.method,
        canonical_path(request.raw_path, claim.service),
        _canonical_query(request, claim),
    ]
    for name in claim.signed_headers:
        values = ",".join(" ".join(value.split()) for value in request.headers.get(name, ()))
        lines.append(f"{name}:{values}")
    return "\n".join([*lines, "", ";".join(claim.signed_headers), payload_hash])


def canonical_path(raw_path: str, service: str) -> str:
    """The path as it is signed: S3 signs it as sent, all others normalised and encoded once more."""
    if service == "s3":
        return raw_path
    kept: list[str] = []
    for segment in raw_path.split("/"):
        if segment == "..":
            kept[-1:] = []
        elif segment not in ("", "."):
            kept.append(segment)
    path = "/" + "/".join(kept)
    if kept and raw_path.endswith("/"):
        path += "/"
    return quote(path, safe="/-_.~")


def _canonical_query(request: SignedRequest, claim: Claim) -> str:
    if not request.raw_query:
        return ""
    pairs = []
    for item in request.raw_query.split("&"):
        name, _, value = item.partition("=")
        if item and not (claim.presigned and name == "X-Amz-Signature"):
            pairs.append((_encoded(name), _encoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _encoded(text: str) -> str:
    return quote(unquote(text, errors="surrogateescape"), safe="-_.~", errors="surrogateescape")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))
