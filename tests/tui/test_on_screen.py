"""Refreshing in trouble, and leaving while something is under way."""

from __future__ import annotations

from pathlib import Path

from mvm_tui.model.errors import SignInExpired, Throttled
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.widgets.banner import Banner
from tests.tui.driving import cursor, filled, footer, running, shown, until
from tests.tui.fakes import FakeAccounts, make_app


async def test_refreshing_while_throttled_keeps_rows_and_session(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.send(problem=Throttled("Too many calls at once.", "Rate exceeded", "Wait."))
        await until(pilot, lambda: bool(app.desk.fleet_screen.query(Banner)))
        assert "R tries again now" in shown(pilot)
        await pilot.press("R")
        assert accounts.fleet.refreshed == 1
        assert len(accounts.fleets) == 1
        assert cursor(app.desk) == "batch"


async def test_a_new_sign_in_finds_the_cursor_where_it_was(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("j", "j")
        where = cursor(app.desk)
        assert where != "batch"
        accounts.fleet.send(problem=SignInExpired("Your sign-in has expired.", "It ended.", "Sign in."))
        await until(pilot, lambda: bool(app.desk.fleet_screen.query(Banner)))
        assert "R tries again with a new sign-in" in shown(pilot)
        await pilot.press("R")
        await until(pilot, lambda: len(accounts.fleets) == 2 and cursor(app.desk) == where)


async def test_leaving_while_many_are_acted_on_asks(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.hold.clear()
        await pilot.press("ctrl+a", "z", "y")
        await until(pilot, lambda: "suspend 0/" in footer(app.desk))
        await pilot.press("q")
        assert isinstance(app.screen, Confirm)
        assert "Leave with suspend 0/" in shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.desk.fleet_screen)
        accounts.fleet.hold.set()
        await until(pilot, lambda: not app.desk.jobs.counts())
        await pilot.press("q")
        assert not isinstance(app.screen, Confirm)


async def test_what_was_not_read_is_not_counted(tmp_path: Path) -> None:
    accounts = FakeAccounts([])
    accounts.hold.clear()
    app = make_app(accounts, tmp_path)
    async with running(app) as pilot:
        table = app.desk.fleet_screen.table
        assert table.summary == "age ▴"
        accounts.hold.set()
        await until(pilot, lambda: table.summary == "0 · age ▴")
