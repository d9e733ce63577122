"""Requests signed by botocore, for checking that the server reads what real clients write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mvm_tui.local.sigv4 import RunKey, SignedRequest

KEY = RunKey("LOCALTESTKEY", "not-a-secret")
HOST = "127.0.0.1:4290"


@dataclass
class Ask:
    """What to sign."""

    method: str = "GET"
    path: str = "/2025-09-09/microvms"
    body: bytes = b""
    service: str = "lambda"
    region: str = "us-east-1"
    host: str = HOST
    headers: Mapping[str, str] = field(default_factory=dict)
    expires: int = 0
    key: RunKey = KEY

    def signed(self) -> AWSRequest:
        request = AWSRequest(
            self.method,
            f"http://{self.host}{self.path}",
            headers={"Host": self.host, **self.headers},
            data=self.body,
        )
        credentials = Credentials(self.key.access_key, self.key.secret_key)
        s3 = self.service == "s3"
        if self.expires:
            query = S3SigV4QueryAuth if s3 else SigV4QueryAuth
            query(credentials, self.service, self.region, expires=self.expires).add_auth(request)
        else:
            header = S3SigV4Auth if s3 else SigV4Auth
            header(credentials, self.service, self.region).add_auth(request)
        return request


def as_received(request: AWSRequest) -> SignedRequest:
    """A signed request as the server sees it."""
    parts = urlsplit(text(request.url or ""))
    headers = {name.lower(): [text(value)] for name, value in request.headers.items()}
    return SignedRequest(str(request.method), parts.path, parts.query, headers)


def text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
