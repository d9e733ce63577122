"""From exec to the first painted frame, ours beside a bare Textual application."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from tests.pty_session import PtySession

ROUNDS = 9
LIMIT = 1.3

_BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("FIRST FRAME")
Bare().run()
"""


def seconds_to_paint(command: list[str], marker: str, home: Path) -> float:
    """Seconds from exec until ``marker`` is on the terminal."""
    started = time.perf_counter()
    with PtySession(command, home=home) as screen:
        screen.wait_for(marker)
        return time.perf_counter() - started


def run() -> list[Figure]:
    """Both programs in turn; the ratio of the medians is the figure."""
    bare: list[float] = []
    ours: list[float] = []
    whole: list[float] = []
    # No endpoint answers: what is measured is the way to the first frame, not AWS.
    mine = [sys.executable, "-m", "mvm_tui", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9"]
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS + 1):
            times = (
                seconds_to_paint([sys.executable, "-c", _BARE], "FIRST FRAME", Path(folder)),
                seconds_to_paint(mine, "MicroVMs", Path(folder)),
                seconds_to_paint(mine, "connect", Path(folder)),
            )
            if turn:
                bare.append(times[0])
                ours.append(times[1])
                whole.append(times[2])
    base, own = statistics.median(bare), statistics.median(ours)
    return [
        Figure("exec to first frame, bare Textual", base, "s"),
        Figure("exec to first frame, mvm-tui", own, "s"),
        Figure("ratio to a bare Textual app", own / base, "×", LIMIT, "the first frame is an outline"),
        Figure("exec to the whole screen, mvm-tui", statistics.median(whole), "s"),
    ]
