"""Well-signed nonsense for every operation: whatever it is, it is answered at once and never with a 5xx."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

import mvm_tui.local.operations  # noqa: F401 registers the handlers
from mvm_tui.local.launch import Facts
from mvm_tui.local.sigv4 import RunKey
from mvm_tui.local.wire.models import SERVICES_BY_SCOPE, Operation, service
from mvm_tui.local.wire.operations import handler_for
from mvm_tui.local.wire.shapes import Node
from tests.cloud import client, cloud_process
from tests.local.signing import Ask, text

CALLS_EACH = 12
SLOWEST_SECONDS = 5.0
IMAGE = "arn:aws:lambda:us-east-1:000000000000:microvm-image:hello-web"
TEXTS = (
    *(
        "",
        "x",
        "0",
        "-1",
        "1.0",
        "true",
        "null",
        "٣",
        "∞",
        "\0",
        "\ud800",
        "a\r\nb: c",
        "../../../etc/passwd",
    ),
    *("9" * 1500, "[" * 1500, "1e999", "0001-01-01T00:00:00Z", "99999-01-01", "bytes=9-1", "YQ==", "a/b?c#d"),
    *(IMAGE, IMAGE.replace("image:", "image/"), "s3://fuzzed/key", "fuzzed", "lambda", "AWSLambda"),
    *("{ $.a[0].b > 1e999 && $.c = 'x' }", '?a -b "c', "%E(%", "/aws/lambda-microvms/hello-web"),
)
NUMBERS = (0, 1, 2, 50, 512, -1, 2**31, 2**63, 10**30, 1.5, -0.0, 1e308, 10**400)
BODIES = (
    *(
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"a":' * 2000,
        b'{"maximumDurationInSeconds":1e999}',
    ),
    *(
        b"<a",
        b"<a>" * 100,
        b"<?xml version='1.0' encoding='nobodys'?><a/>",
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
    ),
)
OPERATIONS = [
    (scope, service(name).operation(operation))
    for scope, names in SERVICES_BY_SCOPE.items()
    for name in names
    for operation in service(name).http()
    if (handler := handler_for(name, operation)) and handler.__module__.startswith("mvm_tui.")
]


class Nonsense:
    """Requests that look like an operation's own, more or less. The same every time."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self._chance = random.Random(name)
        self._texts = TEXTS + known * 5

    def _odd(self) -> Any:
        return self._chance.choice((*self._texts, *NUMBERS, None, True, [], {}, [None], {"": {}}))

    def text(self) -> str:
        return str(self._chance.choice(self._texts)).encode(errors="replace").decode()

    def value(self, node: Node, depth: int = 0) -> Any:
        if self._chance.random() < 0.15 or depth > 6:
            return self._odd()
        if node.enum:
            return self._chance.choice(node.enum)
        if node.kind == "structure":
            return {
                member.wire: self.value(member.node, depth + 1)
                for member in node.members.values()
                if member.location == "body" and (member.required or self._chance.random() < 0.5)
            }
        if node.element:
            items = [
                self.value(node.element.node, depth + 1) for _ in range(self._chance.choice((0, 1, 2, 60)))
            ]
            return items if node.kind == "list" else {str(self._chance.choice(TEXTS)): item for item in items}
        if node.kind in ("integer", "long", "float", "double", "timestamp"):
            return self._chance.choice(NUMBERS)
        return (
            self._chance.choice((True, False)) if node.kind == "boolean" else self._chance.choice(self._texts)
        )

    def ask(self, operation: Operation) -> tuple[str, str, bytes, dict[str, str]]:
        """Method, target, body and headers."""
        model, node = operation.service, operation.input
        content = self.value(node) if node else {}
        if model.protocol == "json":
            target = {"X-Amz-Target": f"{model.target_prefix}.{operation.name}"}
            return "POST", "/", self._body(json.dumps(content).encode()), target
        if model.protocol == "query":
            form = {"Action": operation.name, "Version": model.version, "A.member.1": self.text()}
            return "POST", "/", self._body(urlencode(form).encode()), {}
        http = model.http()[operation.name]
        method, path, query = http["method"], http["requestUri"], []
        headers: dict[str, str] = {}
        for member in node.members.values() if node else ():
            if member.location == "uri":
                part = quote(self.text(), safe="" if self._chance.random() < 0.8 else ":/") or "x"
                path = path.replace(f"{{{member.wire}}}", part).replace(f"{{{member.wire}+}}", part)
            elif member.location == "querystring" and (member.required or self._chance.random() < 0.4):
                query.append(f"{member.wire}={quote(self.text(), safe='')}")
            elif member.location == "header" and member.wire.lower() != "content-length":
                headers |= {member.wire: quote(self.text(), safe=" =")} if self._chance.random() < 0.2 else {}
        if query:
            path += ("&" if "?" in path else "?") + "&".join(query)
        body = b"" if method in ("GET", "HEAD") else json.dumps(content).encode()
        return method, path, self._body(body), headers

    def _body(self, body: bytes) -> bytes:
        return self._chance.choice(BODIES) if self._chance.random() < 0.2 else body


@pytest.fixture(scope="module")
def demo() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=100, rates=False) as facts:
        client(facts, "s3").create_bucket(Bucket="fuzzed")
        yield facts


@pytest.mark.parametrize(("scope", "operation"), OPERATIONS, ids=[each.name for _, each in OPERATIONS])
def test_nonsense_is_refused_and_not_stumbled_over(demo: Facts, scope: str, operation: Operation) -> None:
    known = tuple(vm["microvmId"] for vm in client(demo).list_microvms()["items"])
    nonsense = Nonsense(operation.name, known)
    connection = HTTPConnection("127.0.0.1", demo.port, timeout=SLOWEST_SECONDS)
    for _ in range(CALLS_EACH):
        method, target, body, headers = nonsense.ask(operation)
        key = RunKey(demo.access_key, demo.secret_key)
        host = f"127.0.0.1:{demo.port}"
        signed = Ask(method, target, body, service=scope, host=host, headers=headers, key=key).signed()
        parts = urlsplit(text(signed.url or ""))
        whole = {name: text(value) for name, value in signed.headers.items()}
        started = time.monotonic()
        connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body, whole)
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 500, (method, target, body[:500])
        assert time.monotonic() - started < SLOWEST_SECONDS
