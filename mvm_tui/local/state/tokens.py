"""The tokens that open a MicroVM's endpoint and its shell."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mvm_tui.local.clock import Timing

Kind = Literal["http", "shell"]
Ports = tuple[tuple[int, int], ...]

# Recorded: a compact JWE of about 750 characters, direct key agreement, five parts, the second empty.
_NONCE_BYTES = 12
_CIPHERTEXT_BYTES = 424
_TAG_BYTES = 16
# Expired grants are dropped whenever this many more have been minted.
_SWEEP_EVERY = 1000


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a token allows. `ports` are inclusive ranges; None allows every port."""

    microvm_id: str
    kind: Kind
    ports: Ports | None
    expires_at: datetime

    def allows_port(self, port: int) -> bool:
        return self.ports is None or any(first <= port <= last for first, last in self.ports)


class Tokens:
    """Mints opaque tokens and knows what each of them grants. Tokens live in memory only."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._key_id = str(uuid.uuid4())
        self._grants: dict[str, TokenGrant] = {}
        self._minted = 0

    def __len__(self) -> int:
        """How many grants are held, expired ones that were not swept yet included."""
        return len(self._grants)

    def mint(
        self, microvm_id: str, ports: Sequence[tuple[int, int]] | None, kind: Kind, lifetime: timedelta
    ) -> str:
        """A new token, valid from now for `lifetime` of real time."""
        header = json.dumps({"kid": self._key_id, "alg": "dir", "enc": "A256GCM"}, separators=(",", ":"))
        parts = (
            header.encode(),
            b"",
            *map(secrets.token_bytes, (_NONCE_BYTES, _CIPHERTEXT_BYTES, _TAG_BYTES)),
        )
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        granted = None if ports is None else tuple(ports)
        self._grants[token] = TokenGrant(microvm_id, kind, granted, self._timing.now() + lifetime)
        self._minted += 1
        if self._minted % _SWEEP_EVERY == 0:
            self._drop_expired()
        return token

    def check(self, token: str) -> TokenGrant | None:
        """What the token grants now; None for an expired one and for any other text."""
        grant = self._grants.get(token)
        return grant if grant is not None and grant.expires_at > self._timing.now() else None

    def _drop_expired(self) -> None:
        now = self._timing.now()
        self._grants = {token: grant for token, grant in self._grants.items() if grant.expires_at > now}
