"""Pictures of shells: real programs in the local cloud's own shell, on real time.

The rest of the screen stands as `tools.screenshots` has it, but for the time of day.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from mvm_tui.aws.session import Target
from mvm_tui.cli.cloud import name_demo
from mvm_tui.local.launch import start
from mvm_tui.model.clock import SystemClock
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.connect import opener
from mvm_tui.tui.start import StartOptions

SIZE = (120, 40)
_SECONDS = 20


@dataclass(frozen=True)
class ShellShot:
    """One picture: what is typed into the shell, each line once the screen shows what is beside it."""

    name: str
    steps: Sequence[tuple[str, str]]


# A file that every machine with Python has.
_FILE = "import bisect; print(bisect.__file__)"
# One of the 16 colours as ground and as text, in Python's own words.
_SWATCH = r"\x1b[48;5;{i}m    \x1b[0m \x1b[38;5;{i}mcolour {i}\x1b[0m"

SHELL_SHOTS = (
    ShellShot(
        "vim",
        (
            ("λ $", "export TERM=xterm-256color\r"),
            ("256color", f"vim -c 'syntax on' -c 'set number' +20 $(python3 -c '{_FILE}')\r"),
            ("20,", ""),
        ),
    ),
    ShellShot(
        "tmux",
        (
            ("λ $", "export TERM=xterm-256color; tmux new -s work\r"),
            ("[work]", "htop\r"),
            ("Load average", "\x02%"),
            ("~#", "ls -la --color /usr/share | tail -40\r"),
            ("zoneinfo", ""),
        ),
    ),
    ShellShot(
        "python",
        (
            ("λ $", "python3\r"),
            (">>>", f"for i in range(16): print(f'{_SWATCH}')\r\r"),
            ("colour 15", "'λ é ─┼─ ▁▂▃▅▇'\r"),
            ("▁▂▃▅▇'", ""),
        ),
    ),
)


async def draw_shell(shot: ShellShot, theme: str) -> str:
    """The picture as SVG."""
    with (
        tempfile.TemporaryDirectory(prefix="mvm-tui-screenshot-") as name,
        start(seed="demo", rates=False) as cloud,
    ):
        root, facts, clock = Path(name), cloud.facts, SystemClock()
        name_demo(root, facts)
        target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
        options = StartOptions(target, root, demo=True, clock=clock, theme=theme)
        app = MvmApp(options, opener(root, clock, options.settings))
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await _until(pilot, lambda: app.ready and app.desk.fleet_screen.table.cursor_row is not None)
            await pilot.press("j", "s")
            for wanted, typed in shot.steps:
                await _until(pilot, lambda wanted=wanted: wanted in _screen(app))  # type: ignore[misc]
                if typed and app.desk.shells.current is not None:
                    app.desk.shells.current.send(typed.encode())
            await pilot.pause(0.5)
            return app.export_screenshot(title="mvm-tui")


def _screen(app: MvmApp) -> str:
    shell = app.desk.shells.current
    if shell is None:
        return ""
    terminal = shell.terminal
    return "\n".join(terminal.text(terminal.top + y) for y in range(terminal.rows))


async def _until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the shell never came to what was waited for")
        await pilot.pause(0.05)
