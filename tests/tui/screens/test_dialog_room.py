"""Dialogs on small terminals: what is docked at their bottom stays in sight, and q and esc leave them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.widgets import Button, Static

from mvm_tui.model.errors import QuotaReached
from tests.tui.driving import AppPilot, filled, shown, until
from tests.tui.fakes import FakeAccounts, make_app

SMALL = (80, 24)


def inside(pilot: AppPilot, selector: str) -> bool:
    """Whether a widget of the topmost screen is drawn whole within its box."""
    box = pilot.app.screen.query_one(".box").content_region
    region = pilot.app.screen.query_one(selector).region
    return bool(region.area) and box.contains_region(region)


@pytest.mark.parametrize("key", ["v", "question_mark", "enter", "exclamation_mark", "c", "S", "O", "a", "e"])
async def test_the_keys_of_a_dialog_are_in_sight(tmp_path: Path, key: str) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (60, 12)) as pilot:
        for number in range(30):
            app.desk.say(f"message {number}", toast=False)
        await pilot.press(key)
        await until(pilot, lambda: "reading" not in shown(pilot))
        await until(pilot, lambda: inside(pilot, ".keys"))


async def test_long_json_leaves_its_keys_in_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, SMALL) as pilot:
        monkeypatch.setattr(accounts.fleet, "raw", lambda key: {str(number): key for number in range(40)})
        await pilot.press("v")
        await until(pilot, lambda: '"39"' in shown(pilot))
        await until(pilot, lambda: inside(pilot, ".keys"))


async def test_a_refused_launch_says_all_of_why_beside_its_buttons(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, SMALL) as pilot:
        accounts.fleet.launch_problem = QuotaReached(
            "The account's MicroVM memory is used up.",
            "The base maximum allocated memory limit has been reached for this account.",
            "Suspended MicroVMs count too. Terminate some, wait a minute, or have the quota raised.",
        )
        await pilot.press("n")
        await until(pilot, lambda: "vCPU" in shown(pilot) or "Needs" in shown(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "used up" in shown(pilot))
        await until(pilot, lambda: inside(pilot, "#failure") and inside(pilot, "#launch"))
        assert "have the quota raised" in str(app.screen.query_one("#failure", Static).visual)
        assert str(app.screen.query_one("#launch", Button).label) == "Launch"


@pytest.mark.parametrize("key", ["v", "question_mark", "enter", "exclamation_mark", "c", "S", "O", "a", "x"])
@pytest.mark.parametrize("leave", ["q", "escape"])
async def test_q_and_esc_leave_a_dialog(tmp_path: Path, key: str, leave: str) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press(key)
        assert app.screen is not app.desk.fleet_screen
        await pilot.press(leave)
        await until(pilot, lambda: app.screen is app.desk.fleet_screen)
        assert accounts.fleet.performed == []


async def test_long_messages_are_wrapped_beside_their_times(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (60, 20)) as pilot:
        app.desk.say("word " * 30, "error", request_id="req-1", toast=False)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "request req-1" in shown(pilot))
        lines = [line for line in shown(pilot).splitlines() if "word" in line or "request" in line]
        assert len(lines) > 3
        assert all(line.startswith(" " * 12) for line in lines[1:])


@pytest.mark.parametrize(("key", "call"), [("v", "raw"), ("n", "images"), ("n", "connectors")])
async def test_an_answer_after_the_dialog_was_left_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, call: str
) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        late, asked, answered = threading.Event(), threading.Event(), getattr(accounts.fleet, call)

        def slowly(*arguments: object) -> object:
            asked.set()
            late.wait(10)
            return answered(*arguments)

        monkeypatch.setattr(accounts.fleet, call, slowly)
        await pilot.press(key)
        await until(pilot, asked.is_set)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.desk.fleet_screen)
        threads = threading.active_count()
        late.set()
        await until(pilot, lambda: threading.active_count() < threads)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Open the details" in shown(pilot))
        assert app.failure is None
