"""Keys send what xterm sends, under the modes that a program brought about."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.keys import encode_focus, encode_key, encode_paste
from tests.terminal.modes_of import modes_after

PLAIN = modes_after(b"")
APPLICATION = modes_after(b"\x1b[?1h\x1b=")


def held(keys: str) -> tuple[str, dict[str, bool]]:
    """``ctrl+shift+a`` as a name and what is held."""
    *modifiers, name = keys.split("+") if not keys.endswith("++") else [*keys[:-2].split("+"), "+"]
    return name, dict.fromkeys(modifiers, True)


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ("a", b"a"),
        ("é", "é".encode()),
        ("漢", "漢".encode()),
        ("space", b" "),
        ("enter", b"\r"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("escape", b"\x1b"),
        ("backspace", b"\x7f"),
        ("ctrl+backspace", b"\x08"),
        ("alt+backspace", b"\x1b\x7f"),
        ("alt+a", b"\x1ba"),
        ("alt+enter", b"\x1b\r"),
        ("alt+é", b"\x1b\xc3\xa9"),
        ("ctrl+alt+a", b"\x1b\x01"),
        ("ctrl+space", b"\x00"),
        ("ctrl+@", b"\x00"),
        ("ctrl+[", b"\x1b"),
        ("ctrl+\\", b"\x1c"),
        ("ctrl+]", b"\x1d"),
        ("ctrl+^", b"\x1e"),
        ("ctrl+_", b"\x1f"),
        ("ctrl+/", b"\x1f"),
        ("ctrl+?", b"\x7f"),
        ("ctrl+8", b"\x7f"),
        ("ctrl+1", b"1"),
        ("up", b"\x1b[A"),
        ("shift+up", b"\x1b[1;2A"),
        ("alt+left", b"\x1b[1;3D"),
        ("ctrl+right", b"\x1b[1;5C"),
        ("ctrl+shift+alt+end", b"\x1b[1;8F"),
        ("home", b"\x1b[H"),
        ("insert", b"\x1b[2~"),
        ("delete", b"\x1b[3~"),
        ("ctrl+delete", b"\x1b[3;5~"),
        ("pageup", b"\x1b[5~"),
        ("shift+pagedown", b"\x1b[6;2~"),
        ("f1", b"\x1bOP"),
        ("f4", b"\x1bOS"),
        ("ctrl+f4", b"\x1b[1;5S"),
        ("f5", b"\x1b[15~"),
        ("f12", b"\x1b[24~"),
        ("shift+f12", b"\x1b[24;2~"),
        ("f13", b"\x1b[1;2P"),
        ("ctrl+f24", b"\x1b[24;6~"),
        ("kp_5", b"5"),
        ("kp_enter", b"\r"),
        ("alt+kp_5", b"\x1b5"),
        ("shift+kp_5", b"5"),
        ("nothing", b""),
        ("f25", b""),
    ],
)
def test_plain(keys: str, sent: bytes) -> None:
    name, modifiers = held(keys)
    assert encode_key(name, PLAIN, **modifiers) == sent


def test_control_and_letters_are_all_the_control_characters() -> None:
    sent = {encode_key(chr(code), PLAIN, ctrl=True) for code in range(ord("a"), ord("z") + 1)}
    sent |= {encode_key(char, PLAIN, ctrl=True) for char in "@[\\]^_"}
    assert sent == {bytes([code]) for code in range(32)}


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ("up", b"\x1bOA"),
        ("home", b"\x1bOH"),
        ("shift+up", b"\x1b[1;2A"),
        ("f1", b"\x1bOP"),
        ("kp_0", b"\x1bOp"),
        ("kp_9", b"\x1bOy"),
        ("kp_enter", b"\x1bOM"),
        ("kp_add", b"\x1bOk"),
        ("kp_subtract", b"\x1bOm"),
        ("ctrl+kp_decimal", b"\x1bO5n"),
        ("5", b"5"),
    ],
)
def test_application_modes(keys: str, sent: bytes) -> None:
    name, modifiers = held(keys)
    assert encode_key(name, APPLICATION, **modifiers) == sent


@pytest.mark.parametrize(
    ("level", "keys", "sent"),
    [
        (1, "ctrl+a", b"\x01"),
        (1, "ctrl+1", b"\x1b[27;5;49~"),
        (1, "ctrl+,", b"\x1b[27;5;44~"),
        (1, "ctrl+tab", b"\x1b[27;5;9~"),
        (1, "shift+enter", b"\x1b[27;2;13~"),
        (1, "shift+tab", b"\x1b[Z"),
        (1, "alt+a", b"\x1ba"),
        (1, "A", b"A"),
        (2, "ctrl+a", b"\x1b[27;5;97~"),
        (2, "alt+a", b"\x1b[27;3;97~"),
        (2, "ctrl+shift+A", b"\x1b[27;6;65~"),
        (2, "shift+A", b"A"),
        (2, "a", b"a"),
        (2, "enter", b"\r"),
        (2, "ctrl+up", b"\x1b[1;5A"),
    ],
)
def test_modify_other_keys(level: int, keys: str, sent: bytes) -> None:
    name, modifiers = held(keys)
    assert encode_key(name, modes_after(b"\x1b[>4;%dm" % level), **modifiers) == sent


def test_modes_of_single_keys() -> None:
    assert encode_key("backspace", modes_after(b"\x1b[?67h")) == b"\x08"
    assert encode_key("backspace", modes_after(b"\x1b[?67h"), ctrl=True) == b"\x7f"
    assert encode_key("enter", modes_after(b"\x1b[20h")) == b"\r\n"
    assert encode_key("a", modes_after(b"\x1b[?1036l"), alt=True) == "á".encode()


def test_a_paste_cannot_leave_its_brackets() -> None:
    assert encode_paste("a\r\nb\nc", PLAIN) == b"a\rb\rc"
    bracketed = modes_after(b"\x1b[?2004h")
    assert encode_paste("x\x1b[201~y\n", bracketed) == b"\x1b[200~x[201~y\r\x1b[201~"


def test_focus_is_told_where_asked_for() -> None:
    assert encode_focus(True, PLAIN) == b""
    asked = modes_after(b"\x1b[?1004h")
    assert (encode_focus(True, asked), encode_focus(False, asked)) == (b"\x1b[I", b"\x1b[O")
