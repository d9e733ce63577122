"""Rows and an app for the tests of the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.connectors import SHELL_INGRESS, managed_arn
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.microvm import Details, Microvm
from mvm_tui.tui.widgets.fleet_table import FleetTable

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
IMAGE = "arn:aws:lambda:us-east-1:000000000000:microvm-image:"
LIVING = Details(
    endpoint="",
    maximum_duration=28_800,
    idle_policy=IdlePolicy(900, 7_200, True),
    ingress=(managed_arn(SHELL_INGRESS, "us-east-1"),),
)
COMPLETE = PollStatus(complete=True)


def make_row(
    number: int,
    *,
    state: str = "RUNNING",
    name: str | None = None,
    image: str = "hello-web",
    version: str = "2.0",
    memory: int | None = 2_048,
    age: float | None = None,
    details: Details | None = LIVING,
) -> FleetRow:
    """Row `number`: its age is as many minutes unless given in seconds, so that age orders by number."""
    started = NOW - timedelta(seconds=number * 60 if age is None else age)
    vm = Microvm(f"microvm-{number:08d}-aaaa", state, IMAGE + image, version, started, details)
    return FleetRow(vm, f"vm-{number}" if name is None else name, memory)


def make_rows(count: int) -> list[FleetRow]:
    return [make_row(number) for number in range(count)]


def added(*rows: FleetRow, status: PollStatus = COMPLETE) -> ChangeSet:
    return ChangeSet(0, added=rows, status=status)


def changed(*rows: FleetRow) -> ChangeSet:
    return ChangeSet(0, changed=rows, status=COMPLETE)


def gone(*rows: FleetRow) -> ChangeSet:
    return ChangeSet(0, gone=tuple(row.id for row in rows), status=COMPLETE)


class TableApp(App[None]):
    """A table on its own, which remembers what it told."""

    def __init__(self, rows: Sequence[FleetRow] = (), **options: object) -> None:
        super().__init__()
        self.clock = ManualClock(NOW)
        self.table = FleetTable(clock=self.clock, **options)  # type: ignore[arg-type]
        self.told: list[Message] = []
        if rows:
            self.table.apply(added(*rows))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        states = ("running", "suspended", "starting", "ending", "ended", "unknown")
        return {f"state-{state}": "#4488cc" for state in states}

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()

    def on_fleet_table_cursor_moved(self, message: FleetTable.CursorMoved) -> None:
        self.told.append(message)

    def on_fleet_table_opened(self, message: FleetTable.Opened) -> None:
        self.told.append(message)

    def on_fleet_table_marks_changed(self, message: FleetTable.MarksChanged) -> None:
        self.told.append(message)

    def on_fleet_table_visible_changed(self, message: FleetTable.VisibleChanged) -> None:
        self.told.append(message)

    def on_fleet_table_sorted(self, message: FleetTable.Sorted) -> None:
        self.told.append(message)

    def lines(self) -> list[str]:
        """The text of the lines on screen, the titles first."""
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]

    @property
    def cursor_name(self) -> str | None:
        row = self.table.cursor_row
        return None if row is None else row.name


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()
