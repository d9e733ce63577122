"""Client tokens: the same request again gets the same answer, another request with the token is refused."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

# How many answers are kept. Clients make a token of their own for every call, so the oldest ones must go.
KEPT_ANSWERS = 10_000


class TokenReusedError(Exception):
    """The token was used before, with other parameters."""


class Answers:
    """The answers given to requests that carried a client token."""

    def __init__(self, kept: int = KEPT_ANSWERS) -> None:
        self._kept = kept
        self._answers: OrderedDict[tuple[str, str], tuple[bytes, dict[str, Any]]] = OrderedDict()

    def earlier(self, operation: str, token: str | None, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer this very request got before, or None.

        Raises:
            TokenReusedError: The token came with other parameters.
        """
        found = self._answers.get((operation, token)) if token else None
        if found is None:
            return None
        fingerprint, answer = found
        if fingerprint != _fingerprint(params):
            raise TokenReusedError
        return answer

    def keep(
        self, operation: str, token: str | None, params: Mapping[str, Any], answer: dict[str, Any]
    ) -> dict[str, Any]:
        """Remember an answer; hands it back."""
        if token:
            self._answers[operation, token] = (_fingerprint(params), answer)
            if len(self._answers) > self._kept:
                self._answers.popitem(last=False)
        return answer


def _fingerprint(params: Mapping[str, Any]) -> bytes:
    """A digest, so that no payload or environment variable is kept for the sake of comparing it."""
    return hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode()).digest()
