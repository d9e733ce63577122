"""Control strings: titles, links, clipboard, prompt marks, colours, and those that are ignored whole."""

from __future__ import annotations

import base64

import pytest

from mvm_tui.terminal.events import (
    Bell,
    ClipboardWrite,
    IconNameChanged,
    Notification,
    PromptMark,
    ScreenCleared,
    TitleChanged,
    WorkingDirectory,
)
from mvm_tui.terminal.links import URI_LIMIT, Links
from mvm_tui.terminal.outbox import Outbox
from mvm_tui.terminal.screen import TITLE_LIMIT
from mvm_tui.terminal.stream import STRING_LIMIT
from tests.terminal.screens import after, shown, style_at


@pytest.mark.parametrize(
    ("data", "title", "icon"),
    [
        ("\x1b]0;both\x07", "both", "both"),
        ("\x1b]1;icon\x07", "", "icon"),
        ("\x1b]2;title; with; more\x1b\\", "title; with; more", ""),
        ("\x1b]2;é漢\x07", "é漢", ""),
        ("\x9d2;title\x9c", "title", ""),
        ("\x1b]2;one\x07\x1b]2;\x07", "", ""),
        ("\x1b]2;one\x07\x1b[22t\x1b]2;two\x07\x1b[23t", "one", ""),
        ("\x1b]0;one\x07\x1b[22;2t\x1b]0;two\x07\x1b[23;0t", "one", "two"),
        ("\x1b[23t", "", ""),
        ("\x1b]2;cut\x18", "", ""),
        ("\x1b]2\x07", "", ""),
    ],
)
def test_titles(data: str, title: str, icon: str) -> None:
    terminal = after(data)
    assert (terminal.title, terminal.icon_name) == (title, icon)
    assert shown(terminal) == [""] * 4


def test_titles_are_told_and_bounded() -> None:
    terminal = after("\x1b]0;" + "t" * 5_000 + "\x07")
    assert terminal.take_events() == (IconNameChanged("t" * TITLE_LIMIT), TitleChanged("t" * TITLE_LIMIT))


def test_links() -> None:
    terminal = after("\x1b]8;;http://a/\x07ab\x1b[1mc\x1b[m\x1b]8;;\x07d")
    numbers = [style_at(terminal, 0, x).link for x in range(4)]
    assert numbers[0] == numbers[1] == numbers[2] != 0
    assert numbers[3] == 0
    assert terminal.link(numbers[0]) == "http://a/"
    assert terminal.link(0) is None


def test_links_of_one_name_and_address_are_one() -> None:
    terminal = after(
        "\x1b]8;id=x;http://a/\x07a\x1b]8;;http://a/\x07b\x1b]8;id=x;http://a/\x07c\x1b]8;id=x;http://b/\x07d"
    )
    numbers = [style_at(terminal, 0, x).link for x in range(4)]
    assert numbers[0] == numbers[2]
    assert len(set(numbers)) == 3


@pytest.mark.parametrize("body", ["8", "8;", "8;id=a", "8;;" + "y" * (URI_LIMIT + 1)])
def test_what_is_not_a_link(body: str) -> None:
    assert style_at(after(f"\x1b]{body}\x07x"), 0, 0).link == 0


def test_links_beyond_number_are_forgotten_from_the_oldest() -> None:
    links = Links()
    first = links.add("name", "http://first/")
    for number in range(Links.LIMIT):
        last = links.add("", f"http://{number}/")
    assert links.target(first) is None
    assert links.target(last) == f"http://{Links.LIMIT - 1}/"
    assert links.add("name", "http://first/") != first
    for number in range(2 * Links.CHARACTERS // URI_LIMIT):
        links.add("", f"{number:02000d}")
    assert links.target(last) is None


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ("c;aGVsbG8=", ClipboardWrite("c", b"hello")),
        (";aGVsbG8=", ClipboardWrite("c", b"hello")),
        ("p;", ClipboardWrite("p", b"")),
        ("c;?", None),
        ("c;not base64!", None),
        ("c", None),
    ],
)
def test_the_clipboard_is_asked_to_be_written_and_never_read(body: str, event: object) -> None:
    terminal = after(f"\x1b]52;{body}\x07")
    assert terminal.take_events() == (() if event is None else (event,))
    assert terminal.take_replies() == b""


