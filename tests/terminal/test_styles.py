"""SGR in all its forms, and the bounds of what is remembered of it."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.styles import (
    BLINK,
    BOLD,
    CONCEAL,
    CURLY,
    DASHED,
    DIM,
    DOTTED,
    DOUBLE,
    INVERSE,
    ITALIC,
    OVERLINE,
    PLAIN,
    PROTECTED,
    RGB,
    SINGLE,
    STRIKE,
    Style,
    StyleTable,
    change_of,
    sgr_of,
)
from tests.terminal.screens import after, style_at


def written(parameters: str) -> Style:
    """The style of a character written after SGR with these parameters."""
    return style_at(after(f"\x1b[{parameters}mx"), 0, 0)


@pytest.mark.parametrize(
    ("on", "off", "flag"),
    [
        (1, 22, BOLD),
        (2, 22, DIM),
        (3, 23, ITALIC),
        (5, 25, BLINK),
        (6, 25, BLINK),
        (7, 27, INVERSE),
        (8, 28, CONCEAL),
        (9, 29, STRIKE),
        (53, 55, OVERLINE),
    ],
)
def test_attributes_go_on_and_off(on: int, off: int, flag: int) -> None:
    assert written(str(on)).flags == flag
    assert written(f"{on};{off}") == PLAIN
    assert written(f"{on};0") == PLAIN
    assert written(f"{on};") == PLAIN
    assert written(f"3;7;{on}") == Style(flags=ITALIC | INVERSE | flag)


@pytest.mark.parametrize(
    ("parameters", "underline"),
    [
        ("4", SINGLE),
        ("21", DOUBLE),
        ("4:0", 0),
        ("4:1", SINGLE),
        ("4:2", DOUBLE),
        ("4:3", CURLY),
        ("4:4", DOTTED),
        ("4:5", DASHED),
        ("4:9", SINGLE),
        ("4:3;24", 0),
        ("4:3;4", SINGLE),
        ("4;4:0", 0),
    ],
)
def test_underlines(parameters: str, underline: int) -> None:
    assert written(parameters).underline == underline


@pytest.mark.parametrize(
    ("parameters", "style"),
    [
        ("31", Style(fg=1)),
        ("97", Style(fg=15)),
        ("42", Style(bg=2)),
        ("100", Style(bg=8)),
        ("31;39", PLAIN),
        ("41;49", PLAIN),
        ("38;5;200", Style(fg=200)),
        ("48;5;7", Style(bg=7)),
        ("38:5:200", Style(fg=200)),
        ("38;2;1;2;3", Style(fg=RGB | 0x010203)),
        ("48;2;255;0;128", Style(bg=RGB | 0xFF0080)),
        ("1;38;2;1;2;3", Style(fg=RGB | 0x010203, flags=BOLD)),
        ("38;2;1;2;3;1", Style(fg=RGB | 0x010203, flags=BOLD)),
        ("38:2:1:2:3", Style(fg=RGB | 0x010203)),
        ("38:2::1:2:3", Style(fg=RGB | 0x010203)),
        ("38:2::1:2:3;1", Style(fg=RGB | 0x010203, flags=BOLD)),
        ("4;58;5;9", Style(flags=1 << 9, underline_colour=9)),
        ("4;58:2::1:2:3", Style(flags=1 << 9, underline_colour=RGB | 0x010203)),
        ("58;5;9;59", PLAIN),
        ("38;5", PLAIN),
        ("38", PLAIN),
        ("38;7;1", Style(flags=BOLD)),
        ("38;2;1", Style(fg=RGB | 0x010000)),
        ("999", PLAIN),
        ("1;999;3", Style(flags=BOLD | ITALIC)),
        (">4;2", PLAIN),
        ("?4", PLAIN),
    ],
)
def test_colours_in_both_forms(parameters: str, style: Style) -> None:
    assert written(parameters) == style


def test_sgr_0_spares_link_and_protection() -> None:
    terminal = after('\x1b]8;;http://a/\x07\x1b[1"q\x1b[1;31m\x1b[mx')
    style = style_at(terminal, 0, 0)
    assert (style.fg, style.flags, style.link) == (-1, PROTECTED, 1)


def test_a_style_told_and_set_again_is_the_same() -> None:
    for parameters in ("1;3;4:3;31;48;5;99;58;5;7", "2;9;53;97;44", "38;2;1;2;3;7", "0"):
        style = written(parameters)
        assert written(sgr_of(style)) == style


def test_equal_styles_are_one_object() -> None:
    terminal = after("\x1b[1;31mx\x1b[m\x1b[31m\x1b[1my")
    assert style_at(terminal, 0, 0) is style_at(terminal, 0, 1)


def test_a_flood_of_styles_is_not_kept() -> None:
    table = StyleTable()
    for colour in range(3 * StyleTable.LIMIT):
        table.intern(Style(fg=RGB | colour))
        table.change((1, colour))
    assert len(table._styles) <= StyleTable.LIMIT
    assert len(table._changes) <= StyleTable.CHANGES


def test_a_change_says_what_stays() -> None:
    change = change_of((1, 22, 38))
    assert (change.fg, change.bg, change.add) == (None, None, 0)
    assert change.keep & BOLD == 0
