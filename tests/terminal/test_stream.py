"""Cutting bytes into events: odd sequences, wherever they are cut, and what is not known."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.stream import SEQUENCE_LIMIT, Stream
from tests.terminal.screens import after, place, rows_after, shown, style_at
from tests.terminal.whole_state import whole_state

ODD = [
    "\x1b[31\n;1mx",
    "\x1b[3\x1b[1mx",
    "\x1b[3\x18mx",
    "\x1b[3\x1amx",
    "\x1b[3漢x",
    "\x1b[\x7f3\x7f1mx",
    "\x1b\n[31mx",
    "\x1b\x1b[31mx",
    "\x1b(\n0q",
    "\x1b漢x",
    "\x1b]2;t\x1b[31mx",
    "\x1b]2;t\x1bx",
    "\x1b]2;t\x18x",
    "\x1b]2;t\x9cx",
    "\x9b31mx",
    "a\x84b\x85c\x8dd",
    "\x9d2;t\x07x",
    "\x90q\x9cx",
    "a\x9b2b",
    "a\x1b[2\nbz",
    "é\x1b[3b",
    "漢\x1b[2D\x1b[C字",
    "\x1b[" + "1;" * 600 + "mx",
    "\x1b[" + "1" * 2_000 + "mx",
    "\x1b" + " " * 2_000 + "Fx",
    "\x1b]2;" + "t" * 9_000 + "\x07x",
    "\x1bP" + "q" * 9_000 + "\x1b\\x",
]


@pytest.mark.parametrize("data", ODD)
def test_where_it_is_cut_makes_no_difference(data: str) -> None:
    whole = whole_state(after(data))
    raw = data.encode()
    for size in (1, 2, 3, 1_000):
        cut = Terminal(10, 4)
        for at in range(0, len(raw), size):
            cut.feed(raw[at : at + size])
        assert whole_state(cut) == whole, size


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("a\x1b[3\nCb", ["a", "    b"]),
        ("a\x1b[3\x18Cb", ["aCb"]),
        ("a\x1b[3\x1b[Cb", ["a b"]),
        ("a\x1b[3漢b", ["ab"]),
        ("a\x84b", ["a", " b"]),
        ("a\x85b", ["a", "b"]),
        ("\na\x8db", [" b", "a"]),
        ("a\x9b3Cb", ["a   b"]),
        ("a\x00\x05\x7fb", ["ab"]),
        ("a\x18\x1ab", ["ab"]),
        ("a\x1b[" + "1" * SEQUENCE_LIMIT + "Cb", ["ab"]),
    ],
)
def test_controls_inside_and_around_sequences(data: str, rows: list[str]) -> None:
    assert rows_after(data) == rows


@pytest.mark.parametrize(
    "data",
    [
        "\x1b[>4;2m",
        "\x1b[<u",
        "\x1b[=1;2u",
        "\x1b[?4m",
        "\x1b[?5r",
        "\x1b[1;2;3'w",
        "\x1b[1$}",
        "\x1b[1?h",
        "\x1b[ 1q",
        "\x1b[1:2:3A",
        "\x1b[12;34$t",
        "\x1b[5i",
        "\x1b[1;1;4;4;1$r",
        "\x1b[##q",
        "\x1b F",
        "\x1b*B",
        "\x1b+B",
        "\x1b%8",
        "\x1b#3",
        "\x1b#6",
        "\x1bl",
        "\x1b6",
        "\x1b9",
    ],
)
def test_unknown_sequences_leave_nothing_behind(data: str) -> None:
    terminal = after(data + "x")
    assert shown(terminal)[0] == "x"
    assert style_at(terminal, 0, 0).flags == 0


def test_parameters_beyond_what_an_event_takes_are_dropped() -> None:
    assert place(after("\x1b[3;4;5;6;7H\x1b[1;2;3A")) == (1, 3)
    assert rows_after("\x1b[0;0J\x1b[2;9Kx") == ["x"]


def test_what_sequences_do_is_remembered_within_bounds() -> None:
    terminal = Terminal(10, 4)
    stream = terminal._stream
    assert isinstance(stream, Stream)
    for first in range(3):
        terminal.feed(b"".join(b"\x1b[%d;%dH" % (first, number) for number in range(9_000)))
    assert len(stream._calls) <= 8_192


def test_an_unfinished_string_is_not_kept_beyond_its_bound() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"\x1b]2;")
    for _ in range(40):
        terminal.feed(b"t" * 100_000)
    assert terminal._stream._body.tell() < 1_300_000
    terminal.feed(b"\x07x")
    assert (terminal.title, shown(terminal)[0]) == ("", "x")
