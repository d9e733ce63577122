"""The bottom line: what fits, and where a click goes."""

from __future__ import annotations

from pathlib import Path

from mvm_tui.tui.widgets.footer import Footer
from tests.tui.driving import filled, footer, until
from tests.tui.fakes import FakeAccounts, make_app


async def test_a_click_on_a_hint_does_what_it_says(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        assert footer(app.desk).startswith("s shell  z suspend")
        await pilot.click(Footer, offset=(12, 0))
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed[0][0] == "microvm.suspend"


async def test_hints_go_before_the_clock_in_a_narrow_screen(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (80, 24)):
        assert footer(app.desk).endswith("? help")
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (120, 24)):
        assert footer(app.desk).endswith(":07")


async def test_while_typing_it_shows_the_keys_of_the_line(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("slash")
        assert footer(app.desk).startswith("enter keep")
        await pilot.click(Footer, offset=(4, 0))
        await pilot.press("escape")
        await until(pilot, lambda: footer(app.desk).startswith("s shell  z suspend"))
