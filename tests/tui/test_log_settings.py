"""What the config file says of logs, on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvm_tui.config.schema import Logs, Settings
from mvm_tui.tui.screens.logs import LogsScreen
from mvm_tui.tui.widgets.log_lines import Times
from tests.tui.driving import filled, said, until
from tests.tui.fake_logs import event, lines
from tests.tui.fakes import FakeAccounts, make_app


async def opened(tmp_path: Path, settings: Logs) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path, settings=Settings(logs=settings))
    async with filled(app) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: bool(accounts.logs.followed))
        screen = app.desk.sections.screen("logs")
        assert isinstance(screen, LogsScreen)
        follower, view = accounts.logs.last, screen.view
        assert (view.manner.times, view.manner.wrap) == (Times(settings.timestamps), settings.wrap)
        follower.put(event('{"status":200,"path":"/x","msg":"done"}', 1), event("it timed out", 2))
        await until(pilot, lambda: len(view.window.entries) == 2)
        drawn = [view.render_line(y) for y in range(1, 3)]
        if settings.columns:
            assert drawn[0].text.split()[1:4] == ["200", "/x", "done"]
        if settings.highlight:
            await until(pilot, lambda: any(part.text == "timed out" for part in view.render_line(2)))
            part = next(part for part in view.render_line(2) if part.text == "timed out")
            assert part.style is not None
            assert part.style.bold
            assert any("is no style" in text for text in said(app.desk))
            assert any("Highlighting is left out" in text for text in said(app.desk))
        assert follower.live is settings.live_tail
        follower.put(*lines(2_000, start=10))
        await until(pilot, lambda: len(view.window.entries) == min(2_002, settings.keep_lines))


@pytest.mark.parametrize(
    "settings",
    [
        Logs(timestamps="utc", wrap=True, columns=["status", "path"]),
        Logs(highlight={"timed? out": "bold red", "[": "blue", "x": "no such style"}),
        Logs(live_tail=True, keep_lines=1_000),
    ],
)
async def test_the_config_is_followed(tmp_path: Path, settings: Logs) -> None:
    await opened(tmp_path, settings)
