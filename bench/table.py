"""Our table beside Textual's DataTable: filling, drawing a screenful, taking in 100 changed rows.

A screenful is drawn the way the compositor asks for it (`render_lines`), each time another page whose
lines were not drawn before; "again" draws lines that are remembered. A change counts until it is drawn.
All times are processor time of the loop's thread, garbage collection included, so that a busy machine
does not count. Both tables show the same cells in columns of the same width, 200 x 50 cells.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.scroll_view import ScrollView
from textual.widgets import DataTable

from bench.figures import Figure
from bench.fleet_sample import NOW, sample_rows
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.fleet_columns import COLUMNS
from mvm_tui.tui.widgets.fleet_table import FleetTable

SIZE = (200, 50)
COUNTS = (10_000, 50_000)
PAGE = 50
CHANGED = 100
DRAWN = 100
CHANGES = 20


class Host(App[None]):
    """One widget, full screen."""

    def __init__(self, widget: ScrollView) -> None:
        super().__init__()
        self._widget = widget

    def get_theme_variable_defaults(self) -> dict[str, str]:
        names = ("running", "suspended", "starting", "ending", "ended", "unknown")
        return {f"state-{name}": f"#{number}0a0f0" for number, name in enumerate(names)}

    def compose(self) -> ComposeResult:
        yield self._widget


class Ours:
    """The fleet table, fed by change sets as the poller feeds it."""

    name = "FleetTable"

    def __init__(self) -> None:
        self.table = FleetTable(clock=ManualClock(NOW))
        self.widget: ScrollView = self.table

    def fill(self, rows: Sequence[FleetRow]) -> None:
        for at in range(0, len(rows), PAGE):
            self.table.apply(ChangeSet(0, tuple(rows[at : at + PAGE])))

    def change(self, rows: Sequence[FleetRow]) -> None:
        self.table.apply(ChangeSet(0, changed=tuple(rows), status=PollStatus(complete=True)))


class Theirs:
    """DataTable with the same cells, columns of fixed width, rows and columns by key."""

    name = "DataTable"

    def __init__(self) -> None:
        self.table: DataTable[str] = DataTable(cursor_type="row")
        self.widget: ScrollView = self.table

    def fill(self, rows: Sequence[FleetRow]) -> None:
        for column in COLUMNS:
            self.table.add_column(column.title, key=column.id, width=column.ideal)
        for row in rows:
            self.table.add_row(*(column.read(row, NOW)[0] for column in COLUMNS), key=row.id)

    def change(self, rows: Sequence[FleetRow]) -> None:
        for row in rows:
            for column in COLUMNS:
                self.table.update_cell(row.id, column.id, column.read(row, NOW)[0])


@dataclass
class Times:
    """Milliseconds."""

    fill: float = 0.0
    fresh: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    change: list[float] = field(default_factory=list)


def run() -> list[Figure]:
    """Every figure for both tables, ours with its limits."""
    figures = []
    for count in COUNTS:
        for kind in (Ours, Theirs):
            times = asyncio.run(_measure(kind(), count))
            figures += _figures(kind.name, count, times, ours=kind is Ours)
    return figures


def _figures(name: str, count: int, times: Times, *, ours: bool) -> list[Figure]:
    def figure(what: str, values: Sequence[float], limit: float | None) -> Figure:
        note = f"p95 {sorted(values)[int(len(values) * 0.95)]:.3g} ms"
        label = f"{name}, {count:,} rows: {what}"
        return Figure(label, statistics.median(values), "ms", limit if ours else None, note)

    return [
        Figure(f"{name}, {count:,} rows: filled and drawn", times.fill, "ms"),
        figure("a new screenful", times.fresh, 2.0),
        figure("the same screenful again", times.again, 2.0),
        figure("100 changed rows, with drawing", times.change, 10.0),
    ]


async def _measure(subject: Ours | Theirs, count: int) -> Times:
    rows = sample_rows(count)
    times = Times()
    async with Host(subject.widget).run_test(size=SIZE) as pilot:
        await pilot.pause()
        gc.collect()
        started = time.thread_time()
        subject.fill(rows)
        await pilot.pause()
        times.fill = (time.thread_time() - started) * 1e3
        await pilot.pause(0.5)
        _draw(subject.widget, count, times)
        for turn in range(CHANGES):
            times.change.append(await _change(subject, rows, turn, pilot))
    gc.collect()
    return times


def _draw(widget: ScrollView, count: int, times: Times) -> None:
    region = widget.size.region
    for turn in range(DRAWN):
        widget.set_reactive(ScrollView.scroll_y, float((turn + 1) * SIZE[1] % (count - SIZE[1])))
        for durations in (times.fresh, times.again):
            widget._styles_cache.clear()
            durations.append(_milliseconds(lambda: widget.render_lines(region)))


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1e3


async def _change(subject: Ours | Theirs, rows: Sequence[FleetRow], turn: int, pilot: Pilot[None]) -> float:
    """100 rows spread over all get another state and name; a visible one is among them."""
    step = len(rows) // CHANGED
    state = ("SUSPENDED", "RUNNING")[turn % 2]
    batch = [
        replace(row, vm=row.vm.with_state(state), name=f"turn-{turn}")
        for row in rows[turn % step :: step][:CHANGED]
    ]
    started = time.thread_time()
    subject.change(batch)
    await pilot.pause()
    return (time.thread_time() - started) * 1e3


if __name__ == "__main__":
    for measured in run():
        print(f"{measured.name:55} {measured.value:9.2f} {measured.unit}  {measured.note}")
