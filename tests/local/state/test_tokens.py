from __future__ import annotations

import base64
import json
from datetime import timedelta

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.state.tokens import TokenGrant, Tokens


def test_a_token_looks_like_the_service_s() -> None:
    token = Tokens(ManualTiming()).mint("microvm-1", None, "http", timedelta(minutes=1))
    parts = token.split(".")
    assert len(parts) == 5
    assert parts[1] == ""
    header = json.loads(base64.urlsafe_b64decode(parts[0] + "=="))
    assert header.keys() == {"kid", "alg", "enc"}
    assert (header["alg"], header["enc"]) == ("dir", "A256GCM")
    assert 700 <= len(token) <= 830


def test_a_token_is_good_until_it_expires_in_real_time() -> None:
    timing = ManualTiming(speed=1000)
    tokens = Tokens(timing)
    token = tokens.mint("microvm-1", [(8080, 8080)], "http", timedelta(minutes=1))
    granted = TokenGrant("microvm-1", "http", ((8080, 8080),), timing.now() + timedelta(minutes=1))
    assert tokens.check(token) == granted
    timing.advance(59)
    assert tokens.check(token) is not None
    timing.advance(1)
    assert tokens.check(token) is None


def test_other_text_grants_nothing() -> None:
    tokens = Tokens(ManualTiming())
    token = tokens.mint("microvm-1", None, "shell", timedelta(minutes=1))
    assert tokens.check("not-a-token") is None
    assert tokens.check(token[:-1]) is None
    assert tokens.check("") is None


def test_ports() -> None:
    timing = ManualTiming()
    some = TokenGrant("microvm-1", "http", ((80, 80), (8000, 8100)), timing.now())
    assert [port for port in (79, 80, 81, 7999, 8000, 8100, 8101) if some.allows_port(port)] == [
        80,
        8000,
        8100,
    ]
    assert TokenGrant("microvm-1", "http", None, timing.now()).allows_port(1)


def test_expired_grants_are_dropped() -> None:
    timing = ManualTiming()
    tokens = Tokens(timing)
    for _ in range(999):
        tokens.mint("microvm-1", None, "http", timedelta(minutes=1))
    timing.advance(61)
    tokens.mint("microvm-1", None, "http", timedelta(minutes=1))
    assert len(tokens) == 1
