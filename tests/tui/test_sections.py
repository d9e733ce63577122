"""Going from one main screen to another and back."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from mvm_tui.fleet.action import Scope
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.sections import SECTIONS, Section
from mvm_tui.tui import sections
from mvm_tui.tui.desk import Desk
from mvm_tui.tui.keys import bindings
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.section_row import SectionRow
from tests.tui.driving import AppPilot, filled, shown, until
from tests.tui.fakes import FakeAccounts, make_app

OTHER = Section("other", "Other", frozenset({Scope.APP}))


class OtherScreen(MainScreen):
    section: ClassVar[Section] = OTHER
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(OTHER)]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.seen = 0

    def compose_body(self) -> ComposeResult:
        yield Static("the other body", id="body")

    def focus_body(self) -> None:
        self.set_focus(None)

    def apply(self, change: ChangeSet) -> None:
        self.seen += 1

    def note(self) -> str:
        return "●"

    def leaving_costs(self) -> str:
        return "2 things"


@pytest.fixture(autouse=True)
def _two_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "SECTIONS", (*SECTIONS, OTHER))
    monkeypatch.setitem(sections.MAKERS, "other", OtherScreen)


def row(pilot: AppPilot) -> str:
    return pilot.app.screen.query_one(SectionRow).render().plain


async def test_there_and_back_by_key(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        desk = app.desk
        desk.sections.open("other")
        await until(pilot, lambda: "the other body" in shown(pilot))
        assert desk.front.section is OTHER
        await pilot.press("z")
        assert not desk.jobs.progress(), "keys of the table do nothing here"
        await pilot.press("1")
        assert desk.front is desk.fleet_screen
        assert "Other ●" in row(pilot)
        desk.sections.open("other")
        await pilot.press("q")
        assert desk.front is desk.fleet_screen


async def test_it_lives_on_behind_and_is_told_what_changes(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        desk = app.desk
        other = desk.sections.screen("other")
        assert isinstance(other, OtherScreen)
        desk.sections.open("other")
        desk.sections.open("microvms")
        seen = other.seen
        await pilot.press("z")
        await until(pilot, lambda: other.seen > seen)
        desk.sections.open("other")
        assert app.screen is other


async def test_a_dialog_is_left_when_another_screen_is_opened(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("question_mark")
        assert app.screen is not app.desk.front
        app.desk.sections.open("other")
        await until(pilot, lambda: app.screen is app.desk.front)
        assert app.desk.front.section is OTHER


async def test_leaving_asks_about_what_is_lost(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        app.desk.sections.screen("other")
        await pilot.press("q")
        await until(pilot, lambda: "You lose 2 things" in shown(pilot))


async def test_tabs_can_be_clicked(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        app.desk.sections.open("other")
        await until(pilot, lambda: "the other body" in shown(pilot))
        tabs = app.screen.query_one(SectionRow)
        await pilot.click(tabs, offset=(row(pilot).index("MicroVMs"), 0))
        await until(pilot, lambda: app.desk.front is app.desk.fleet_screen)
