"""Erasing with the background colour, inserting, deleting, scrolling, margins, tabs, moving the cursor."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.styles import PLAIN, Style
from tests.terminal.screens import after, place, rows_after, shown, style_at

FULL = "aaaaa\r\nbbbbb\r\nccccc\r\nddddd"
RED = Style(bg=1)


def edited(data: str) -> list[str]:
    return rows_after(FULL + data, 5, 4)


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("\x1b[2;3H\x1b[J", ["aaaaa", "bb"]),
        ("\x1b[2;3H\x1b[1J", ["", "   bb", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[2J", []),
        ("\x1b[2;3H\x1b[3J", ["aaaaa", "bbbbb", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[K", ["aaaaa", "bb", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[1K", ["aaaaa", "   bb", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[2K", ["aaaaa", "", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[9K", ["aaaaa", "bbbbb", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[2X", ["aaaaa", "bb  b", "ccccc", "ddddd"]),
        ("\x1b[2;3H\x1b[99X", ["aaaaa", "bb", "ccccc", "ddddd"]),
        ("\x1b[2;2H\x1b[2@", ["aaaaa", "b  bb", "ccccc", "ddddd"]),
        ("\x1b[2;2H\x1b[99@", ["aaaaa", "b", "ccccc", "ddddd"]),
        ("\x1b[2;2H\x1b[2P", ["aaaaa", "bbb", "ccccc", "ddddd"]),
        ("\x1b[2;2H\x1b[99P", ["aaaaa", "b", "ccccc", "ddddd"]),
        ("\x1b[2;2H\x1b[LX", ["aaaaa", "X", "bbbbb", "ccccc"]),
        ("\x1b[2;2H\x1b[99L", ["aaaaa"]),
        ("\x1b[2;2H\x1b[MX", ["aaaaa", "Xcccc", "ddddd"]),
        ("\x1b[2S", ["ccccc", "ddddd"]),
        ("\x1b[T", ["", "aaaaa", "bbbbb", "ccccc"]),
        ("\x1b[1;2;3;4;5T", ["aaaaa", "bbbbb", "ccccc", "ddddd"]),
        ("\x1b[2;3r\x1b[S", ["aaaaa", "ccccc", "", "ddddd"]),
        ("\x1b[2;3r\x1b[T", ["aaaaa", "", "bbbbb", "ddddd"]),
        ("\x1b[2;3r\x1b[3;1H\nX", ["aaaaa", "ccccc", "X", "ddddd"]),
        ("\x1b[2;3r\x1b[2;1H\x1bMX", ["aaaaa", "X", "bbbbb", "ddddd"]),
        ("\x1b[2;3r\x1b[4;1H\nX", ["aaaaa", "bbbbb", "ccccc", "Xdddd"]),
        ("\x1b[2;3r\x1b[1;1H\x1b[L", ["aaaaa", "bbbbb", "ccccc", "ddddd"]),
        ("\x1b[2;3r\x1b[2;1H\x1b[L", ["aaaaa", "", "bbbbb", "ddddd"]),
        ("\x1b[2;3r\x1b[2;1H\x1b[M", ["aaaaa", "ccccc", "", "ddddd"]),
        ("\x1b[2 @", ["aaa", "bbb", "ccc", "ddd"]),
        ("\x1b[2 A", ["  aaa", "  bbb", "  ccc", "  ddd"]),
        ("\x1b[2;2H\x1b['}", ["a aaa", "b bbb", "c ccc", "d ddd"]),
        ("\x1b[2;2H\x1b[2'~", ["aaa", "bbb", "ccc", "ddd"]),
        ("\x1b[2;3H\x1b#8", ["EEEEE", "EEEEE", "EEEEE", "EEEEE"]),
        ("\x1bc", []),
    ],
)
def test_editing(data: str, rows: list[str]) -> None:
    assert edited(data) == rows


@pytest.mark.parametrize(
    ("data", "erased", "kept"),
    [
        ("\x1b[2;3H\x1b[J", [(1, 2), (1, 4), (3, 0)], [(1, 1), (0, 4)]),
        ("\x1b[2;3H\x1b[1J", [(0, 4), (1, 2)], [(1, 3)]),
        ("\x1b[2J", [(0, 0), (3, 4)], []),
        ("\x1b[2;3H\x1b[K", [(1, 2), (1, 4)], [(1, 1)]),
        ("\x1b[2;3H\x1b[1K", [(1, 0), (1, 2)], [(1, 3)]),
        ("\x1b[2;3H\x1b[2X", [(1, 2), (1, 3)], [(1, 4)]),
        ("\x1b[2;3H\x1b[@", [(1, 2)], [(1, 3)]),
        ("\x1b[2;3H\x1b[P", [(1, 4)], [(1, 3)]),
        ("\x1b[2;3H\x1b[L", [(1, 0), (1, 4)], [(2, 0)]),
        ("\x1b[2;3H\x1b[M", [(3, 0)], [(2, 0)]),
        ("\x1b[S", [(3, 2)], [(2, 0)]),
        ("\x1b[T", [(0, 2)], [(1, 0)]),
        ("\x1b[4;1H\n", [(3, 2)], [(2, 0)]),
        ("\x1b[H\x1bM", [(0, 2)], [(1, 0)]),
        ("\x1b[ @", [(2, 4)], [(2, 3)]),
    ],
)
def test_what_is_erased_has_the_background_colour_alone(
    data: str, erased: list[tuple[int, int]], kept: list[tuple[int, int]]
) -> None:
    terminal = after(FULL + "\x1b[1;4;7;33;41m" + data, 5, 4)
    assert {style_at(terminal, *cell) for cell in erased} == {RED}
    assert {style_at(terminal, *cell) for cell in kept} <= {PLAIN}


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("漢字\x1b[2G\x1b[X", "  字"),
        ("漢字\x1b[2G\x1b[K", ""),
        ("漢字\x1b[3G\x1b[1K", "    "),
        ("漢字\x1b[2G\x1b[P", " 字"),
        ("漢字\x1b[G\x1b[P", " 字"),
        ("漢字\x1b[2G\x1b[@", "   字"),
        ("12345678漢\x1b[G\x1b[@", " 12345678"),
    ],
)
def test_editing_blanks_the_other_half_of_a_wide_character(data: str, row: str) -> None:
    assert shown(after(data))[0].rstrip() == row.rstrip()


@pytest.mark.parametrize(
    ("data", "at"),
    [
        ("\x1b[3;4H", (2, 3)),
        ("\x1b[3;4f", (2, 3)),
        ("\x1b[H", (0, 0)),
        ("\x1b[;5H", (0, 4)),
        ("\x1b[99;99H", (5, 9)),
        ("\x1b[0;0H", (0, 0)),
        ("\x1b[3;4H\x1b[A", (1, 3)),
        ("\x1b[3;4H\x1b[99A", (0, 3)),
        ("\x1b[3;4H\x1b[2B", (4, 3)),
        ("\x1b[3;4H\x1b[2C", (2, 5)),
        ("\x1b[3;4H\x1b[2a", (2, 5)),
        ("\x1b[3;4H\x1b[2D", (2, 1)),
        ("\x1b[3;4H\x1b[0D", (2, 2)),
        ("\x1b[3;4H\x1b[2E", (4, 0)),
        ("\x1b[3;4H\x1b[F", (1, 0)),
        ("\x1b[3;4H\x1b[8G", (2, 7)),
        ("\x1b[3;4H\x1b[8`", (2, 7)),
        ("\x1b[3;4H\x1b[5d", (4, 3)),
        ("\x1b[3;4H\x1b[2e", (4, 3)),
        ("\x1b[1;2A", (0, 0)),
        ("\x1b[2;4r\x1b[2;1H\x1b[9A", (1, 0)),
        ("\x1b[2;4r\x1b[1;1H\x1b[9A", (0, 0)),
        ("\x1b[2;4r\x1b[3;1H\x1b[9B", (3, 0)),
        ("\x1b[2;4r\x1b[6;1H\x1b[A\x1b[9B", (5, 0)),
        ("\x1b[2;4r\x1b[3;1H\x1b[9e", (5, 0)),
        ("\x1b[3;3H\x1b[2;4r", (0, 0)),
        ("\x1b[3;3H\x1b[4;2r", (2, 2)),
        ("\x1b[2;4r\x1b[?6h", (1, 0)),
        ("\x1b[2;4r\x1b[?6h\x1b[2;2H", (2, 1)),
        ("\x1b[2;4r\x1b[?6h\x1b[9;9H", (3, 8)),
        ("\x1b[2;4r\x1b[?6h\x1b[2d", (2, 0)),
        ("\x1b[2;4r\x1b[?6h\x1b[?6l", (0, 0)),
        ("\x1b[3;3H\x1b7\x1b[H\x1b8", (2, 2)),
        ("\x1b[3;3H\x1b[s\x1b[H\x1b[u", (2, 2)),
        ("\x1b[3;3H\x1b8", (0, 0)),
        ("0123456789\x1b7\x1b8", (0, 9)),
        ("\x1b[3;3H\b\b\b\b", (2, 0)),
        ("0123456789ab\x1b[?45h\b\b\b", (0, 9)),
        ("0123456789ab\b\b\b", (1, 0)),
    ],
)
def test_the_cursor(data: str, at: tuple[int, int]) -> None:
    assert place(after(data, 10, 6)) == at


@pytest.mark.parametrize(
    ("data", "column"),
    [
        ("\t", 8),
        ("\t\t\t\t", 19),
        ("\x1b[2I", 16),
        ("\x1b[65535I", 19),
        ("\x1b[18G\x1b[Z", 16),
        ("\x1b[18G\x1b[2Z", 8),
        ("\x1b[18G\x1b[9Z", 0),
        ("\x1b[4G\x1bH\r\t", 3),
        ("\x1b[9G\x1b[g\r\t", 16),
        ("\x1b[3g\t", 19),
        ("\x1b[3g\x1bc\t", 8),
        ("01234567890123456789\t", 19),
    ],
)
def test_tabs(data: str, column: int) -> None:
    assert place(after(data, 20, 2))[1] == column


@pytest.mark.parametrize("data", ["\x1b[ @", "\x1b[ A", "\x1b['}", "\x1b['~"])
def test_moving_columns_ends_wrapped_lines(data: str) -> None:
    assert not after("abcdefghijkl" + data).line(1).wrapped


def test_what_decsc_keeps() -> None:
    terminal = after("\x1b[2;2H\x1b[31m\x1b(0\x1b[?6h\x1b[2;3r\x1b7\x1b[?6l\x1b[m\x1b(B\x1b8q")
    assert (terminal.line(1).cells()[0], style_at(terminal, 1, 0).fg) == ("─", 1)


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ('a\x1b[1"qb\x1b[0"qc\x1b[2K', ""),
        ('a\x1b[1"qb\x1b[0"qc\x1b[?2K', " b"),
        ('a\x1b[1"qb\x1b[2"qc\x1b[?2J', " b"),
        ('a\x1b[1"qb\x1b[m\x1b[1mc\x1b[?1K', " bc"),
        ("abc\x1b[?2K", ""),
    ],
)
def test_selective_erase_spares_what_is_protected(data: str, row: str) -> None:
    assert shown(after(data))[0] == row
