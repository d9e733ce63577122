"""The facade: lines with lasting numbers, damage, cursor, replies and events."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.events import Bell, TitleChanged
from mvm_tui.terminal.facade import Damage, Terminal
from mvm_tui.terminal.rows import Run
from mvm_tui.terminal.styles import BOLD, PLAIN, Style


def test_a_line_has_runs_cells_and_text() -> None:
    terminal = Terminal(20, 3)
    terminal.feed("ab\x1b[1;31m漢c\x1b[m d".encode())
    line = terminal.line(terminal.top)
    bold = Style(fg=1, flags=BOLD)
    assert line.runs() == (Run("ab", PLAIN, 2), Run("漢c", bold, 3), Run(" d", PLAIN, 2))
    assert line.cells() == ["a", "b", "漢", "", "c", " ", "d"]
    assert line.text == "ab漢c d"


def test_lines_keep_their_numbers_while_output_arrives() -> None:
    terminal = Terminal(10, 2)
    terminal.feed(b"one\r\ntwo\r\nthree")
    assert (terminal.first, terminal.top) == (0, 1)
    assert [terminal.text(number) for number in range(3)] == ["one", "two", "three"]
    terminal.feed(b"\r\nfour\r\nfive")
    assert [terminal.text(number) for number in range(5)] == ["one", "two", "three", "four", "five"]
    with pytest.raises(IndexError):
        terminal.line(5)


def test_the_history_is_bounded_in_lines_and_in_bytes() -> None:
    terminal = Terminal(10, 2, history_lines=3)
    terminal.feed(b"".join(b"%d\r\n" % number for number in range(10)))
    assert (terminal.first, terminal.top) == (6, 9)
    assert terminal.text(6) == "6"
    with pytest.raises(IndexError):
        terminal.text(5)
    small = Terminal(80, 2, history_bytes=10_000)
    small.feed(b"\x1b[31mx\x1b[32my\r\n" * 1_000)
    assert small.history_size <= 10_000
    assert 0 < small.top - small.first < 100


def test_damage_names_the_rows_whose_line_changed() -> None:
    terminal = Terminal(10, 3)
    assert terminal.take_damage().everything
    terminal.feed(b"\x1b[2;1Hx")
    assert terminal.take_damage() == Damage(False, (1,), 0)
    assert terminal.take_damage() == Damage(False, (), 0)
    terminal.feed(b"\x1b[3;1Hy\nz")
    assert terminal.take_damage() == Damage(False, (1, 2), 1)
    terminal.feed(b"\x1b[?1049h")
    assert terminal.take_damage().everything


def test_the_cursor_stays_on_the_screen_while_a_wrap_is_pending() -> None:
    terminal = Terminal(4, 2)
    terminal.feed(b"abcd\x1b[5 q")
    cursor = terminal.cursor
    assert (cursor.x, cursor.y, cursor.visible, cursor.shape, cursor.blink) == (3, 0, True, "bar", True)


def test_replies_and_events_are_taken_once() -> None:
    terminal = Terminal(10, 2)
    terminal.feed(b"\x1b[6n\x07\x1b]2;hello\x07")
    assert terminal.take_replies() == b"\x1b[1;1R"
    assert terminal.take_replies() == b""
    assert terminal.take_events() == (Bell(), TitleChanged("hello"))
    assert terminal.take_events() == ()
    assert terminal.title == "hello"
