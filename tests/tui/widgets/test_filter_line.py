"""The filter line: the table follows what is typed, and a burst of keys costs one look at the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from tests.tui.driving import filled, until
from tests.tui.fakes import FakeAccounts, make_app


async def test_a_burst_of_keys_filters_once_or_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        screen, asked = app.desk.fleet_screen, []
        apply = screen.set_filter

        def counted(text: str) -> str:
            asked.append(text)
            return apply(text)

        monkeypatch.setattr(screen, "set_filter", counted)
        await pilot.press("slash")
        for character in "imageweb":
            app.post_message(events.Key(character, character))
        await until(pilot, lambda: screen.filter_text == "imageweb")
        assert len(asked) <= 2


async def test_enter_takes_what_was_typed_at_once(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        screen = app.desk.fleet_screen
        app.post_message(events.Key("slash", "/"))
        for character in "dev":
            app.post_message(events.Key(character, character))
        app.post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: screen.filter_text == "dev")
        await until(pilot, lambda: app.focused is screen.table)
        assert len(screen.table.visible_ids()) == 1
