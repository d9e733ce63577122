"""The emulator is pyte's Screen and ByteStream still: pyte's own parser can drive the screen."""

from __future__ import annotations

from typing import Any

import pyte
import pytest

from mvm_tui.terminal.history import History
from mvm_tui.terminal.outbox import Outbox
from mvm_tui.terminal.screen import Screen
from mvm_tui.terminal.stream import Stream


def new_screen() -> Screen:
    return Screen(10, 4, History(100, 100_000), Outbox(), "test")


def test_they_are_pyte_s() -> None:
    screen = new_screen()
    assert isinstance(screen, pyte.Screen)
    assert isinstance(Stream(screen), pyte.ByteStream)
    assert repr(screen) == "Screen(10, 4)"


@pytest.mark.parametrize(
    "data",
    [
        "abc\r\ndefghijklmnop\x1b[2;3Hx\x1b[K",
        "\x1b[31;1mred\x1b[0m\x1b[44m\x1b[2J\x1b[3;3Hend",
        "1\r\n2\r\n3\r\n4\r\n5\x1b[2;3r\x1b[2;1H\x1bM\x1b[L\x1b[M\x1b[@\x1b[P\x1b[X",
        "a\tb\x1bH\x1b[g\x1b7\x1b[5C\x1b8\x1b[?25l\x1b[4hxy\x1b[4l\b\b",
        "\x1b#8\x1b[2;2H\x1b[1K\x1b[1J",
        "漢字e\u0301\x1b]2;title\x07\x1b]1;icon\x07\x07",
        "\x1b[?1049hother\x1b[?1049l\x1b[6n\x1b[c",
    ],
)
def test_its_parser_and_ours_bring_about_the_same(data: str) -> None:
    by_pyte, by_us = new_screen(), new_screen()
    listener: Any = by_pyte
    pyte.Stream(listener).feed(data)
    Stream(by_us).feed(data.encode())
    assert by_pyte.display == by_us.display
    assert [row.styles for row in by_pyte.rows] == [row.styles for row in by_us.rows]
    assert (by_pyte.cursor.y, by_pyte.cursor.x) == (by_us.cursor.y, by_us.cursor.x)
    assert by_pyte.outbox.take_replies() == by_us.outbox.take_replies()
    assert (by_pyte.title, by_pyte.icon_name) == (by_us.title, by_us.icon_name)


def test_size_and_damage_by_its_names() -> None:
    screen = new_screen()
    Stream(screen).feed(b"abc\r\ndef")
    assert screen.dirty == {0, 1, 2, 3}
    screen.resize(lines=2, columns=5)
    assert screen.display == ["abc  ", "def  "]
    assert (screen.lines, screen.columns) == (2, 5)
