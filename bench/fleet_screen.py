"""The whole UI on 10,000 MicroVMs: first rows, how late its loop runs, and its memory.

The real application runs on a terminal of 200x50 in a process of its own, against the local cloud, with a
heartbeat inside (`bench.heartbeat`) that starts once the whole screen, not just its outline, is painted.
``python -m bench.fleet_screen PROBE FILE`` is that process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import probe
from bench.figures import Figure
from bench.heartbeat import Heartbeat
from mvm_tui.local.launch import Facts, start
from tests.pty_session import PtySession

COUNT = 10_000
SECONDS = 60.0
STEADY_SECONDS = 20.0
P99, LOADING_MAX, STEADY_MAX, MEMORY_MB = 12.0, 25.0, 16.0, 110.0


def run() -> list[Figure]:
    """Start the cloud and the application, wait for the probe's answer."""
    with start(seed=str(COUNT), rates=False) as cloud, tempfile.TemporaryDirectory() as folder:
        answer = _probe(cloud.facts, Path(folder))
    return [
        Figure("first rows after the first page was asked for", answer["first_rows"], "s"),
        Figure(f"all {COUNT:,} rows", answer["all_rows"], "s", note="a sweep at the background rate"),
        Figure("loop delay p99 over 60 s from the first paint", answer["loading"]["p99"], "ms", P99),
        Figure("loop delay max over those 60 s", answer["loading"]["maximum"], "ms", LOADING_MAX),
        Figure(
            "of that, our own work, max",
            answer["loading"]["busy_maximum"],
            "ms",
            note="thread time on the loop",
        ),
        Figure("loop delay p99, steady", answer["steady"]["p99"], "ms", P99),
        Figure("loop delay max, steady", answer["steady"]["maximum"], "ms", STEADY_MAX),
        Figure("of that, our own work, max", answer["steady"]["busy_maximum"], "ms"),
        Figure("resident memory", answer["resident_mb"], "MB", MEMORY_MB),
    ]


def _probe(facts: Facts, folder: Path) -> dict[str, Any]:
    result = folder / "result.json"
    command = [sys.executable, "-m", "bench.fleet_screen", "PROBE", str(result)]
    variables = {"MVM_PROBE_ENDPOINT": facts.endpoint, **facts.environment()}
    with PtySession(command, home=folder, size=(200, 50), extra=variables) as screen:
        screen.drain_until(result.exists, "the probe's answer", SECONDS + STEADY_SECONDS + 120)
    answer: dict[str, Any] = json.loads(result.read_text())
    return answer


def _child(result: Path) -> None:
    """The application with a heartbeat; writes what it measured and leaves."""
    from mvm_tui.model.clock import SystemClock
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.connect import opener
    from mvm_tui.tui.start import StartOptions

    target = probe.target()

    class Probe(MvmApp):
        def on_mount(self) -> None:
            # Textual calls the handler of every class, the application's own too.
            self.run_worker(self._measure())

        async def _measure(self) -> None:
            while not self.ready:  # noqa: ASYNC110 - the application has no event for it
                await asyncio.sleep(0.005)
            painted = asyncio.Event()
            self.desk.fleet_screen.call_after_refresh(self.call_later, painted.set)
            await painted.wait()
            begun = time.perf_counter()
            figures: dict[str, object] = {}
            async with Heartbeat() as beat:
                await self._rows(1)
                figures["first_rows"] = time.perf_counter() - begun
                await self._rows(COUNT)
                figures["all_rows"] = time.perf_counter() - begun
                await asyncio.sleep(max(0.0, SECONDS - (time.perf_counter() - begun)))
                figures["loading"] = probe.delays(beat)
                # To sort the beats of a minute is work too: it is not the application's.
                await asyncio.sleep(0.1)
                beat.take()
                await asyncio.sleep(STEADY_SECONDS)
                figures["steady"] = probe.delays(beat)
            figures["resident_mb"] = probe.resident_mb()
            partial = result.with_suffix(".part")
            partial.write_text(json.dumps(figures))
            partial.rename(result)
            self.exit(0)

        async def _rows(self, count: int) -> None:
            while len(self.desk.fleet.rows() if self.desk.fleet else ()) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.2 if count > 1 else 0.01)

    # As `mvm_tui.tui.start.run` has it.
    gc.disable()
    folder = result.parent
    options = StartOptions(target=target, state_dir=folder)
    Probe(options, opener(folder, SystemClock(), options.settings)).run()


if __name__ == "__main__":
    _child(Path(sys.argv[2]))
