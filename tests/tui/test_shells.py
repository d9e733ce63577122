"""A shell in the UI: from the table to its prompt, back, and what happens on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mvm_tui.config.schema import Settings, Shell
from mvm_tui.shell.states import Closed, End, Open, Reconnecting
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.launch import LaunchDialog
from mvm_tui.tui.screens.help import HelpScreen
from mvm_tui.tui.widgets.section_row import SectionRow
from mvm_tui.tui.widgets.shell_tabs import ShellTabs
from tests.shell.servers import refusal
from tests.tui.driving import said, shown
from tests.tui.fakes import FakeAccounts, no_shells, sample_rows
from tests.tui.shells import shell_app


async def test_one_key_on_the_table_opens_a_shell_that_echoes_and_exits(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        assert shells.app.desk.front.section.id == "shells"
        await shells.pilot.press(*"date")
        await shells.until(lambda: "date" in shells.screen_text())
        assert shells.server.typed == b"date"
        assert "web-1" in str(shells.pane.border_title)
        assert "attached" in str(shells.pane.border_title)
        assert "ctrl+]" in str(shells.pane.border_subtitle)
        await shells.pilot.press(*"\b\b\b\b")
        shells.server.received.clear()
        await shells.server.connections[0].close(1000, "shell exited")
        await shells.until(lambda: shells.app.screen is shells.app.desk.fleet_screen)
        assert "The shell of web-1 has exited." in said(shells.app.desk)
        assert not shells.app.desk.shells.all


async def test_the_size_is_told_first_and_again_when_it_changes(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        size = shells.view.size
        await shells.until(lambda: len(shells.server.control) > 0)
        assert f'"cols":{size.width},"rows":{size.height}' in shells.server.control[0]
        await shells.lead("f")
        await shells.until(lambda: shells.view.size.height > size.height)
        zoomed = shells.view.size
        await shells.until(
            lambda: f'"cols":{zoomed.width},"rows":{zoomed.height}' in shells.server.control[-1]
        )


async def test_what_is_typed_ahead_is_for_the_shell_and_not_for_the_table(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.pilot.press("s", "z", "x", "q")
        await shells.until(lambda: shells.server.typed == b"zxq")
        assert not shells.accounts.fleet.performed


async def test_detached_it_lives_on_and_its_tab_tells_news(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shell = await shells.attach()
        await shells.lead("d")
        app = shells.app
        await shells.until(lambda: app.screen is app.desk.fleet_screen)
        assert isinstance(shell.state, Open)
        await shells.say("while you were away")
        await shells.until(lambda: "Shells ●" in app.screen.query_one(SectionRow).render().plain)
        await shells.pilot.press("s")
        await shells.until(lambda: "while you were away" in shells.screen_text())
        assert app.desk.shells.all == [shell], "it is the same one"
        assert "●" not in app.screen.query_one(SectionRow).render().plain


def _front(tabs: ShellTabs) -> str:
    """The words of the tab that stands out."""
    drawn = tabs.render()
    (span,) = (span for span in drawn.spans if span.style == "on $panel")
    return drawn.plain[span.start : span.end]


async def test_the_tab_in_front_stands_out(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.another()
        tabs = shells.app.screen.query_one(ShellTabs)
        await shells.until(lambda: "2 web-1" in _front(tabs))
        shells.app.desk.shells.step(-1)
        await shells.until(lambda: "1 web-1" in _front(tabs))


async def test_a_shell_of_another_account_says_where_it_is(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.another()
        assert "us-east-1" not in str(shells.pane.border_title)
        desk, tabs = shells.app.desk, shells.app.screen.query_one(ShellTabs)
        desk.open_account(region="eu-west-1")
        await shells.until(lambda: "in default · us-east-1" in str(shells.pane.border_title))
        await shells.until(lambda: tabs.render().plain.count("in default · us-east-1") == 2)
        await shells.another()
        assert "in default · us-east-1" in str(shells.pane.border_title), "beside one it is where that one is"
        desk.open_account(region="us-east-1")
        await shells.until(lambda: "us-east-1" not in str(shells.pane.border_title))
        await shells.until(lambda: "us-east-1" not in tabs.render().plain)


async def test_leaving_asks_while_a_shell_is_open(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.lead("d")
        await shells.until(lambda: shells.app.screen is shells.app.desk.fleet_screen)
        await shells.pilot.press("q")
        await shells.until(lambda: "You lose 1 shell" in shown(shells.pilot))
        await shells.pilot.press("n", "ctrl+q")
        await shells.until(lambda: "You lose 1 shell" in shown(shells.pilot))
        await shells.pilot.press("ctrl+q")
        await shells.until(lambda: not shells.app.is_running)


async def test_suspending_with_a_shell_attached_asks(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.attach()
        await shells.lead("z")
        await shells.until(lambda: "Your shell on it will be cut off" in shown(shells.pilot))
        await shells.pilot.press("y")
        await shells.until(lambda: bool(shells.accounts.fleet.performed))


async def test_a_suspended_microvm_is_resumed_and_attached_in_one_step(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shells.service.become("SUSPENDED")
        shells.app.desk.fleet_screen.table.move_to(sample_rows()[2].id)
        await shells.pilot.press("s")
        assert isinstance(shells.app.screen, Confirm)
        assert "Resume it and attach?" in shown(shells.pilot)
        await shells.pilot.press("y")
        await shells.until(lambda: isinstance(shells.shell.state, Open))
        assert shells.service.resumed == 1


async def test_one_without_a_shell_says_why_and_offers_another(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shells.app.desk.fleet_screen.table.move_to(sample_rows()[1].id)
        await shells.pilot.press("s")
        text = shown(shells.pilot)
        assert "SHELL_INGRESS" in text
        await shells.pilot.press("y")
        await shells.until(lambda: isinstance(shells.app.screen, LaunchDialog))
        assert shells.app.screen.query_one("#shell").value  # type: ignore[attr-defined]
        assert not shells.app.screen.query_one("#idle").value, "as its own"  # type: ignore[attr-defined]


async def test_read_only_opens_no_shell(tmp_path: Path) -> None:
    async with shell_app(tmp_path, read_only=True) as shells:
        await shells.pilot.press("s")
        await shells.until(lambda: any("Read-only" in line for line in said(shells.app.desk)))
        assert not shells.app.desk.shells.all


async def test_a_refused_shell_says_why_and_enter_tries_again(tmp_path: Path) -> None:
    rows = [replace(sample_rows()[0])]
    async with shell_app(tmp_path, accounts=FakeAccounts(rows)) as shells:
        shells.service.become("TERMINATED")
        await shells.pilot.press("s")
        await shells.until(lambda: isinstance(shells.shell.state, Closed))
        await shells.until(lambda: "The MicroVM has ended." in shown(shells.pilot))
        assert "q closes this tab" in shown(shells.pilot)
        assert isinstance(shells.shell.state, Closed)
        assert shells.shell.state.end is End.ENDED
        await shells.pilot.press("q")
        await shells.until(lambda: shells.app.screen is shells.app.desk.fleet_screen)


async def test_a_lost_connection_says_that_the_new_one_is_a_new_shell(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shell = await shells.attach()
        await shells.say("first\r\n" * 4 + "old text\r\n\x1b[?5h\x1b]11;#ffffff\x07\x1b[4 q")
        accept = shells.server.refuse
        shells.server.refuse = lambda request: refusal(503)
        shells.server.connections[0].transport.abort()
        await shells.until(lambda: isinstance(shell.state, Reconnecting))
        await shells.until(lambda: "What you type now goes nowhere" in shown(shells.pilot))
        shells.server.received.clear()
        await shells.pilot.press("a", "b")
        shells.server.refuse = accept
        await shells.pilot.press("enter")
        await shells.until(lambda: isinstance(shell.state, Open) and shell.state.shell == 2)
        await shells.until(lambda: "this is a new shell" in shells.screen_text())
        before, _, after = shells.screen_text().partition("old text")
        assert before.count("first") == 4, "the new one does not write over what the old one left"
        assert "this is a new shell" in after
        colours, modes = shell.terminal.colours, shell.terminal.modes
        assert colours.dynamic(11) == colours.theme.background, "nothing of the old one colours the new one"
        assert not modes.reverse_video
        assert shell.terminal.cursor.shape == "block"
        assert shells.server.typed == b"", "what was typed meanwhile goes nowhere"
        assert any("This is a new shell" in line for line in said(shells.app.desk))


async def test_the_empty_screen_says_how_to_open_one_and_its_keys_work(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        await shells.pilot.press("4")
        await shells.until(lambda: "No shell is open." in shown(shells.pilot))
        await shells.pilot.press("question_mark")
        assert isinstance(shells.app.screen, HelpScreen)
        await shells.pilot.press("escape", "1")
        await shells.until(lambda: shells.app.screen is shells.app.desk.fleet_screen)


async def test_several_shells_are_tabs_and_closing_one_shows_the_next(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        first = await shells.attach()
        second = await shells.another()
        assert shells.app.desk.shells.all == [first, second]
        await shells.lead("n")
        await shells.until(lambda: shells.view.shell is first)
        await shells.lead("p")
        await shells.until(lambda: shells.view.shell is second)
        await shells.lead("x")
        await shells.until(lambda: "What runs in it is cut off" in shown(shells.pilot))
        await shells.pilot.press("y")
        await shells.until(lambda: shells.view.shell is first)
        await shells.until(lambda: shells.app.focused is shells.view)
        await shells.pilot.press("a")
        await shells.until(lambda: shells.server.typed.endswith(b"a"))


async def test_leader_and_the_keys_after_it_can_be_others(tmp_path: Path) -> None:
    settings = Settings(shell=Shell(leader=["ctrl+a", "f6"]), keys={"shell.detach": "q"})
    async with shell_app(tmp_path, settings=settings) as shells:
        await shells.attach()
        assert "ctrl+a" in str(shells.pane.border_subtitle)
        await shells.pilot.press("ctrl+right_square_bracket", "d", "f6", "f6")
        await shells.until(lambda: shells.server.typed == b"\x1dd\x1b[17~")
        await shells.pilot.press("ctrl+a", "q")
        await shells.until(lambda: shells.app.screen is shells.app.desk.fleet_screen)


async def test_another_account_leaves_shells_as_they_are(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        first = await shells.attach()
        shells.app.desk.open_account(region="eu-west-1")
        # Shells of the new account are none of the first one's.
        shells.accounts.shell_access = no_shells
        await shells.until(lambda: shells.app.desk.fleet is not None)
        assert isinstance(first.state, Open)
        await shells.pilot.press("a")
        await shells.until(lambda: shells.server.typed == b"a")
        second = await shells.another()
        assert second.vm_id == first.vm_id


async def test_tabs_can_be_clicked(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        first = await shells.attach()
        second = await shells.another()
        tabs = shells.app.screen.query_one(ShellTabs)
        await shells.until(lambda: tabs.display and "2 web-1" in tabs.render().plain)
        await shells.pilot.click(tabs, offset=(tabs.render().plain.index("1 web-1"), 0))
        await shells.until(lambda: shells.view.shell is first)
        await shells.until(lambda: shells.app.focused is shells.view)
        await shells.pilot.press("x")
        await shells.until(lambda: shells.server.typed == b"x")
        assert second in shells.app.desk.shells.all
