"""A terminal too small for anything says so, and goes on as soon as it is larger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import filled, until
from tests.tui.fakes import FakeAccounts, make_app


@pytest.mark.parametrize("size", [(20, 5), (20, 40), (120, 5)])
async def test_too_small_is_said_until_it_is_larger(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, size) as pilot:
        screen = app.desk.fleet_screen
        assert screen.query_one("#too-small").display
        assert not screen.query_one("#body").display
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: screen.query_one("#body").display)
        assert not screen.query_one("#too-small").display
        assert screen.table.size.height > 10
