"""Notices over the table: short, and never over what is being typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from mvm_tui.model.clock import ManualClock
from mvm_tui.model.errors import Invalid
from tests.tui.driving import filled, until
from tests.tui.fakes import FakeAccounts, make_app


async def test_a_long_notice_leaves_most_of_the_screen(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (80, 24)) as pilot:
        app.desk.report(Invalid("what " * 400, "why " * 400, "fix " * 400))
        await until(pilot, lambda: bool(app.screen.query("Toast")))
        await until(pilot, lambda: app.screen.query_one("Toast").size.height > 0)
        assert app.screen.query_one("Toast").region.height <= 12
        assert "fix" in next(iter(app.desk.history.newest_first())).detail


@pytest.mark.parametrize("key", ["slash", "colon"])
async def test_a_notice_does_not_cover_the_line_being_typed(tmp_path: Path, key: str) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (80, 24)) as pilot:
        app.desk.say("Something happened elsewhere.")
        await pilot.press(key)
        await until(pilot, lambda: bool(app.screen.query("Toast")) and bool(app.screen.query(Input)))
        line = app.screen.query_one(Input)
        await until(pilot, lambda: app.screen.query_one("Toast").region.bottom < line.region.y)


async def test_the_same_notice_is_up_once_at_a_time(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        for _ in range(3):
            app.desk.say("Nothing to suspend.", "warning")
        app.desk.say("Something else.", "warning")
        await until(pilot, lambda: len(app.screen.query("Toast")) == 2)
        assert len([entry for entry in app.desk.history.newest_first() if "suspend" in entry.text]) == 3
        clock = app.options.clock
        assert isinstance(clock, ManualClock)
        clock.advance(6)
        app.desk.say("Nothing to suspend.", "warning")
        await until(pilot, lambda: len(app.screen.query("Toast")) == 3)
