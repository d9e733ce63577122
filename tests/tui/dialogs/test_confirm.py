"""The question before something destructive: what it lists, and what a wrong word gets."""

from __future__ import annotations

from pathlib import Path

from mvm_tui.tui.dialogs.confirm import Confirm
from tests.tui.driving import filled, footer, shown, until
from tests.tui.fakes import FakeAccounts, make_app


async def test_a_wrong_word_is_told_and_does_nothing(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("ctrl+a", "x")
        assert "Type 5 to go on." in shown(pilot)
        await pilot.press("4", "enter")
        await until(pilot, lambda: "That is not it: type 5 to go on." in shown(pilot))
        assert isinstance(app.screen, Confirm)
        assert accounts.fleet.performed == []


async def test_marked_rows_that_the_filter_hides_are_named(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("ctrl+a", "slash", *"dev", "enter")
        await until(pilot, lambda: app.desk.fleet_screen.filter_text == "dev")
        await pilot.press("x")
        await until(pilot, lambda: "batch  running · not shown" in shown(pilot))
        assert "dev  suspended\n" in shown(pilot) + "\n"


async def test_an_action_on_one_is_said_to_be_under_way(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.hold.clear()
        await pilot.press("z")
        await until(pilot, lambda: "suspend under way" in footer(app.desk))
        accounts.fleet.hold.set()
        await until(pilot, lambda: "under way" not in footer(app.desk))
