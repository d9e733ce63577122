"""`/_local/`: what a run can be told while it runs, by whoever holds its key.

- ``GET /_local/faults``     {"faults": ["throttle@RunMicrovm*2", …]}
- ``PUT /_local/faults``     the same shape: these and no others
- ``DELETE /_local/faults``  none

The key goes as HTTP basic authentication: access key and secret key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json

from mvm_tui.local.faults import Faults, parse_fault
from mvm_tui.local.sigv4 import RunKey
from mvm_tui.local.wire.serialise import WireAnswer

PREFIX = "/_local/"
MAX_BODY = 64 * 1024


class Control:
    """Answers requests under `/_local/`."""

    def __init__(self, key: RunKey, faults: Faults) -> None:
        self._expected = f"{key.access_key}:{key.secret_key}".encode()
        self._faults = faults

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> WireAnswer:
        """The answer to a request; 403 without the run's key, whatever it asks for."""
        if not self._knows_key(authorization):
            return _answer(403, {"error": "the key of this run is wanted"})
        if path != PREFIX + "faults":
            return _answer(404, {"error": "there is only /_local/faults"})
        if method == "PUT":
            try:
                self._faults.replace([parse_fault(text) for text in _texts(body)])
            except ValueError as problem:
                return _answer(400, {"error": str(problem)})
        elif method == "DELETE":
            self._faults.replace([])
        elif method != "GET":
            return _answer(405, {"error": "GET, PUT or DELETE"})
        return _answer(200, {"faults": self._faults.texts()})

    def _knows_key(self, authorization: str) -> bool:
        kind, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        return kind.lower() == "basic" and hmac.compare_digest(given, self._expected)


def _texts(body: bytes) -> list[str]:
    document = json.loads(body)
    texts = document.get("faults") if isinstance(document, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError('the body is {"faults": ["…", …]}')
    return texts


def _answer(status: int, document: dict[str, object]) -> WireAnswer:
    return WireAnswer(status, json.dumps(document).encode(), {"Content-Type": "application/json"})
