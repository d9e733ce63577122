"""What goes in and out of shells besides keys: pastes, the clipboard, recordings, typing into several."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from textual import events

from mvm_tui.config.schema import Settings, Shell
from mvm_tui.shell.states import Open
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.guest_asks import GuestAsks
from mvm_tui.tui.dialogs.paste import PasteDialog, needs_look, visible
from tests.tui.driving import said, shown
from tests.tui.shells import ShellApp, shell_app


def paste(shells: ShellApp, text: str) -> None:
    shells.app.post_message(events.Paste(text))


def test_several_lines_and_control_characters_need_a_look() -> None:
    assert not needs_look("ls -la\t/tmp")
    assert needs_look("ls\n")
    assert needs_look("ls\rrm")
    assert needs_look("a\x1b[31m")
    assert visible("a\x1b[31mb\x7f\r\nc\u202e").plain == "a␛[31mb␡\nc"


async def test_one_line_is_pasted_at_once(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        paste(shells, "echo hello")
        await shells.until(lambda: shells.server.typed == b"echo hello")


async def test_several_lines_are_shown_first_and_no_is_the_answer(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        paste(shells, "first\nsecond\x1b[A")
        await shells.until(lambda: isinstance(shells.app.screen, PasteDialog))
        text = shown(shells.pilot)
        assert "Paste 2 lines?" in text
        assert "second␛[A" in text
        await shells.pilot.press("enter")
        await shells.until(lambda: shells.app.focused is shells.view)
        assert shells.server.typed == b""
        paste(shells, "first\nsecond")
        await shells.until(lambda: isinstance(shells.app.screen, PasteDialog))
        await shells.pilot.press("y")
        await shells.until(lambda: shells.server.typed == b"first\rsecond")


async def test_control_characters_can_be_left_out_and_a_bracketed_paste_cannot_be_ended(
    tmp_path: Path,
) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say("\x1b[?2004h")
        paste(shells, "a\x1b[201~b\x07")
        await shells.until(lambda: getattr(shells.app.focused, "id", "") == "no")
        await shells.pilot.press("right", "enter")
        await shells.until(lambda: shells.server.typed == b"\x1b[200~a[201~b\x1b[201~")


async def test_the_guard_can_be_switched_off(tmp_path: Path) -> None:
    settings = Settings(shell=Shell(paste_guard=False))
    async with shell_app(tmp_path, settings=settings) as shells:
        await shells.attach()
        paste(shells, "a\nb")
        await shells.until(lambda: shells.server.typed == b"a\rb")


async def test_a_large_paste_arrives_whole(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        paste(shells, "x" * 30_000)
        await shells.until(lambda: len(shells.server.typed) == 30_000)


async def test_the_guest_writes_the_clipboard_only_if_it_may(tmp_path: Path) -> None:
    write = "\x1b]52;c;c2VjcmV0\x07"
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say(write + write)
        await shells.until(lambda: isinstance(shells.app.screen, GuestAsks))
        assert "wants to write your clipboard, 6 characters: secret" in shown(shells.pilot)
        await shells.pilot.press("y", "n", "enter", "escape", "y")
        asked = shells.app.screen
        assert isinstance(asked, GuestAsks), "what was being typed is no answer"
        await shells.until(lambda: asked.settled)
        await shells.pilot.press("y")
        await shells.until(lambda: "Copied secret" in said(shells.app.desk))
        assert not isinstance(shells.app.screen, Confirm), "it asks once"
        await shells.say("\x1b]52;c;?\x07")
        assert shells.server.typed == b"", "reading it is never answered"
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.say(write)
        await shells.until(lambda: isinstance(shells.app.screen, GuestAsks) and shells.app.screen.settled)
        await shells.pilot.press("n")
        await shells.until(lambda: shells.shell.clipboard_refused)
        await shells.say(write)
        assert not isinstance(shells.app.screen, Confirm), "a no is meant for good"
    for policy, copies in (("allow", True), ("deny", False)):
        settings = Settings(shell=Shell(clipboard=policy))  # type: ignore[arg-type]
        async with shell_app(tmp_path, settings=settings) as shells:
            await shells.attach()
            await shells.say(write)
            assert ("Copied secret" in said(shells.app.desk)) is copies


async def test_what_is_printed_can_be_recorded(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shell = await shells.attach()
        await shells.lead("r")
        await shells.until(lambda: shell.recording is not None)
        assert "REC" in str(shells.pane.border_subtitle)
        assert "secrets too" in said(shells.app.desk)[0]
        path = shell.recording
        assert path is not None
        await shells.say("recorded text")
        await shells.lead("r")
        await shells.until(lambda: shell.recording is None)
        assert "REC" not in str(shells.pane.border_subtitle)
        lines = path.read_text().splitlines()
        assert json.loads(lines[0])["version"] == 2
        assert json.loads(lines[1])[2] == "recorded text"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_typing_into_several_has_a_border_of_its_own_and_an_end(tmp_path: Path) -> None:
    async with shell_app(tmp_path, (140, 40)) as shells:
        first = await shells.attach()
        second = await shells.another()
        third = await shells.another()
        await shells.lead("y")
        await shells.until(lambda: "space chooses" in shown(shells.pilot))
        await shells.pilot.press("home", "space", "enter")
        together = shells.app.desk.shells.together
        assert together == (first, third)
        await shells.until(lambda: len(shells.app.screen.query("ShellPane.-together")) == 2)
        for pane in shells.app.screen.query("ShellPane.-together"):
            assert "TYPING INTO 2 SHELLS" in str(pane.border_title)
        shells.server.received.clear()
        await shells.until(lambda: getattr(shells.app.focused, "takes_all_keys", False))
        # Each gets the key in the form that its own guest asked for.
        first.terminal.feed(b"\x1b[?1h")
        await shells.pilot.press("up")
        await shells.until(lambda: len(shells.server.typed) == 6)
        assert sorted([shells.server.typed[:3], shells.server.typed[3:]]) == [b"\x1bOA", b"\x1b[A"]
        await shells.lead("y")
        await shells.until(lambda: not shells.app.screen.query("ShellPane.-together"))
        shells.server.received.clear()
        await shells.pilot.press("x")
        await shells.until(lambda: shells.server.typed == b"x")
        assert isinstance(second.state, Open)


async def test_a_shell_that_lost_its_connection_is_not_typed_into_with_others(tmp_path: Path) -> None:
    async with shell_app(tmp_path, (140, 40)) as shells:
        first = await shells.attach()
        second = await shells.another()
        third = await shells.another()
        shells.app.desk.shells.type_together((first, second, third))
        shells.server.connections[0].transport.abort()
        await shells.until(lambda: isinstance(first.state, Open) and first.state.shell == 2)
        assert shells.app.desk.shells.together == (second, third)
        assert any("goes there no more" in line for line in said(shells.app.desk))
        shells.server.received.clear()
        shells.app.desk.shells.paste(third, "x")
        await shells.until(lambda: shells.server.typed == b"xx")


async def test_a_paste_that_was_meant_for_a_shell_that_is_gone_is_dropped(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shell = await shells.attach()
        paste(shells, "one\ntwo\n")
        await shells.until(lambda: isinstance(shells.app.screen, PasteDialog))
        shells.server.connections[0].transport.abort()
        await shells.until(lambda: isinstance(shell.state, Open) and shell.state.shell == 2)
        shells.server.received.clear()
        await shells.pilot.press("y")
        await shells.until(lambda: any("its shell is another now" in line for line in said(shells.app.desk)))
        assert shells.server.typed == b""


async def test_a_shell_beside_the_table(tmp_path: Path) -> None:
    async with shell_app(tmp_path, (160, 40)) as shells:
        screen = shells.app.desk.fleet_screen
        await shells.pilot.press("b")
        await shells.until(lambda: screen.beside_shown)
        await shells.until(lambda: isinstance(shells.shell.state, Open))
        await shells.until(lambda: shells.app.focused is shells.view)
        assert shells.app.screen is screen
        assert screen.table.size.width > 40
        await shells.pilot.press("l", "s")
        await shells.until(lambda: "ls" in shells.screen_text())
        await shells.lead("d")
        await shells.until(lambda: shells.app.focused is screen.table)
        await shells.pilot.press("z")
        await shells.until(lambda: isinstance(shells.app.screen, Confirm))
        await shells.pilot.press("escape", "b")
        await shells.until(lambda: not screen.beside_shown)
        await shells.pilot.press("4")
        await shells.until(lambda: "ls" in shells.screen_text())
        width = shells.view.size.width
        await shells.until(lambda: shells.shell.terminal.columns == width)
