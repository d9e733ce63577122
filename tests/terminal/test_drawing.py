"""Text in the cells: wrapping, widths, combining characters, charsets, insert mode, REP."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.drawing import CLUSTER_LIMIT
from mvm_tui.terminal.facade import Terminal
from tests.terminal.screens import after, place, rows_after, shown, style_at


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("abcdefghij", ["abcdefghij"]),
        ("abcdefghijk", ["abcdefghij", "k"]),
        ("abcdefghij\r\nk", ["abcdefghij", "k"]),
        ("abcdefghij\rk", ["kbcdefghij"]),
        ("abcdefghij\bX", ["abcdefghXj"]),
        ("abcdefghij\x1b[KX", ["abcdefghij", "X"]),
        ("abcdefghij\nX", ["abcdefghij", "         X"]),
        ("\x1b[?7labcdefghijklm", ["abcdefghim"]),
        ("\x1b[?7labcdefghij漢", ["abcdefghij"]),
        ("\x1b[?7labcdefghij漢x", ["abcdefghix"]),
        ("abcdefghi漢", ["abcdefghi", "漢"]),
        ("漢漢漢漢漢漢", ["漢漢漢漢漢", "漢"]),
        ("漢字\r a", [" a字"]),
        ("漢字\x1b[2GZ", [" Z字"]),
        ("漢字\x1b[3GZ", ["漢Z"]),
        ("漢字\x1b[2G漢", [" 漢"]),
        ("a\x1b[20hb\nc", ["ab", "c"]),
        ("a\x0bb\x0cc", ["a", " b", "  c"]),
        ("a\x1bEb\x1bDc", ["a", "b", " c"]),
        ("a\tb", ["a       b"]),
        ("\x1b[9Ga\tb", ["        ab"]),
        ("\xadsoft", ["\xadsoft"]),
    ],
)
def test_text(data: str, rows: list[str]) -> None:
    assert rows_after(data) == rows


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        ("e\u0301x", ["e\u0301", "x"]),
        ("漢\u0301x", ["漢\u0301", "", "x"]),
        ("❤\ufe0fx", ["❤\ufe0f", "x"]),
        ("👨\u200d👩x", ["👨\u200d", "", "👩", "", "x"]),
        ("🇯🇵x", ["🇯", "🇵", "x"]),
        ("👍🏽", ["👍", "", "🏽", ""]),
        ("\u0301x", ["x"]),
        ("\x1b[3G\u0301x", [" ", " \u0301", "x"]),
        ("ก\u0e33x", ["ก", "\u0e33", "x"]),
        ("न\u0940x", ["न", "\u0940", "x"]),
        ("a\u200bb", ["a\u200b", "b"]),
    ],
)
def test_cells_of_wide_and_combining_characters(data: str, cells: list[str]) -> None:
    terminal = after(data)
    assert terminal.line(0).cells() == cells


def test_a_wide_character_that_is_not_wrapped_leaves_the_cursor_in_the_last_column() -> None:
    for cut in (1, 2, 3):
        terminal = after("\x1b[?7labcdefghi")
        text = "j漢"
        for at in range(0, len(text), cut):
            terminal.feed(text[at : at + cut].encode())
        terminal.feed("\u0301".encode())
        assert terminal.line(0).cells()[-2:] == ["i\u0301", "j"]


def test_what_combines_at_the_right_edge_stays_there() -> None:
    terminal = after("abcdefghie\u0301\u0302k")
    assert terminal.line(0).cells()[-1] == "e\u0301\u0302"
    assert terminal.text(1) == "k"


def test_a_cell_takes_only_so_many_characters() -> None:
    terminal = after("a" + "\u0301" * 1_000 + "b")
    assert terminal.line(0).cells() == ["a" + "\u0301" * (CLUSTER_LIMIT - 1), "b"]


def test_bytes_that_are_not_utf8_are_dropped() -> None:
    terminal = Terminal(20, 1)
    terminal.feed(b"a\xff\xfeb\xe6\xbc c\xc3(")
    assert terminal.text(0) == "ab c("


def test_a_wrapped_row_continues_the_one_above() -> None:
    terminal = after("abcdefghijkl\r\nx")
    assert [terminal.line(y).wrapped for y in range(3)] == [False, True, False]
    terminal.feed(b"\x1b[2;1H\x1b[K")
    assert not terminal.line(1).wrapped


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("abc\r\x1b[4hxy", "xyabc"),
        ("abc\r\x1b[4h漢", "漢abc"),
        ("abc\r\x1b[4hxy\x1b[4lz", "xyzbc"),
        ("12345678漢\r\x1b[4hx", "x12345678"),
        ("漢字\x1b[2G\x1b[4hx", " x 字"),
    ],
)
def test_insert_mode(data: str, row: str) -> None:
    assert rows_after(data)[0] == row


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("\x1b(0lqk\x1b(Bx", "┌─┐x"),
        ("\x1b)0a\x0eq\x0fa", "a─a"),
        ("\x1b*0\x1bnq\x1b(Bq", "──"),
        ("\x1b+0\x1boq\x0fq", "─q"),
        ("\x1b*0a\x1bNqq", "a─q"),
        ("\x1b+0a\x1bOqq", "a─q"),
        ("\x1b(A#", "£"),
        ("\x1b(K[\\]", "ÄÖÜ"),
        ("\x1b(0h_", "\u2424_"),
        ("\x1b(0q\x1b%G\x1b%@q", "─q"),
        ("\x1b(?q", "q"),
        ("\x1b(0q\x1b[!pq", "─q"),
        ("\x1b(0漢q", "漢─"),
    ],
)
def test_charsets(data: str, row: str) -> None:
    # An unknown set (ESC ( ?) changes nothing; nothing of any designation is shown.
    assert rows_after(data)[0] == row


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("a\x1b[3b", "aaaa"),
        ("漢\x1b[2b", "漢漢漢"),
        ("e\u0301\x1b[b", "e\u0301e\u0301"),
        ("a\x1b[2b\x1b[2bx", "aaax"),
        ("a\x1b[1m\x1b[2b", "a"),
        ("\x1b[5b", ""),
        ("a\x1b[1000000000b", "aaaaaaaaaa"),
    ],
)
def test_rep_repeats_what_was_just_written(data: str, row: str) -> None:
    assert shown(after(data))[0] == row


def test_rep_writes_in_the_style_in_force() -> None:
    terminal = after("\x1b[31ma\x1b[2b")
    assert style_at(terminal, 0, 2).fg == 1


def test_a_full_screen_scrolls_into_the_history() -> None:
    terminal = after("1\r\n2\r\n3\r\n4\r\n5\r\n6")
    assert [terminal.text(number) for number in range(terminal.first, terminal.top)] == ["1", "2"]
    assert shown(terminal) == ["3", "4", "5", "6"]
    assert place(terminal) == (3, 1)


def test_one_column_has_no_place_for_what_is_wide() -> None:
    assert rows_after("a漢b", 1, 3) == ["a", "b"]
