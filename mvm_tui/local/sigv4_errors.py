"""How each kind of service words the same problem with a signature."""

from __future__ import annotations

from typing import Literal

from mvm_tui.local.wire.errors import ServiceError

Kind = Literal[
    "missing",
    "incomplete",
    "unknown-key",
    "unsigned-header",
    "mismatch",
    "skewed",
    "expired",
    "payload-mismatch",
    "expired-token",
]

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
_INCOMPLETE = (
    "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters "
    "and the existence of either a 'X-Amz-Date' or a 'Date' header."
)

_JSON: dict[Kind, tuple[str, int, str]] = {
    "missing": ("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
    "incomplete": ("IncompleteSignatureException", 403, _INCOMPLETE),
    "unknown-key": (
        "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
    ),
    "unsigned-header": (
        "InvalidSignatureException",
        403,
        "There were headers present in the request which were not signed",
    ),
    "mismatch": ("InvalidSignatureException", 403, _MISMATCH),
    "skewed": ("InvalidSignatureException", 403, "Signature expired"),
    "expired": ("InvalidSignatureException", 403, "Signature expired"),
    "payload-mismatch": ("InvalidSignatureException", 403, _MISMATCH),
    "expired-token": ("ExpiredTokenException", 403, "The security token included in the request is expired"),
}

_QUERY: dict[Kind, tuple[str, int, str]] = {
    "missing": ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
    "incomplete": ("IncompleteSignature", 400, _INCOMPLETE),
    "unknown-key": ("InvalidClientTokenId", 403, "The security token included in the request is invalid."),
    "unsigned-header": (
        "SignatureDoesNotMatch",
        403,
        "There were headers present in the request which were not signed",
    ),
    "mismatch": ("SignatureDoesNotMatch", 403, _MISMATCH),
    "skewed": ("SignatureDoesNotMatch", 403, "Signature expired"),
    "expired": ("SignatureDoesNotMatch", 403, "Signature expired"),
    "payload-mismatch": ("SignatureDoesNotMatch", 403, _MISMATCH),
    "expired-token": ("ExpiredToken", 403, "The security token included in the request is expired"),
}

_S3: dict[Kind, tuple[str, int, str]] = {
    "missing": ("AccessDenied", 403, "Access Denied"),
    "incomplete": (
        "AuthorizationHeaderMalformed",
        400,
        "The authorization header that you provided is not valid.",
    ),
    "unknown-key": (
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "unsigned-header": (
        "AccessDenied",
        403,
        "There were headers present in the request which were not signed",
    ),
    "mismatch": (
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and "
        "signing method.",
    ),
    "skewed": (
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ),
    "expired": ("AccessDenied", 403, "Request has expired"),
    "payload-mismatch": (
        "XAmzContentSHA256Mismatch",
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
    "expired-token": ("ExpiredToken", 400, "The provided token has expired."),
}

_BY_PROTOCOL = {"rest-json": _JSON, "json": _JSON, "query": _QUERY, "rest-xml": _S3}


class SignatureProblem(Exception):
    """A request is not signed as it has to be. `detail` replaces the usual sentence where it is given."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(detail or kind)
        self.kind: Kind = kind
        self.detail = detail

    def as_service_error(self, protocol: str) -> ServiceError:
        """The answer of a service that speaks a protocol.

        Services of the JSON-RPC kind send 400 where REST services send 403.
        """
        code, status, sentence = _BY_PROTOCOL[protocol][self.kind]
        if protocol == "json":
            status = 400
        use_detail = self.detail and not (protocol == "rest-xml" and self.kind == "skewed")
        return ServiceError(code, status, self.detail if use_detail else sentence)
