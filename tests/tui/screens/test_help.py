"""The help of each main screen: all that works there, to the last line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvm_tui.fleet.sections import SECTIONS, SHELLS, Section
from mvm_tui.tui.screens.help import HelpScreen
from mvm_tui.tui.widgets.detail import FactSheet
from mvm_tui.tui.widgets.text_scroll import TextScroll
from tests.tui.driving import filled, until
from tests.tui.fakes import FakeAccounts, make_app


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
async def test_it_names_every_action_of_its_screen(section: Section, tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        app.desk.sections.open(section.id)
        app.push_screen(HelpScreen())
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.is_mounted)
        await until(pilot, lambda: bool(app.screen.query_one(FactSheet).facts))
        told = {str(text) for _, text in app.screen.query_one(FactSheet).facts}
        assert not [action.id for action in section.actions if action.help not in told]
        assert (section is SHELLS) == (str(app.screen.query_one(FactSheet).facts[0][1])[:10] == "In a shell")


async def test_the_keys_of_the_table_move_in_it(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (80, 24)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        scroll = app.screen.query_one(TextScroll)
        await until(pilot, lambda: scroll.max_scroll_y > 20)
        await pilot.press("j", "j", "k")
        await until(pilot, lambda: scroll.scroll_offset.y == 1)
        await pilot.press("G")
        await until(pilot, lambda: scroll.scroll_offset.y == scroll.max_scroll_y)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: 0 < scroll.scroll_offset.y < scroll.max_scroll_y)
        await pilot.press("g")
        await until(pilot, lambda: scroll.scroll_offset.y == 0)
        await pilot.press("q")
        assert app.screen is app.desk.fleet_screen
