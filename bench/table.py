"""Our table beside Textual's DataTable: filling, drawing a screenful, taking in 100 changed rows.

Run: ``python -m bench.table [--rows 10000,50000] [--size 200x50]``. Times are of the event loop's
thread, in milliseconds. A screenful is drawn the way the compositor asks for it (`render_lines`), each
time one page further, so that no line was drawn before; "again" is the same page with warm caches.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import App, ComposeResult
from textual.color import Color
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable

from bench.fleet_sample import NOW, sample_rows
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.fleet_columns import COLUMNS
from mvm_tui.tui.widgets.fleet_table import FleetTable

PAGE = 50
CHANGED = 100
ROUNDS = 60


class Host(App[None]):
    """One widget, full screen."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def get_theme_variable_defaults(self) -> dict[str, str]:
        names = ("running", "suspended", "starting", "ending", "ended", "unknown")
        return {f"state-{name}": Color(80, 160, 240).hex for name in names}

    def compose(self) -> ComposeResult:
        yield self._widget


class Ours:
    """The fleet table, fed by change sets as the poller feeds it."""

    name = "FleetTable"

    def __init__(self) -> None:
        self.widget = FleetTable(clock=ManualClock(NOW))

    def fill(self, rows: Sequence[FleetRow]) -> None:
        for at in range(0, len(rows), PAGE):
            self.widget.apply(ChangeSet(0, tuple(rows[at : at + PAGE])))

    def change(self, rows: Sequence[FleetRow]) -> None:
        self.widget.apply(ChangeSet(0, changed=tuple(rows), status=PollStatus(complete=True)))


class Theirs:
    """DataTable with the same cells, columns of fixed width, rows and columns by key."""

    name = "DataTable"

    def __init__(self) -> None:
        self.widget: DataTable[str] = DataTable(cursor_type="row")

    def fill(self, rows: Sequence[FleetRow]) -> None:
        if not self.widget.columns:
            for column in COLUMNS:
                self.widget.add_column(column.title, key=column.id, width=column.ideal)
        for row in rows:
            self.widget.add_row(*(column.read(row, NOW)[0] for column in COLUMNS), key=row.id)

    def change(self, rows: Sequence[FleetRow]) -> None:
        for row in rows:
            for column in COLUMNS:
                self.widget.update_cell(row.id, column.id, column.read(row, NOW)[0])


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


async def settle(pilot: Pilot[None]) -> float:
    """Milliseconds until everything asked for is on screen."""
    start = time.perf_counter()
    await pilot.pause()
    return (time.perf_counter() - start) * 1e3


def changed(rows: Sequence[FleetRow], turn: int) -> list[FleetRow]:
    """100 rows spread over all, each with another state and name than before."""
    step = max(len(rows) // CHANGED, 1)
    chosen = rows[turn % step :: step][:CHANGED]
    state = ("SUSPENDED", "RUNNING")[turn % 2]
    return [replace(row, vm=row.vm.with_state(state), name=f"turn-{turn}") for row in chosen]


def spread(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(ordered):7.2f} / {ordered[int(len(ordered) * 0.95)]:7.2f}"


async def measure(table: Ours | Theirs, count: int, size: tuple[int, int]) -> None:
    rows = sample_rows(count)
    widget = table.widget
    async with Host(widget).run_test(size=size) as pilot:
        await pilot.pause()
        gc.collect()
        filled = milliseconds(lambda: table.fill(rows))
        filled += await settle(pilot)
        fresh, again = [], []
        page = widget.size.height
        for turn in range(ROUNDS):
            widget.scroll_to(y=(turn + 1) * page % count, animate=False)
            await pilot.pause()
            widget._styles_cache.clear()
            region = widget.size.region
            if turn % 2:
                widget.notify_style_update()
                fresh.append(milliseconds(lambda: widget.render_lines(region)))
            widget._styles_cache.clear()
            again.append(milliseconds(lambda: widget.render_lines(region)))
        changes, settled = [], []
        for turn in range(ROUNDS // 3):
            batch = changed(rows, turn)
            changes.append(milliseconds(lambda: table.change(batch)))
            settled.append(changes[-1] + await settle(pilot))
        print(
            f"| {table.name:10} | {count:6,} | {filled:9.0f} | {spread(fresh)} | {spread(again)} "
            f"| {spread(changes)} | {spread(settled)} |",
            flush=True,
        )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,50000")
    parser.add_argument("--size", default="200x50")
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    print("| table | rows | fill ms | screenful p50 / p95 | again p50 / p95 | 100 rows | with drawing |")
    print("|---|---|---|---|---|---|---|")
    for count in (int(part) for part in options.rows.split(",")):
        for table in (Ours(), Theirs()):
            await measure(table, count, (width, height))


if __name__ == "__main__":
    asyncio.run(main())
