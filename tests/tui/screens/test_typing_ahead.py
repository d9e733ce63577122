"""Keys that arrive faster than the screen follows: what is typed after ``/`` or ``:`` is text."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from mvm_tui.tui.app import MvmApp
from tests.tui.driving import filled, footer, said, until
from tests.tui.fakes import FakeAccounts, make_app

_NAMES = {"/": "slash", ":": "colon", " ": "space", "\r": "enter", "\x1b": "escape"}


def burst(app: MvmApp, text: str) -> None:
    """All keys at once, as a terminal on a slow line or a fast hand delivers them."""
    for character in text:
        app.post_message(events.Key(_NAMES.get(character, character), character))


async def test_a_filter_typed_at_once_acts_on_nothing(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        burst(app, "/zxrq")
        await until(pilot, lambda: app.desk.fleet_screen.filter_text == "zxrq")
        assert isinstance(app.focused, Input)
        assert app.focused.value == "zxrq"
        assert accounts.fleet.performed == []
        assert said(app.desk) == []


async def test_a_command_typed_at_once_is_run(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        burst(app, ":sort name\r")
        await until(pilot, lambda: app.desk.fleet_screen.table.sorting == ("name", False))
        assert accounts.fleet.performed == []


async def test_a_filter_typed_and_cleared_at_once_stays_cleared(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        burst(app, "/web\x1b")
        await pilot.pause()
        await until(pilot, lambda: not app.screen.query(Input))
        assert "z suspend" in footer(app.desk)
        assert app.desk.fleet_screen.filter_text == ""


@pytest.mark.parametrize("keys", [("slash",), ("colon",), ("e",), ("n",), ("ctrl+p",)])
async def test_a_pasted_escape_sequence_never_reaches_the_terminal(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press(*keys)
        app.screen.query(Input).first().focus()
        await until(pilot, lambda: isinstance(app.focused, Input))
        box = app.focused
        assert isinstance(box, Input)
        app.post_message(events.Paste("we\x1b]0;title\x07b \x9b31m\u65e5\u672c [/x]\nanother line"))
        await until(pilot, lambda: box.value.endswith("we]0;titleb 31m\u65e5\u672c [/x]"))
