"""Keeps tokens until they expire, so that `shell`, `call` and `forward` in a row do not mint each time.

The service mints five shell tokens a second for a whole account. Tokens live in memory; with a `Vault` also
in the system's keyring, where the next run finds them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mvm_tui.model.clock import Clock
from mvm_tui.model.token import AccessToken

SHELL = "shell"
PORTS = "ports"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a token is for. `ports` are inclusive ranges; None with `PORTS` means all of them."""

    vm_id: str
    kind: str = SHELL
    ports: tuple[tuple[int, int], ...] | None = None

    @property
    def key(self) -> str:
        """One text for it, the same in every run."""
        if self.kind == SHELL:
            return f"{self.vm_id} {SHELL}"
        ranges = "all" if self.ports is None else ",".join(f"{first}-{last}" for first, last in self.ports)
        return f"{self.vm_id} {PORTS} {ranges}"


class Vault(Protocol):
    """A place that outlives the process. It never raises: what it cannot do is left out."""

    def get(self, key: str) -> AccessToken | None: ...
    def put(self, key: str, token: AccessToken) -> None: ...
    def drop(self, key: str) -> None: ...


class Tokens:
    """Safe to use from any thread; every method that gives a token may block and raise Problem.

    Args:
        make: Asks the service for a token.
        vault: Where tokens are kept besides; None keeps them in memory only.
    """

    def __init__(
        self, make: Callable[[Purpose], AccessToken], clock: Clock, vault: Vault | None = None
    ) -> None:
        self._make = make
        self._clock = clock
        self._vault = vault
        self._kept: dict[str, AccessToken] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def shell(self, vm_id: str, *, fresh: bool = False) -> AccessToken:
        """A token for the shell; this is the `mint` of a session."""
        return self.get(Purpose(vm_id), fresh=fresh)

    def ports(
        self, vm_id: str, ports: tuple[tuple[int, int], ...] | None = None, *, fresh: bool = False
    ) -> AccessToken:
        """A token for these ports of the endpoint, None for all."""
        return self.get(Purpose(vm_id, PORTS, ports), fresh=fresh)

    def get(self, purpose: Purpose, *, fresh: bool = False) -> AccessToken:
        """A kept token if there is one that lasts, else a new one; `fresh` takes none that is kept.

        Who asks for the same at the same time waits for one call.
        """
        key = purpose.key
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            token = None if fresh else self._find(key)
            if token is None:
                token = self._make(purpose)
                self._keep(key, token)
            return token

    def _find(self, key: str) -> AccessToken | None:
        now = self._clock.now()
        token = self._kept.get(key)
        if token is not None and token.usable(now):
            return token
        token = self._vault.get(key) if self._vault is not None else None
        if token is None or not token.usable(now):
            return None
        self._kept[key] = token
        return token

    def _keep(self, key: str, token: AccessToken) -> None:
        now = self._clock.now()
        with self._lock:
            self._kept = {each: kept for each, kept in self._kept.items() if kept.usable(now)} | {key: token}
        if self._vault is not None:
            self._vault.put(key, token)

    def forget(self, vm_id: str) -> None:
        """Drop what is kept for a MicroVM, such as one that has ended."""
        with self._lock:
            keys = [key for key in self._kept if key.partition(" ")[0] == vm_id]
            for key in keys:
                del self._kept[key]
        for key in keys:
            if self._vault is not None:
                self._vault.drop(key)
