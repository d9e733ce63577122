"""The history: lines as they were, numbered, bounded, small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.history import History, packed, unpacked
from mvm_tui.terminal.rows import Row
from mvm_tui.terminal.styles import PLAIN, RGB, Style
from tests.terminal.screens import after

PIECES = st.sampled_from(
    ["a", "bc ", "漢", "e\u0301", "漢\u0302", "\x1b[31m", "\x1b[44m", "\x1b[m", "\x1b[2C", "👨\u200d"]
)


@given(st.lists(PIECES, max_size=12))
def test_a_line_comes_back_as_it_was(pieces: list[str]) -> None:
    terminal = after("".join(pieces), 40, 2)
    before = terminal.line(0)
    terminal.feed(b"\x1b[m\r\n\r\n")
    assert terminal.top == 1
    assert terminal.line(0) == before
    assert terminal.text(0) == before.text


def test_plain_text_is_kept_as_text() -> None:
    row = Row(80)
    row.chars[:5] = "hello"
    assert packed(row) == "hello"
    assert unpacked("hello", 7).styles == (PLAIN,) * 5


def test_ten_thousand_lines_take_about_what_their_text_does() -> None:
    terminal = Terminal(120, 40)
    terminal.feed(b"".join(b"%06d %s\r\n" % (number, b"x" * 80) for number in range(12_000)))
    assert terminal.top - terminal.first == 10_000
    assert terminal.history_size < 2_000_000


def test_lines_of_many_styles_are_bounded_in_bytes() -> None:
    terminal = Terminal(100, 2, history_bytes=200_000)
    line = "".join(f"\x1b[38;2;{x};{x};{x}mx" for x in range(100)) + "\x1b[m\r\n"
    terminal.feed(line.encode() * 200)
    assert terminal.history_size <= 200_000
    assert terminal.line(terminal.first).styles[99] == Style(fg=RGB | 0x636363)


def test_no_history_is_kept_where_none_is_wanted() -> None:
    terminal = Terminal(10, 2, history_lines=0)
    terminal.feed(b"1\r\n2\r\n3")
    assert (terminal.first, terminal.top) == (1, 1)
    with pytest.raises(IndexError):
        terminal.line(0)


def test_erasing_the_history_keeps_the_numbers() -> None:
    terminal = after("1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[3J")
    assert (terminal.first, terminal.top) == (2, 2)
    assert terminal.text(2) == "3"


def test_marks_go_with_their_lines() -> None:
    history = History(2, 10_000)
    for _ in range(4):
        row = Row(3)
        row.mark = True
        history.push(packed(row))
    assert history.marks() == (2, 3)
    history.clear()
    assert (history.marks(), history.end) == ((), 4)
