"""A shell that was handed the whole terminal, and is shown in the UI again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mvm_tui.shell.flow import PIECE_BYTES
from mvm_tui.tui.shell_whole import _PIECES, Shared
from tests.tui.shells import shell_app


async def test_left_in_the_middle_of_much_output_it_goes_on_in_the_ui(tmp_path: Path) -> None:
    async with shell_app(tmp_path) as shells:
        shell = await shells.attach()
        assert shell.session is not None
        shared = Shared(shell, shell.session)
        shell.share(shared, lambda event: None)
        flooding = asyncio.create_task(shells.server.connections[0].send(b"x" * 1_000_000))
        # Nobody takes what is printed: the shell waits with it.
        await shells.until(lambda: shell.heard >= _PIECES * PIECE_BYTES)
        await shells.pilot.pause()
        before = shell.heard
        assert shell.behind
        shell.unshare()
        await shells.until(lambda: shell.heard > before and not shell.behind)
        await flooding
        await shells.say("\r\nand on it goes")
        await shells.until(lambda: "and on it goes" in shells.screen_text())
