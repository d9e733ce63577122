"""Modes: the two screens, what is told to keyboard, mouse and painter, DECRQM, saving, the resets."""

from __future__ import annotations

import pytest

from mvm_tui.terminal.styles import PLAIN
from tests.terminal.screens import after, answer, place, rows_after, shown, style_at


@pytest.mark.parametrize("mode", [47, 1047, 1049])
def test_the_alternate_screen_leaves_the_main_one_as_it_was(mode: int) -> None:
    terminal = after(f"main\r\n\x1b[?{mode}hother")
    assert terminal.modes.alternate_screen
    assert "main" not in shown(terminal)
    terminal.feed(b"\x1b[?%dl" % mode)
    assert shown(terminal)[0] == "main"
    assert not terminal.modes.alternate_screen


def test_1049_saves_and_restores_the_cursor() -> None:
    assert place(after("ab\x1b[?1049h\x1b[4;4H\x1b[?1049l")) == (0, 2)
    assert place(after("ab\x1b[?47h\x1b[4;4H\x1b[?47l")) == (3, 3)
    assert place(after("\x1b[2;3H\x1b[?1048h\x1b[H\x1b[?1048l")) == (1, 2)


def test_leaving_twice_restores_the_cursor_twice() -> None:
    assert place(after("ab\x1b[?1049h\x1b[?1049l\x1b[3;3H\x1b[?1049l")) == (0, 2)


def test_the_alternate_screen_has_no_history_and_is_blank_each_time() -> None:
    terminal = after("\x1b[?1049h" + "x\r\n" * 9 + "\x1b[?1049l\x1b[?1049h")
    assert terminal.top == 0
    assert shown(terminal) == [""] * 4


def test_the_alternate_screen_is_filled_with_the_background() -> None:
    assert style_at(after("\x1b[41m\x1b[?1049h"), 2, 2).bg == 1


def test_margins_of_the_alternate_screen_are_its_own() -> None:
    assert rows_after("\x1b[?1049h\x1b[2;3r\x1b[?1049l\x1b[4;1Ha\r\nb")[-1] == "b"


@pytest.mark.parametrize(
    ("data", "name", "value"),
    [
        ("\x1b[?1h", "application_cursor", True),
        ("\x1b=", "application_keypad", True),
        ("\x1b[?66h", "application_keypad", True),
        ("\x1b=\x1b>", "application_keypad", False),
        ("\x1b[?2004h", "bracketed_paste", True),
        ("\x1b[?1004h", "focus_reports", True),
        ("\x1b[?9h", "mouse_protocol", 9),
        ("\x1b[?1000h", "mouse_protocol", 1000),
        ("\x1b[?1000;1002h", "mouse_protocol", 1002),
        ("\x1b[?1003h", "mouse_protocol", 1003),
        ("\x1b[?1003h\x1b[?1000l", "mouse_protocol", 0),
        ("\x1b[?1005h", "mouse_encoding", 1005),
        ("\x1b[?1005h\x1b[?1006h", "mouse_encoding", 1006),
        ("\x1b[?1015h", "mouse_encoding", 1015),
        ("\x1b[?1006h\x1b[?1006l", "mouse_encoding", 0),
        ("\x1b[>4;2m", "modify_other_keys", 2),
        ("\x1b[>4;2m\x1b[>4m", "modify_other_keys", 0),
        ("\x1b[>4;1m\x1b[>4n", "modify_other_keys", 0),
        ("\x1b[?67h", "backarrow_sends_bs", True),
        ("\x1b[?1036l", "meta_sends_escape", False),
        ("\x1b[?2026h", "synchronised", True),
        ("\x1b[?2026h\x1b[?2026l", "synchronised", False),
        ("\x1b[?1007l", "alternate_scroll", False),
        ("\x1b[?5h", "reverse_video", True),
        ("\x1b[20h", "newline", True),
    ],
)
def test_what_others_are_told(data: str, name: str, value: object) -> None:
    assert getattr(after(data).modes, name) == value


