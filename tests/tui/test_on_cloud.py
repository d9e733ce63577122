"""The UI on a real local cloud: what a newcomer does in the first minute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Select

from mvm_tui.aws.session import Target
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.connect import opener
from mvm_tui.tui.dialogs.launch import LaunchDialog
from mvm_tui.tui.start import StartOptions
from mvm_tui.tui.widgets.banner import Banner
from tests.cloud import cloud_process, set_faults
from tests.tui.driving import cursor, filled, header, said, shown, until


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("demo", speed=20.0) as facts:
        yield facts


def make_app(facts: Facts, state_dir: Path) -> MvmApp:
    target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
    clock = SystemClock()
    options = StartOptions(target, state_dir, demo=True, clock=clock)
    return MvmApp(options, opener(state_dir, clock, options.settings))


async def test_suspend_resume_launch_terminate(facts: Facts, tmp_path: Path) -> None:
    app = make_app(facts, tmp_path)
    async with filled(app) as pilot:
        table = app.desk.fleet_screen.table
        row = table.cursor_row
        assert row is not None
        await pilot.press("z")
        await until(pilot, lambda: any(text.endswith(" suspended") for text in said(app.desk)), 30)
        await until(pilot, lambda: "◐ 2 suspended" in header(app.desk))
        await pilot.press("r")
        await until(pilot, lambda: "● 4 running" in header(app.desk), 30)
        await pilot.press("n")
        dialog = app.screen
        assert isinstance(dialog, LaunchDialog)
        await until(pilot, lambda: str(dialog.query_one("#version", Select).value).startswith("latest "))
        dialog.query_one("#name").value = "mine"  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: cursor(app.desk) == "mine", 30)
        await until(pilot, lambda: "● 5 running" in header(app.desk), 30)
        await pilot.press("x", "y")
        await until(pilot, lambda: "● 4 running" in header(app.desk), 30)
        assert any("request " in line for line in _request_lines(app))


def _request_lines(app: MvmApp) -> list[str]:
    return [f"request {entry.request_id}" for entry in app.desk.history.newest_first() if entry.request_id]


async def test_expired_credentials_are_a_banner_that_goes_away(facts: Facts, tmp_path: Path) -> None:
    app = make_app(facts, tmp_path)
    set_faults(facts, "expired")
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.ready and bool(app.desk.fleet_screen.query(Banner)), 30)
            assert "R tries again with a new sign-in" in shown(pilot)
            set_faults(facts)
            await pilot.press("R")
            await until(pilot, lambda: app.desk.fleet_screen.table.cursor_row is not None, 30)
            await until(pilot, lambda: not app.desk.fleet_screen.query(Banner), 30)
    finally:
        set_faults(facts)
