"""Secrets this process knows of, so that nothing written to disk can hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "********"
# Shorter words would mask half of every text.
SHORTEST = 8
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")
# What looks like one wherever it comes from: access key ids, bearer and proxy tokens (JWE, JWT), values
# of headers and members that carry them.
_LOOKS_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}"
    r"|(?<=Signature=)[0-9a-f]{64}"
    r"|(?i:(?<=x-amz-security-token: )|(?<=x-aws-proxy-auth: ))\S+"
)


class Secrets:
    """Texts to be masked; they are kept in memory only."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add(self, *texts: str | None) -> None:
        """Remember texts that must not reach a file: keys, tokens, payloads."""
        self._known.update(text for text in texts if text and len(text) >= SHORTEST)

    def add_environment(self, environ: Mapping[str, str]) -> None:
        """Remember the credentials that the environment carries."""
        self.add(*(environ.get(name) for name in _SECRET_VARIABLES))

    def mask(self, text: str) -> str:
        """`text` without the secrets known, nor anything that looks like one."""
        for secret in sorted(self._known, key=len, reverse=True):
            if secret in text:
                text = text.replace(secret, MASK)
        return _LOOKS_SECRET.sub(MASK, text)


KNOWN = Secrets()
