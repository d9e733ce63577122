"""The leader in what terminals send, plainly and by keyboard protocols."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.shell.leader_keys import Command, LeaderKeys, Typed

F12 = b"\x1b[24~"


def keys(*pieces: bytes, leaders: tuple[str, ...] = ("ctrl+]", "f12")) -> list[Typed | Command]:
    found = LeaderKeys(leaders)
    return [each for piece in pieces for each in found.feed(piece)]


@pytest.mark.parametrize(
    "leader",
    [b"\x1d", F12, b"\x1b[93;5u", b"\x1b[93;5:1u", b"\x1b[93::93;5u", b"\x1b[93;69u", b"\x1b[27;5;93~"],
)
@pytest.mark.parametrize("after", [b"d", b"\x1b[100u", b"\x1b[100;1:1u"])
def test_the_leader_and_what_follows_it(leader: bytes, after: bytes) -> None:
    assert keys(b"ls" + leader + after + b"x") == [Typed(b"ls"), Command("d"), Typed(b"x")]
    assert keys(leader, after) == [Command("d")]


def test_twice_it_is_sent_once() -> None:
    assert keys(b"\x1d\x1d") == [Typed(b"\x1d")]
    assert keys(F12, F12, b"d") == [Typed(F12), Typed(b"d")]
    assert keys(b"\x1b[93;5u\x1b[93;5u") == [Typed(b"\x1d")]


def test_letting_go_of_the_leader_is_no_key() -> None:
    assert keys(b"\x1b[93;5u", b"\x1b[93;5:3u", b"d") == [Command("d")]


@pytest.mark.parametrize(
    "other",
    [b"]", b"\x1b]", b"\x1b[93u", b"\x1b[93;6u", b"\x1b[93;5:3u", b"\x1b[23~", b"\x1b[24;5~", b"\xc3\x9d"],
)
def test_other_keys_are_the_guests(other: bytes) -> None:
    assert keys(other + b"d") == [Typed(other + b"d")]


@pytest.mark.parametrize("key", [b"\x1b[A", b"\x1b", b"\x01", b"\xff", b"\x1b[97;5u"])
def test_what_is_no_character_after_the_leader_is_told_as_none(key: bytes) -> None:
    assert keys(b"\x1d" + key) == [Command("")]


def test_a_paste_is_never_taken_for_it() -> None:
    paste = b"\x1b[200~a\x1ddb\x1b[24~d\x1b[201~"
    assert keys(paste) == [Typed(paste)]
    assert keys(paste[:9], paste[9:12], paste[12:]) == [
        Typed(paste[:9]),
        Typed(paste[9:12]),
        Typed(paste[12:]),
    ]
    assert keys(b"\x1d", paste, b"d") == [Typed(paste), Command("d")]


def test_a_large_paste_is_quick() -> None:
    began = time.perf_counter()
    assert keys(b"x" * 5_000_000) == [Typed(b"x" * 5_000_000)]
    assert time.perf_counter() - began < 1


@given(st.lists(st.one_of(st.binary(max_size=6), st.sampled_from([F12, b"\x1b", b"\x1b["])), max_size=8))
def test_without_the_leader_everything_arrives(pieces: list[bytes]) -> None:
    clean = [piece.replace(b"\x01", b"") for piece in pieces]
    assert all(isinstance(each, Typed) for each in keys(*clean, leaders=("ctrl+a",)))
    sent = b"".join(each.data for each in keys(*clean, leaders=("ctrl+a",)) if isinstance(each, Typed))
    assert sent == b"".join(clean)