@pytest.mark.parametrize(
    ("data", "shape", "blink"),
    [
        ("", "block", False),
        ("\x1b[1 q", "block", True),
        ("\x1b[2 q", "block", False),
        ("\x1b[3 q", "underline", True),
        ("\x1b[4 q", "underline", False),
        ("\x1b[5 q", "bar", True),
        ("\x1b[6 q", "bar", False),
        ("\x1b[6 q\x1b[0 q", "block", False),
        ("\x1b[6 q\x1b[9 q", "bar", False),
        ("\x1b[6 q\x1b[?12h", "bar", True),
        ("\x1b[5 q\x1b[?12l", "bar", False),
    ],
)
def test_cursor_shapes(data: str, shape: str, blink: bool) -> None:
    cursor = after(data).cursor
    assert (cursor.shape, cursor.blink) == (shape, blink)


def test_the_cursor_is_hidden_and_shown() -> None:
    assert not after("\x1b[?25l").cursor.visible
    assert after("\x1b[?25l\x1b[?25h").cursor.visible


@pytest.mark.parametrize(
    ("data", "answered"),
    [
        ("\x1b[?7$p", "\x1b[?7;1$y"),
        ("\x1b[?7l\x1b[?7$p", "\x1b[?7;2$y"),
        ("\x1b[?2026$p", "\x1b[?2026;2$y"),
        ("\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"),
        ("\x1b[?1049h\x1b[?1049$p", "\x1b[?1049;1$y"),
        ("\x1b[?3$p", "\x1b[?3;4$y"),
        ("\x1b[?12345$p", "\x1b[?12345;0$y"),
        ("\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b[20h\x1b[20$p", "\x1b[20;1$y"),
        ("\x1b[99$p", "\x1b[99;0$y"),
        ("\x1b[>4;1m\x1b[?4m", "\x1b[>4;1m"),
    ],
)
def test_modes_are_reported(data: str, answered: str) -> None:
    assert answer(data) == answered


def test_modes_are_saved_and_restored() -> None:
    terminal = after("\x1b[?2004h\x1b[?2004;1000s\x1b[?2004l\x1b[?1000h\x1b[?2004;1000;7r")
    modes = terminal.modes
    assert (modes.bracketed_paste, modes.mouse_protocol) == (True, 0)


def test_a_mode_is_not_taken_for_a_private_one() -> None:
    terminal = after(
        "\x1b[?1h" + "".join(f"\x1b[{mode << 5}l\x1b[{mode}l" for mode in (1, 7, 25)) + "0123456789x"
    )
    assert terminal.modes.application_cursor
    assert terminal.cursor.visible
    assert terminal.text(1) == "x"


def test_132_columns_are_not_taken() -> None:
    terminal = after("abc\x1b[?3h")
    assert (terminal.columns, shown(terminal)[0]) == (10, "abc")


def test_reverse_video_is_for_the_painter() -> None:
    terminal = after("\x1b[?5hx")
    terminal.take_damage()
    terminal.feed(b"\x1b[?5l")
    assert terminal.take_damage().everything
    assert style_at(terminal, 0, 0) == PLAIN


def test_a_soft_reset_leaves_the_text() -> None:
    terminal = after("ab\x1b[4h\x1b[2;3r\x1b[?6h\x1b[?1h\x1b[?25l\x1b[31m\x1b[!p\x1b[Hx\x1b[4;1H\ny")
    assert shown(terminal) == ["", "", "", "y"]
    assert terminal.text(0) == "xb"
    assert terminal.cursor.visible
    assert not terminal.modes.application_cursor
    assert style_at(terminal, 3, 0) == PLAIN


def test_a_full_reset_has_the_whole_screen_scroll() -> None:
    assert shown(after("\x1b[2;3r\x1bc1\r\n2\r\n3\r\n4\r\n5")) == ["2", "3", "4", "5"]


def test_a_full_reset_leaves_the_history_alone() -> None:
    terminal = after("1\r\n2\r\n3\r\n4\r\n5\x1b[?1049h\x1b[?1000h\x1b[31m\x1b]4;1;#000000\x07\x1bcx")
    assert shown(terminal) == ["x", "", "", ""]
    assert terminal.text(0) == "1"
    assert terminal.modes == after("").modes
    terminal.take_damage()
    terminal.feed(b"\x1bc")
    assert terminal.take_damage().everything
    assert not terminal.colours.changed
    assert style_at(terminal, 0, 0) == PLAIN
