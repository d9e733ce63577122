"""Changing the size: wrapped lines are laid out anew, rows come and go, nothing is lost but what must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.terminal.facade import Terminal
from tests.terminal.screens import after, place, shown, style_at
from tests.terminal.whole_state import assert_sound

SIZES = st.tuples(st.integers(1, 30), st.integers(1, 9))


def everything(terminal: Terminal) -> list[str]:
    """History and screen, one string for each logical line, without blank lines at the end."""
    lines: list[str] = []
    for number in range(terminal.first, terminal.top + terminal.rows):
        line = terminal.line(number)
        if line.wrapped and lines:
            lines[-1] += line.text
        else:
            lines.append(line.text)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def resized(data: str, *sizes: tuple[int, int], start: tuple[int, int] = (10, 4)) -> Terminal:
    terminal = after(data, *start)
    for size in sizes:
        terminal.resize(*size)
    return terminal


def test_narrower_wraps_and_wider_unwraps() -> None:
    terminal = resized("abcdefghij\r\nx\r\n", (4, 6))
    assert shown(terminal) == ["abcd", "efgh", "ij", "x", "", ""]
    assert [terminal.line(y).wrapped for y in range(3)] == [False, True, True]
    terminal.resize(20, 6)
    assert shown(terminal)[:3] == ["abcdefghij", "x", ""]
    assert place(terminal) == (2, 0)


def test_lines_in_the_history_are_laid_out_too() -> None:
    terminal = resized("abcdefghijkl\r\n" * 6, (6, 4))
    assert everything(terminal) == ["abcdefghijkl"] * 6
    assert [terminal.text(number) for number in range(2)] == ["abcdef", "ghijkl"]
    assert terminal.take_damage().everything


def test_the_cursor_s_line_is_left_to_the_program() -> None:
    terminal = resized("one\r\nabcdefgh", (4, 4))
    assert shown(terminal) == ["one", "abcd", "", ""]
    assert place(terminal) == (1, 3)


def test_a_wide_character_is_not_cut_in_two() -> None:
    terminal = resized("a漢字x\r\n", (4, 4))
    assert shown(terminal)[:2] == ["a漢", "字x"]
    terminal.resize(10, 4)
    assert shown(terminal)[0] == "a漢字x"


def test_spaces_at_the_end_of_a_line_count_when_they_were_written() -> None:
    assert shown(resized("ab    \r\nx", (4, 4)))[:3] == ["ab  ", "  ", "x"]
    assert shown(resized("ab\x1b[K\r\nx", (4, 4)))[:2] == ["ab", "x"]


def test_styles_move_with_the_text() -> None:
    terminal = resized("ab\x1b[31mcd\x1b[mef\r\n", (3, 4))
    assert [style_at(terminal, y, x).fg for y, x in ((0, 1), (0, 2), (1, 0), (1, 1))] == [-1, 1, 1, -1]


def test_fewer_rows_push_into_the_history_and_more_take_back() -> None:
    terminal = resized("1\r\n2\r\n3\r\n4", (10, 2))
    assert (shown(terminal), terminal.top) == (["3", "4"], 2)
    assert place(terminal) == (1, 1)
    terminal.resize(10, 4)
    assert (shown(terminal), terminal.top) == (["1", "2", "3", "4"], 0)
    assert place(terminal) == (3, 1)


def test_blank_rows_below_the_cursor_go_first() -> None:
    terminal = resized("1\r\n2", (10, 2))
    assert (shown(terminal), terminal.top, place(terminal)) == (["1", "2"], 0, (1, 1))


def test_the_alternate_screen_is_cut_and_the_main_one_laid_out_behind_it() -> None:
    terminal = resized("abcdefghij\r\n$ \x1b[?1049habcdefgh", (4, 4))
    assert shown(terminal) == ["", "  ab", "", ""]
    terminal.feed(b"\x1b[?1049l")
    assert shown(terminal) == ["abcd", "efgh", "ij", "$ "]
    assert place(terminal) == (3, 2)


def test_the_main_screen_follows_several_sizes_behind_the_alternate_one() -> None:
    terminal = resized("one\r\ntwo\r\n$ \x1b[?1049h", (4, 2), (12, 5), (3, 1), (10, 4))
    terminal.feed(b"\x1b[?1049l")
    assert shown(terminal) == ["one", "two", "$ ", ""]
    assert place(terminal) == (2, 2)


def test_what_the_cursor_s_line_has_in_the_history_is_not_cut() -> None:
    terminal = resized("abcdefghijkl", (2, 2), (3, 2), start=(5, 7))
    assert terminal.text(0) == "abcde"
    terminal.feed(b"\r\n\r\n\r\n")
    terminal.resize(20, 2)
    assert everything(terminal)[0].startswith("abcde")


def test_one_column_leaves_no_wide_characters() -> None:
    assert everything(resized("a漢b\r\n\x1b[31ma漢b\x1b[m\r\n", (1, 9))) == ["ab", "ab"]


def test_prompt_marks_stay_with_their_lines() -> None:
    terminal = resized("abcdefghij\r\n\x1b]133;A\x07$ ls\r\nout\r\n" * 4, (4, 4))
    assert [terminal.text(number) for number in terminal.prompts] == ["$ ls"] * 4


def test_margins_and_tabs_follow_the_size() -> None:
    terminal = resized("\x1b[2;3r", (20, 6))
    terminal.feed(b"\x1b[6;1H\n\x1b[H\t\tx")
    assert place(terminal) == (0, 17)


@pytest.mark.parametrize("size", [(0, 0), (-5, 3), (5_000, 5_000)])
def test_a_size_out_of_bounds_is_brought_within(size: tuple[int, int]) -> None:
    terminal = resized("abc", size)
    assert 1 <= terminal.columns <= 1_000
    assert 1 <= terminal.rows <= 1_000
    assert_sound(terminal)


def red_text(terminal: Terminal) -> str:
    """All characters written in red, of history and screen."""
    found = []
    for number in range(terminal.first, terminal.top + terminal.rows):
        found += [run.text for run in terminal.line(number).runs() if run.style.fg == 1]
    return "".join(found)


@given(st.lists(st.text("ab 漢é", max_size=40), max_size=12), st.lists(SIZES, min_size=1, max_size=4))
def test_no_text_above_the_cursor_is_lost(lines: list[str], sizes: list[tuple[int, int]]) -> None:
    sizes = [(max(columns, 2), rows) for columns, rows in sizes]
    styled = [f"{line[:3]}\x1b[31m{line[3:]}\x1b[m|" if len(line) % 2 else f"{line}|" for line in lines]
    terminal = after("".join(f"{line}\r\n" for line in styled), 10, 4)
    for size in sizes:
        terminal.resize(*size)
    assert_sound(terminal)
    assert everything(terminal) == [f"{line}|" for line in lines]
    assert red_text(terminal) == "".join(line[3:] for line in lines if len(line) % 2)


@given(st.text("ab漢\u0301\r\n", max_size=60), st.lists(SIZES, max_size=4), st.booleans())
def test_any_sizes_leave_a_sound_terminal(text: str, sizes: list[tuple[int, int]], alternate: bool) -> None:
    terminal = after(text + "\x1b[?1049hother" * alternate, 10, 4)
    for size in sizes:
        terminal.resize(*size)
        terminal.feed(b"x\x1b[2;2Hy")
        assert_sound(terminal)
