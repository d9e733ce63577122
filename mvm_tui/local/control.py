"""`/_local/`: what a run can be told while it runs, by whoever holds its key.

- ``GET /_local/faults``     {"faults": ["throttle@RunMicrovm*2", …]}
- ``PUT /_local/faults``     the same shape: these and no others
- ``DELETE /_local/faults``  none
- ``/_local/logs`` and ``/_local/loads``: see `log_control`

The key goes as HTTP basic authentication: access key and secret key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

from mvm_tui.local.faults import Faults, parse_fault
from mvm_tui.local.sigv4 import RunKey
from mvm_tui.local.wire.serialise import WireAnswer

PREFIX = "/_local/"
MAX_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """A request to one resource: `rest` are the parts of its path after the resource's name."""

    method: str
    rest: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """The body, a JSON object; ValueError when it is none."""
        document = json.loads(self.body)
        if not isinstance(document, dict):
            raise ValueError("the body is a JSON object")
        return document


class Refused(Exception):
    """A resource's answer to a request that it cannot do: an HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Resource(Protocol):
    """What `/_local/NAME` answers: a JSON object, or plain text. ValueError means a wrong request."""

    def answer(self, request: ControlRequest) -> dict[str, Any] | str: ...


class Control:
    """Answers requests under `/_local/`."""

    def __init__(self, key: RunKey, faults: Faults, resources: Mapping[str, Resource] | None = None) -> None:
        self._expected = f"{key.access_key}:{key.secret_key}".encode()
        self._resources: dict[str, Resource] = {"faults": FaultsResource(faults), **(resources or {})}

    def answer(self, method: str, raw_path: str, authorization: str, body: bytes) -> WireAnswer:
        """The answer to a request; 403 without the run's key, whatever it asks for."""
        if not self._knows_key(authorization):
            return _problem(403, "the key of this run is wanted")
        path, _, query = raw_path.removeprefix(PREFIX).partition("?")
        name, *rest = path.split("/")
        resource = self._resources.get(name)
        if resource is None:
            names = ", ".join(PREFIX + name for name in sorted(self._resources))
            return _problem(404, f"there is only {names}")
        try:
            given = resource.answer(ControlRequest(method, tuple(rest), dict(parse_qsl(query)), body))
        except Refused as refusal:
            return _problem(refusal.status, str(refusal))
        except ValueError as problem:
            return _problem(400, str(problem))
        if isinstance(given, str):
            return WireAnswer(200, given.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        return _answer(200, given)

    def _knows_key(self, authorization: str) -> bool:
        kind, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        return kind.lower() == "basic" and hmac.compare_digest(given, self._expected)


class FaultsResource:
    """The faults that are switched on."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def answer(self, request: ControlRequest) -> dict[str, Any]:
        if request.rest:
            raise Refused(404, "there is nothing below /_local/faults")
        if request.method == "PUT":
            self._faults.replace([parse_fault(text) for text in _texts(request.document())])
        elif request.method == "DELETE":
            self._faults.replace([])
        elif request.method != "GET":
            raise Refused(405, "GET, PUT or DELETE")
        return {"faults": self._faults.texts()}


def _texts(document: dict[str, Any]) -> list[str]:
    texts = document.get("faults")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError('the body is {"faults": ["…", …]}')
    return texts


def _problem(status: int, sentence: str) -> WireAnswer:
    return _answer(status, {"error": sentence})


def _answer(status: int, document: dict[str, Any]) -> WireAnswer:
    return WireAnswer(status, json.dumps(document).encode(), {"Content-Type": "application/json"})
