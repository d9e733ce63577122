"""The terminal is plain again, and the cursor stays where it was."""

from __future__ import annotations

import pyte
import pytest

from mvm_tui.shell.guard import Guard
from mvm_tui.shell.modes import modes_off
from mvm_tui.shell.raw_terminal import undone


def on_screen(text: str) -> pyte.Screen:
    """A screen after `text`; the sequences that pyte takes for text are its own gap."""
    screen = pyte.Screen(40, 10)
    stream = pyte.Stream(screen)
    for unknown in ("\x1b[<99u", "\x1b[=0u", "\x1b[>4m"):
        text = text.replace(unknown, "")
    stream.feed(text)
    return screen


@pytest.mark.parametrize(
    "before", ["", "\r\nfirst\r\n$ ", "\x1b[3;7r\x1b[8;5H", "\x1b[31;7m\x1b[?25l\x1b[5;9H\x1b(0"]
)
def test_the_cursor_stays_where_it_was(before: str) -> None:
    was, now = on_screen(before), on_screen(before + modes_off(alternate=False))
    assert (now.cursor.y, now.cursor.x) == (was.cursor.y, was.cursor.x)
    assert not now.cursor.hidden
    assert now.cursor.attrs == pyte.Screen(1, 1).cursor.attrs
    assert now.margins is None or now.margins == (0, 9)


def test_after_origin_mode_nothing_is_written_over() -> None:
    guard = Guard()
    before = "first\r\nsecond\x1b[2;5r\x1b[?6h"
    guard.feed(before.encode())
    screen = on_screen(before + undone(guard.seen) + "new")
    assert screen.display[0].startswith("first")
    assert screen.display[9].startswith("new")
    assert undone(guard.seen) == modes_off(alternate=False), "there is nothing left to undo"
