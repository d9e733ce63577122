"""Keys on their way into a shell: every byte, every form of terminals, and none of them the app's own."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.modes import Modes
from mvm_tui.tui.key_sequences import ESCAPE_SECONDS, SequenceKey, SequenceParser
from mvm_tui.tui.shell_keys import encoded
from mvm_tui.tui.widgets.footer import Footer
from tests.tui.driving import said
from tests.tui.shells import shell_app

LEADER = "ctrl+right_square_bracket"


def modes(*set_by: str) -> Modes:
    terminal = Terminal(80, 24)
    terminal.feed("".join(set_by).encode())
    return terminal.modes


def parsed(typed: str, whole: bool = True) -> list[object]:
    """What the parser makes of input, its end waited for."""
    flag = threading.Event()
    if whole:
        flag.set()
    parser = SequenceParser(flag)
    found: list[object] = list(parser.feed(typed))
    deadline = time.monotonic() + 5
    while parser.waiting and time.monotonic() < deadline:
        time.sleep(ESCAPE_SECONDS / 5)
        found += parser.tick()
    return found


def sent(typed: str, under: Modes) -> bytes:
    keys = parsed(typed)
    assert all(isinstance(key, SequenceKey) for key in keys), keys
    return b"".join(encoded(key, under) for key in keys if isinstance(key, SequenceKey))


def test_every_byte_goes_through_as_it_is() -> None:
    plain = modes()
    for code in range(0x80):
        assert sent(chr(code), plain) == bytes([code])


@pytest.mark.parametrize(
    "typed",
    [
        *(f"\x1b{chr(code)}" for code in range(0x80) if chr(code) not in "[O\x1b"),
        "\x1b[A", "\x1b[1;3A", "\x1b[1;5R", "\x1b[15;2~", "\x1b[3;5~", "\x1b[Z", "\x1bOP", "\x1b[1;2P",
        "é", "日本", "🙂", "\x1b\x1b", "\x1b[24~", "\x1b[?1;2c",
    ],
)  # fmt: skip
def test_what_a_terminal_sends_of_old_goes_through_as_it_is(typed: str) -> None:
    assert sent(typed, modes()) == typed.encode()


@pytest.mark.parametrize(
    ("typed", "mode", "wanted"),
    [
        ("\x1b[A", "\x1b[?1h", b"\x1bOA"),
        ("\x1bOA", "", b"\x1b[A"),
        ("\x1b[1;5A", "\x1b[?1h", b"\x1b[1;5A"),
        ("\r", "\x1b[20h", b"\r\n"),
        ("\x7f", "\x1b[?67h", b"\x08"),
        ("\x1b[97;5u", "", b"\x01"),
        ("\x1b[97;;97u", "", b"a"),
        ("\x1b[97:65;2;65u", "", b"A"),
        ("\x1b[46;3u", "", b"\x1b."),
        ("\x1b[13;2u", "", b"\r"),
        ("\x1b[13;2u", "\x1b[>4;2m", b"\x1b[27;2;13~"),
        ("\x1b[57441u", "", b""),
        ("\x1b[57400u", "", b"1"),
        ("\x1b[57400u", "\x1b=", b"\x1bOq"),
        ("\x1b[27;5;9~", "", b"\t"),
        ("\x1b\x1b[A", "", b"\x1b[1;3A"),
    ],
)
def test_other_forms_become_what_the_guest_asked_for(typed: str, mode: str, wanted: bytes) -> None:
    assert sent(typed, modes(mode)) == wanted


@pytest.mark.parametrize(
    ("key", "character", "wanted"),
    [
        ("ctrl+a", None, b"\x01"),
        ("ctrl+at", None, b"\x00"),
        ("alt+full_stop", None, b"\x1b."),
        ("shift+f5", None, b"\x1b[15;2~"),
        ("ctrl+shift+left", None, b"\x1b[1;6D"),
        ("escape", "\x1b", b"\x1b"),
        ("slash", "/", b"/"),
        ("slash", None, b"/"),
        ("A", "A", b"A"),
        ("space", None, b" "),
        ("backspace", "\x08", b"\x08"),
        ("backspace", None, b"\x7f"),
        ("enter", None, b"\r"),
        ("shift+tab", None, b"\x1b[Z"),
        ("nonsense_key", None, b""),
    ],
)
def test_keys_that_came_by_name_only(key: str, character: str | None, wanted: bytes) -> None:
    assert encoded(events.Key(key, character), modes()) == wanted


def test_mouse_focus_and_reports_stay_textuals() -> None:
    kinds = [type(one).__name__ for one in parsed("\x1b[<0;3;4M\x1b[I\x1b[O\x1b[?2026;2$y")]
    assert kinds == ["MouseDown", "AppFocus", "AppBlur", "TerminalSupportsSynchronizedOutput"]


@pytest.mark.parametrize("at", range(1, 24))
def test_a_paste_may_be_cut_anywhere_and_holds_what_was_pasted(at: int) -> None:
    typed = "\x1b[200~a\x1b[Ab\nc\x1b[201~x"
    flag = threading.Event()
    flag.set()
    parser = SequenceParser(flag)
    found = [*parser.feed(typed[:at]), *parser.feed(typed[at:])]
    paste, key = found
    assert isinstance(paste, events.Paste)
    assert paste.text == "a\x1b[Ab\nc"
    assert isinstance(key, SequenceKey)
    assert key.key == "x"


@given(st.text(alphabet=st.sampled_from("\x1b[O~;:<>?019AMRmuatz\r\t é"), max_size=40), st.integers(0, 40))
def test_no_input_is_lost_or_raises_however_it_is_cut(typed: str, cut: int) -> None:
    flag = threading.Event()
    flag.set()
    whole, parts = SequenceParser(flag), SequenceParser(flag)
    one = [*whole.feed(typed)] if typed else []
    pieces = [piece for piece in (typed[:cut], typed[cut:]) if piece]
    two = [event for piece in pieces for event in parts.feed(piece)]
    if not whole.waiting:
        assert [getattr(each, "sequence", str(each)) for each in one] == [
            getattr(each, "sequence", str(each)) for each in two
        ]
    for event in one:
        if isinstance(event, SequenceKey):
            encoded(event, modes())


def test_without_a_shell_keys_are_as_textual_has_them() -> None:
    keys = parsed("a\x1b[A", whole=False)
    assert [type(key) for key in keys] == [events.Key, events.Key]


async def test_the_apps_own_keys_are_off_while_a_shell_has_the_focus(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.pilot.press("ctrl+q", "ctrl+p", "ctrl+c", "tab", "escape", "1", "q", "colon")
        await shells.until(lambda: shells.server.typed == b"\x11\x10\x03\t\x1b1q:")
        assert shells.app.is_running
        assert shells.app.screen is shells.app.desk.front


async def test_the_leader_pressed_twice_reaches_the_guest(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.pilot.press(LEADER, LEADER, "f12", "f12", "x")
        await shells.until(lambda: shells.server.typed == b"\x1d\x1b[24~x")
        await shells.pilot.press(LEADER)
        assert "what now?" in str(shells.pane.border_subtitle)
        assert "d detach" in shells.app.screen.query_one(Footer).render().plain
        await shells.pilot.press("escape", "y")
        await shells.until(lambda: shells.server.typed.endswith(b"xy"))
        await shells.pilot.press("f12", "ctrl+t")
        await shells.until(lambda: any("ctrl+t does nothing" in line for line in said(shells.app.desk)))