def test_a_large_clipboard_arrives_whole_and_a_monstrous_one_not_at_all() -> None:
    data = bytes(range(256)) * 1_000
    terminal = after(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
    assert terminal.take_events() == (ClipboardWrite("c", data),)
    terminal.feed(b"\x1b]52;c;" + b"A" * (STRING_LIMIT + 1) + b"\x07x")
    assert terminal.take_events() == ()
    assert shown(terminal)[0] == "x"


def test_prompt_marks() -> None:
    terminal = after(
        "\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07out\r\n\x1b]133;D;1\x07\x1b]133;A\x07$ "
    )
    assert terminal.take_events() == (
        PromptMark("A", 0),
        PromptMark("B", 0),
        PromptMark("C", 1),
        PromptMark("D", 2, 1),
        PromptMark("A", 2),
    )
    assert terminal.prompts == (0, 2)
    terminal.feed(b"x\r\n" * 10)
    assert terminal.prompts == (0, 2)
    assert terminal.line(2).mark
    terminal.feed(b"\x1b]133;A\x07$\x1b[2J")
    assert terminal.prompts == (0, 2)


@pytest.mark.parametrize("body", ["133", "133;", "133;Z", "133;D;x", "133;D;" + "9" * 50])
def test_odd_prompt_marks(body: str) -> None:
    assert all(
        isinstance(event, PromptMark) and event.status is None
        for event in after(f"\x1b]{body}\x07").take_events()
    )


def test_other_events() -> None:
    terminal = after("\x07\x1b]7;file:///tmp\x07\x1b]9;done\x07\x1b[2J")
    assert terminal.take_events() == (
        Bell(),
        WorkingDirectory("file:///tmp"),
        Notification("done"),
        ScreenCleared(history=False),
    )
    assert after("\x1b]777;notify;build;is done\x07").take_events() == (Notification("build: is done"),)
    assert after("\x1b]9;4;1;50\x07").take_events() == ()


def test_a_flood_of_events_keeps_the_last_of_each_kind() -> None:
    terminal = after("".join(f"\x07\x1b]2;{number}\x07\x1b]133;A\x07" for number in range(5_000)))
    events = terminal.take_events()
    assert len(events) <= Outbox.EVENT_LIMIT + 2
    assert TitleChanged("4999") in events


def test_colours_are_changed_and_brought_back() -> None:
    terminal = after("\x1b]4;1;#102030;2;rgb:ff/00/80;300;#000;3;nonsense\x07")
    assert terminal.colours.changed == {1: 0x102030, 2: 0xFF0080}
    assert terminal.colours.resolve(1, 0) == 0x102030
    assert terminal.colours.resolve(-1, 7) == 7
    terminal.feed(b"\x1b]104;1\x07")
    assert terminal.colours.changed == {2: 0xFF0080}
    terminal.feed(b"\x1b]104\x07\x1b]12;#ffffff\x07")
    assert (terminal.colours.changed, terminal.colours.dynamic(12)) == ({}, 0xFFFFFF)
    terminal.feed(b"\x1b]112\x07")
    assert terminal.colours.dynamic(12) == terminal.colours.theme.cursor


@pytest.mark.parametrize(
    "data",
    [
        "\x1bPq#0;2;0;0;0#0~~\x1b\\",
        "\x1b_Gf=100;AAAA\x1b\\",
        "\x1b^private\x1b\\",
        "\x1bXstart of string\x1b\\",
        "\x1b_漢字\x1b\\",
        "\x1b]1337;File=name=x:AAAA\x07",
        "\x1b]99999999999999;x\x07",
        "\x1b]\x07",
        "\x1bP\x1b\\",
        "\x1bPbell\x07inside\x1b\\",
    ],
)
def test_strings_that_are_not_ours_are_ignored_whole(data: str) -> None:
    assert shown(after(data + "x"))[0] == "x"
