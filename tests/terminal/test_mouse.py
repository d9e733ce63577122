"""The mouse sends what the program asked for, encoded as it asked."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.mouse import (
    LEFT,
    MOVE,
    NONE,
    PRESS,
    RELEASE,
    RIGHT,
    WHEEL_DOWN,
    WHEEL_LEFT,
    WHEEL_UP,
    encode_mouse,
    wheel_as_keys,
)
from tests.terminal.modes_of import modes_after


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (b"\x1b[?1000h", b"\x1b[M #$"),
        (b"\x1b[?1000h\x1b[?1006h", b"\x1b[<0;3;4M"),
        (b"\x1b[?1000h\x1b[?1015h", b"\x1b[32;3;4M"),
        (b"\x1b[?1000h\x1b[?1005h", b"\x1b[M #$"),
        (b"\x1b[?9h", b"\x1b[M #$"),
        (b"", b""),
        (b"\x1b[?1003h\x1b[?1000l", b""),
    ],
)
def test_a_press_in_each_encoding(asked: bytes, sent: bytes) -> None:
    assert encode_mouse(PRESS, LEFT, 2, 3, modes_after(asked)) == sent


def test_releases() -> None:
    assert encode_mouse(RELEASE, RIGHT, 0, 0, modes_after(b"\x1b[?1000h")) == b"\x1b[M#!!"
    assert encode_mouse(RELEASE, RIGHT, 0, 0, modes_after(b"\x1b[?1000;1006h")) == b"\x1b[<2;1;1m"
    assert encode_mouse(RELEASE, RIGHT, 0, 0, modes_after(b"\x1b[?9h")) == b""


@pytest.mark.parametrize(
    ("protocol", "held", "bare"),
    [
        (9, b"", b""),
        (1000, b"", b""),
        (1002, b"\x1b[<32;1;1M", b""),
        (1003, b"\x1b[<32;1;1M", b"\x1b[<35;1;1M"),
    ],
)
def test_moves_by_protocol(protocol: int, held: bytes, bare: bytes) -> None:
    modes = modes_after(b"\x1b[?%d;1006h" % protocol)
    assert encode_mouse(MOVE, LEFT, 0, 0, modes) == held
    assert encode_mouse(MOVE, NONE, 0, 0, modes) == bare


def test_wheel_and_further_buttons() -> None:
    modes = modes_after(b"\x1b[?1000;1006h")
    assert encode_mouse(PRESS, WHEEL_UP, 4, 4, modes) == b"\x1b[<64;5;5M"
    assert encode_mouse(PRESS, WHEEL_LEFT, 4, 4, modes) == b"\x1b[<66;5;5M"
    assert encode_mouse(RELEASE, WHEEL_UP, 4, 4, modes) == b""
    assert encode_mouse(PRESS, 8, 4, 4, modes) == b"\x1b[<128;5;5M"


def test_modifiers() -> None:
    modes = modes_after(b"\x1b[?1000;1006h")
    assert encode_mouse(PRESS, LEFT, 0, 0, modes, shift=True, alt=True, ctrl=True) == b"\x1b[<28;1;1M"
    assert encode_mouse(PRESS, LEFT, 0, 0, modes_after(b"\x1b[?9h"), ctrl=True) == b"\x1b[M !!"


def test_cells_too_far_for_an_encoding_are_not_told() -> None:
    assert encode_mouse(PRESS, LEFT, 222, 0, modes_after(b"\x1b[?1000h")) == b"\x1b[M \xff!"
    assert encode_mouse(PRESS, LEFT, 223, 0, modes_after(b"\x1b[?1000h")) == b""
    utf8 = modes_after(b"\x1b[?1000;1005h")
    assert encode_mouse(PRESS, LEFT, 223, 0, utf8) == b"\x1b[M \xc4\x80!"
    assert encode_mouse(PRESS, LEFT, 2_015, 0, utf8) == b""


def test_the_wheel_is_arrows_on_the_alternate_screen_alone() -> None:
    assert wheel_as_keys(WHEEL_UP, 3, modes_after(b"\x1b[?1049h")) == b"\x1b[A" * 3
    assert wheel_as_keys(WHEEL_DOWN, 1, modes_after(b"\x1b[?1049h\x1b[?1h")) == b"\x1bOB"
    for output in (b"", b"\x1b[?1049h\x1b[?1007l", b"\x1b[?1049h\x1b[?1000h"):
        assert wheel_as_keys(WHEEL_UP, 3, modes_after(output)) == b""
