"""The leader as the config writes it, as a terminal sends it, as Textual calls it."""

from __future__ import annotations

import pytest

from mvm_tui.model.leader import leader_bytes, textual_key


@pytest.mark.parametrize(
    ("key", "sent", "name"),
    [
        ("ctrl+]", b"\x1d", "ctrl+right_square_bracket"),
        (" Ctrl+A ", b"\x01", "ctrl+a"),
        ("ctrl+@", b"\x00", "ctrl+at"),
        ("ctrl+\\", b"\x1c", "ctrl+backslash"),
        ("ctrl+_", b"\x1f", "ctrl+underscore"),
        ("f1", b"\x1bOP", "f1"),
        ("f12", b"\x1b[24~", "f12"),
    ],
)
def test_a_leader_is_what_terminals_send(key: str, sent: bytes, name: str) -> None:
    assert leader_bytes(key) == sent
    assert textual_key(key) == name


@pytest.mark.parametrize("key", ["", "]", "ctrl+1", "alt+a", "f13", "ctrl+", "ctrl+ab"])
def test_other_keys_are_refused_with_those_that_can_be(key: str) -> None:
    with pytest.raises(ValueError, match=r"Write ctrl\+ and a letter"):
        leader_bytes(key)
