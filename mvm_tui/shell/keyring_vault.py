"""Tokens in the system's keyring, if there is a real one: never in a file, never in plain text.

One entry of the keyring holds the tokens of one scope (partition, account, region, endpoint) as JSON; those
that have expired are dropped whenever it is written.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from mvm_tui.model.clock import Clock
from mvm_tui.model.token import AccessToken

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "mvm-tui"
# A keyring may ask the user to unlock it, or its daemon may hang: nothing waits for it longer.
PATIENCE_SECONDS = 2.0
# keyring's own measure of a backend that it recommends.
LEAST_PRIORITY = 1
_NO_KEYRING = "There is no keyring to keep tokens in: they are kept in memory only."
_UNREAL = ("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer", "keyrings.alt")

T = TypeVar("T")


class KeyringVault:
    """A `mvm_tui.shell.tokens.Vault`. Once the keyring fails it is left alone, which is said once.

    Args:
        scope: Whose tokens: they are valid for one account, region and endpoint.
        say: Is told, at most once, that there is no keyring.
        find: Finds the backend; None if there is no real one. May take its time and raise.
    """

    def __init__(
        self,
        scope: str,
        clock: Clock,
        say: Callable[[str], None],
        find: Callable[[], KeyringBackend | None] | None = None,
    ) -> None:
        self._scope = scope
        self._clock = clock
        self._say = say
        self._find = find or real_backend
        self._lock = threading.Lock()
        self._off = False

    def get(self, key: str) -> AccessToken | None:
        with self._lock:
            return self._try(lambda backend: self._read(backend).get(key))

    def put(self, key: str, token: AccessToken) -> None:
        with self._lock:
            self._try(lambda backend: self._write(backend, self._read(backend) | {key: token}))

    def drop(self, key: str) -> None:
        with self._lock:
            self._try(lambda backend: self._without(backend, key))

    def _without(self, backend: KeyringBackend, key: str) -> None:
        tokens = self._read(backend)
        if tokens.pop(key, None) is not None:
            self._write(backend, tokens)

    def _read(self, backend: KeyringBackend) -> dict[str, AccessToken]:
        return _parse(backend.get_password(SERVICE, self._scope) or "", self._clock.now())

    def _write(self, backend: KeyringBackend, tokens: dict[str, AccessToken]) -> None:
        text = json.dumps(
            {
                key: {"headers": list(token.headers), "expires_at": token.expires_at.isoformat()}
                for key, token in tokens.items()
            }
        )
        backend.set_password(SERVICE, self._scope, text)

    def _try(self, use: Callable[[KeyringBackend], T]) -> T | None:
        """What `use` gives, in a thread that is not waited for longer than `PATIENCE_SECONDS`."""
        if self._off:
            return None
        found: list[T] = []
        done = threading.Event()

        def run() -> None:
            try:
                backend = self._find()
                if backend is not None:
                    found.append(use(backend))
            except Exception:  # noqa: BLE001, S110 - backends raise anything; its absence is what counts
                pass
            finally:
                done.set()

        threading.Thread(target=run, name="keyring", daemon=True).start()
        done.wait(PATIENCE_SECONDS)
        if found:
            return found[0]
        self._off = True
        self._say(_NO_KEYRING)
        return None


def real_backend() -> KeyringBackend | None:
    """The keyring that the user's system has; None where it is only a file, or nothing at all."""
    import keyring

    backend: Any = keyring.get_keyring()
    # The chainer asks several; it is not taken itself, for files may be among them.
    candidates = backend.backends if type(backend).__module__ == "keyring.backends.chainer" else [backend]
    return next((each for each in candidates if is_real(each)), None)


def is_real(backend: Any) -> bool:
    """Whether a backend keeps secrets as a keyring does: recommended by keyring itself, and no file."""
    module = type(backend).__module__
    file = hasattr(type(backend), "file_path") or hasattr(type(backend), "filename")
    return not module.startswith(_UNREAL) and not file and float(backend.priority) >= LEAST_PRIORITY


def _parse(text: str, now: datetime) -> dict[str, AccessToken]:
    """The tokens that have not expired; whatever else stands there is none."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    tokens = {}
    for key, members in content.items() if isinstance(content, dict) else ():
        try:
            headers = tuple((str(name), str(value)) for name, value in members["headers"])
            expires_at = datetime.fromisoformat(members["expires_at"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if headers and expires_at > now:
            tokens[key] = AccessToken(headers, expires_at)
    return tokens
