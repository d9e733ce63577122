"""Looking back: scrolling, searching, prompts; and the mouse, which scrolls, selects and follows links."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from mvm_tui.terminal.facade import Terminal
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.shell_search import Search
from mvm_tui.tui.shell_text import last_line, link_at, text_between, word_at
from tests.tui.driving import said, shown
from tests.tui.shells import ShellApp, shell_app


def terminal(*printed: str, size: tuple[int, int] = (20, 5)) -> Terminal:
    made = Terminal(*size)
    made.feed("".join(printed).encode())
    return made


def numbered(count: int) -> str:
    return "\r\n".join(f"line {number}" for number in range(count))


# Text


def test_a_word_ends_where_paths_and_addresses_do() -> None:
    one = terminal("see (~/a-b/c.txt), ok")
    start, end = word_at(one, (0, 8))
    assert text_between(one, start, end) == "~/a-b/c.txt"
    start, end = word_at(one, (0, 4))
    assert text_between(one, start, end) == "("


def test_lines_that_wrapped_are_one_text_and_others_are_not() -> None:
    one = terminal("x" * 25, "\r\nshort   \r\nlast")
    assert text_between(one, (0, 0), (3, 19)) == "x" * 25 + "\nshort\nlast"
    start, end = word_at(one, (1, 2))
    assert text_between(one, start, end) == "x" * 25


def test_wide_characters_are_taken_whole() -> None:
    one = terminal("ab日本cd")
    assert text_between(one, (0, 3), (0, 4)) == "日本"


def found(one: Terminal, wanted: str) -> list[tuple[int, list[tuple[int, int, int]]]]:
    """The places from the newest on: the line that each begins on, and its cells on every line."""
    search = Search(one, wanted)
    search.finish()
    return [
        (
            text.line_of(one, span),
            [(number, *cells) for number in text.lines if (cells := text.cells_on(one, span, number))],
        )
        for text, span in search.found
    ]


def test_a_search_finds_text_over_line_ends_and_in_the_history() -> None:
    one = terminal("needle one\r\n", *("filler\r\n" for _ in range(40)), "y" * 17, "NEEDLE two")
    assert found(one, "needle") == [(41, [(41, 17, 20), (42, 0, 3)]), (0, [(0, 0, 6)])]
    assert [line for line, _ in found(one, "NEEDLE")] == [41], "capital letters mean themselves"
    assert found(one, "") == []
    assert found(one, "[.*") == []


def test_a_search_takes_turns_and_ends_where_nobody_would_go_on() -> None:
    one = Terminal(20, 5, 20_000)
    one.feed(b"same\r\n" * 15_000)
    search = Search(one, "same")
    search.advance(0.0)
    assert not search.done
    assert 0 < len(search.found) < 1_000
    search.finish()
    assert len(search.found) == 10_000


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.text(min_size=1, max_size=3), st.integers(0, 30), st.integers(0, 30))
def test_nothing_printed_breaks_selecting_searching_or_links(
    printed: bytes, wanted: str, x: int, y: int
) -> None:
    one = Terminal(12, 4)
    one.feed(printed)
    line = min(one.first + y, last_line(one))
    point = (line, min(x, 11))
    start, end = word_at(one, point)
    text_between(one, start, end)
    for begins, cells in found(one, wanted):
        assert one.first <= begins <= last_line(one)
        assert cells
    address = link_at(one, point)
    assert not address or address.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("target", "opened"),
    [
        ("https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("http://example.com", "http://example.com"),
        ("file:///etc/passwd", ""),
        ("javascript:alert(1)", ""),
        ("https://example.com/\u202egpj.exe", ""),
        ("https://example.com/a b", ""),
    ],
)
def test_only_web_addresses_that_are_what_they_look_like_are_links(target: str, opened: str) -> None:
    one = terminal(f"\x1b]8;;{target}\x07here\x1b]8;;\x07", size=(40, 3))
    assert link_at(one, (0, 1)) == opened
    assert link_at(one, (0, 10)) == ""


def test_addresses_in_plain_text_are_links_without_what_follows_them() -> None:
    one = terminal("go to https://example.com/path?x=1, then", size=(24, 4))
    assert link_at(one, (0, 8)) == "https://example.com/path?x=1"
    assert link_at(one, (1, 3)) == "https://example.com/path?x=1"
    assert link_at(one, (0, 1)) == ""


# Keys


async def test_scrolling_back_by_keys_and_home_again(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say(numbered(200))
        height = shells.view.size.height
        await shells.lead("left_square_bracket")
        await shells.pilot.press("g")
        assert shells.drawn()[0] == "line 0"
        assert "line 1 of 200" in str(shells.pane.border_subtitle)
        await shells.say("\r\nmore output meanwhile")
        assert shells.drawn()[0] == "line 0", "it stands still"
        await shells.pilot.press("pagedown", "j")
        assert shells.drawn()[0] == f"line {height}"
        await shells.pilot.press("G", "escape", "a")
        await shells.until(lambda: shells.drawn()[-1] == "more output meanwhilea")
        assert shells.server.typed == b"a", "no key of scrolling reached the guest"


async def test_a_search_goes_to_the_last_match_and_on(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say(numbered(300))
        await shells.lead("slash")
        await shells.pilot.press(*"ine 12", "enter")
        await shells.until(lambda: "“ine 12”" in str(shells.pane.border_subtitle))
        assert "11 of 11" in str(shells.pane.border_subtitle)
        assert "line 129" in shells.screen_text()
        await shells.pilot.press("n", "n")
        assert "9 of 11" in str(shells.pane.border_subtitle)
        await shells.pilot.press("N")
        assert "10 of 11" in str(shells.pane.border_subtitle)
        await shells.pilot.press("slash", *"ctrl+a", "escape")
        await shells.pilot.press("escape", "x")
        await shells.until(lambda: shells.server.typed == b"x")


async def test_prompts_that_the_shell_marks_can_be_gone_to(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        for number in range(5):
            await shells.say(f"\x1b]133;A\x07prompt {number}\r\n{numbered(50)}\r\n")
        await shells.lead("left_square_bracket")
        await shells.pilot.press("left_curly_bracket")
        assert shells.drawn()[0] == "prompt 4"
        await shells.pilot.press("left_curly_bracket")
        assert shells.drawn()[0] == "prompt 3"
        await shells.pilot.press("right_curly_bracket")
        assert shells.drawn()[0] == "prompt 4"


# Mouse


async def drag(shells: ShellApp, start: tuple[int, int], end: tuple[int, int]) -> None:
    pilot, view = shells.pilot, shells.view
    await pilot.mouse_down(view, offset=start)
    await pilot.hover(view, offset=end)
    await pilot.mouse_up(view, offset=end)


def copied(shells: ShellApp) -> str:
    return next(iter(said(shells.app.desk)), "")


async def test_a_drag_selects_and_copies(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("one two\r\nthree four")
        await drag(shells, (4, 0), (4, 1))
        await shells.until(lambda: copied(shells) == "Copied two three")
        assert shells.server.typed == b""
        await shells.pilot.press("x")
        assert not list(shells.view._overlays_of(shells.view.top))


async def test_two_clicks_take_a_word_and_three_a_line(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("cat /etc/hosts | wc")
        await shells.pilot.click(shells.view, offset=(6, 0), times=2)
        await shells.until(lambda: copied(shells) == "Copied /etc/hosts")
        await shells.pilot.click(shells.view, offset=(1, 5), times=1)
        await shells.pilot.click(shells.view, offset=(6, 0), times=3)
        await shells.until(lambda: copied(shells) == "Copied cat /etc/hosts | wc")


async def test_the_mouse_is_the_guests_when_it_asks_but_not_with_shift(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("\x1b[?1002;1006hsome text")
        await shells.pilot.mouse_down(shells.view, offset=(2, 3))
        await shells.pilot.hover(shells.view, offset=(3, 3))
        await shells.pilot.mouse_up(shells.view, offset=(3, 3))
        await shells.until(lambda: shells.server.typed == b"\x1b[<0;3;4M\x1b[<32;4;4M\x1b[<0;4;4m")
        post(shells, events.MouseDown, 0)
        post(shells, events.MouseMove, 3)
        post(shells, events.MouseUp, 3)
        await shells.until(lambda: copied(shells) == "Copied some")
        assert shells.server.typed.endswith(b"m")


def post(shells: ShellApp, kind: type[events.MouseEvent], x: int) -> None:
    """An event of the left button with shift held."""
    shells.view.post_message(kind(shells.view, x, 0, 0, 0, 1, True, False, False))


def wheel(shells: ShellApp, down: bool) -> None:
    kind = events.MouseScrollDown if down else events.MouseScrollUp
    shells.view.post_message(kind(shells.view, 3, 3, 0, 0, 0, False, False, False))


async def test_the_wheel_scrolls_or_is_arrows_or_the_guests(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say(numbered(100))
        height = shells.view.size.height
        wheel(shells, down=False)
        await shells.until(lambda: shells.drawn()[0] == f"line {100 - height - 3}")
        wheel(shells, down=True)
        await shells.until(lambda: shells.drawn()[-1] == "line 99")
        assert not shells.view.browser.browsing
        await shells.say("\x1b[?1049h")
        wheel(shells, down=True)
        await shells.until(lambda: shells.server.typed == b"\x1b[B\x1b[B\x1b[B")
        await shells.say("\x1b[?1000;1006h")
        shells.server.received.clear()
        wheel(shells, down=False)
        await shells.until(lambda: shells.server.typed == b"\x1b[<64;4;4M")


async def test_a_link_is_shown_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        opened: list[str] = []
        monkeypatch.setattr(shells.app, "open_url", lambda url, **_: opened.append(url))
        await shells.say("\x1b]8;;https://example.com/real\x07https://bank.example\x1b]8;;\x07")
        await shells.pilot.click(shells.view, offset=(3, 0))
        await shells.until(lambda: isinstance(shells.app.screen, Confirm))
        assert "https://example.com/real" in shown(shells.pilot)
        await shells.pilot.press("y")
        await shells.until(lambda: opened == ["https://example.com/real"])
