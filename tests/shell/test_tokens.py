"""Tokens are kept as long as they last, in memory, and in a real keyring only if there is one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from mvm_tui.model.clock import ManualClock
from mvm_tui.model.token import AccessToken
from mvm_tui.shell import keyring_vault
from mvm_tui.shell.keyring_vault import KeyringVault, is_real
from mvm_tui.shell.tokens import Purpose, Tokens


class Memory(KeyringBackend):
    """A keyring in memory, as real as any to whoever asks it."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's is untyped
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class Maker:
    """Mints tokens of 15 minutes, and counts them."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.made: list[str] = []

    def __call__(self, purpose: Purpose) -> AccessToken:
        self.made.append(purpose.key)
        headers = (("X-aws-proxy-auth", f"secret-{len(self.made)}"),)
        return AccessToken(headers, self.clock.now() + timedelta(minutes=15))


def test_a_token_is_used_until_shortly_before_its_end() -> None:
    clock = ManualClock()
    tokens = Tokens(Maker(clock), clock)
    first = tokens.shell("vm-1")
    clock.advance(14 * 60)
    assert tokens.shell("vm-1") is first
    clock.advance(31)
    assert tokens.shell("vm-1").secret == "secret-2"


def test_each_purpose_has_its_own_and_fresh_is_fresh() -> None:
    clock = ManualClock()
    make = Maker(clock)
    tokens = Tokens(make, clock)
    asked: list[Callable[[], AccessToken]] = [
        lambda: tokens.shell("vm-1"),
        lambda: tokens.shell("vm-2"),
        lambda: tokens.ports("vm-1"),
        lambda: tokens.ports("vm-1", ((80, 80), (90, 99))),
    ]
    for ask in (*asked, *asked):
        ask()
    assert make.made == ["vm-1 shell", "vm-2 shell", "vm-1 ports all", "vm-1 ports 80-80,90-99"]
    assert tokens.shell("vm-1", fresh=True).secret == "secret-5"
    assert tokens.shell("vm-1").secret == "secret-5"
    tokens.forget("vm-1")
    assert tokens.shell("vm-1").secret == "secret-6"
    assert tokens.shell("vm-2").secret == "secret-2"


def test_who_asks_at_the_same_time_gets_the_same() -> None:
    clock = ManualClock()
    make = Maker(clock)
    tokens = Tokens(make, clock)
    got: list[AccessToken] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.shell("vm-1"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(make.made) == 1
    assert len(set(got)) == 1


def test_a_keyring_carries_tokens_to_the_next_run_and_drops_those_that_expired() -> None:
    clock, backend, said = ManualClock(), Memory(), list[str]()
    make = Maker(clock)

    def run() -> Tokens:
        return Tokens(make, clock, KeyringVault("aws/0/us-east-1", clock, said.append, lambda: backend))

    run().shell("vm-1")
    clock.advance(600)
    assert run().shell("vm-1").secret == "secret-1"
    clock.advance(600)
    run().shell("vm-2")
    ((service, scope), text), *_ = backend.entries.items()
    assert (service, scope) == ("mvm-tui", "aws/0/us-east-1")
    assert list(json.loads(text)) == ["vm-2 shell"]
    tokens = run()
    tokens.shell("vm-2")
    tokens.forget("vm-2")
    assert json.loads(next(iter(backend.entries.values()))) == {}
    assert said == []


@pytest.mark.parametrize("text", ["", "odd", "[]", '{"vm-1 shell": 7}', '{"vm-1 shell": {"headers": [1]}}'])
def test_whatever_a_keyring_holds_is_no_trouble(text: str) -> None:
    clock, backend = ManualClock(), Memory()
    backend.set_password("mvm-tui", "scope", text)
    tokens = Tokens(Maker(clock), clock, KeyringVault("scope", clock, lambda _: None, lambda: backend))
    assert tokens.shell("vm-1").secret == "secret-1"


def test_without_a_keyring_that_is_said_once_and_memory_serves() -> None:
    clock, said = ManualClock(), list[str]()
    make = Maker(clock)
    tokens = Tokens(make, clock, KeyringVault("scope", clock, said.append, lambda: None))
    tokens.shell("vm-1")
    tokens.shell("vm-2")
    tokens.shell("vm-1")
    assert said == ["There is no keyring to keep tokens in: they are kept in memory only."]
    assert len(make.made) == 2


def test_a_keyring_that_hangs_or_fails_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring_vault, "PATIENCE_SECONDS", 0.05)
    release = threading.Event()

    def hang() -> KeyringBackend | None:
        release.wait(30)
        return None

    def fail() -> KeyringBackend | None:
        raise RuntimeError("no daemon")

    clock = ManualClock()
    for find in (hang, fail):
        said: list[str] = []
        tokens = Tokens(Maker(clock), clock, KeyringVault("scope", clock, said.append, find))
        assert tokens.shell("vm-1").secret == "secret-1"
        assert len(said) == 1
    release.set()


def test_what_is_a_real_keyring() -> None:
    from keyring.backends import fail, null

    class Weak(Memory):
        priority = 0.5  # type: ignore[assignment]  # keyring allows fractions

    class InFile(Memory):
        file_path = "/tmp/keyring"

    assert is_real(Memory())
    unreal = [kind() for kind in (fail.Keyring, null.Keyring, Weak, InFile)]
    assert not any(map(is_real, unreal))


def test_keyring_is_not_loaded_unless_it_is_asked(tmp_path: Path) -> None:
    probe = (
        "import sys\n"
        "from mvm_tui.model.clock import SystemClock\n"
        "from mvm_tui.shell import tokens, keyring_vault, session\n"
        "said = []\n"
        "vault = keyring_vault.KeyringVault('scope', SystemClock(), said.append)\n"
        "before = 'keyring' in sys.modules\n"
        "vault.get('vm-1 shell')\n"
        "print(before, 'keyring' in sys.modules, said)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env={"HOME": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("False True ['There is no keyring")
    assert list(tmp_path.iterdir()) == []
