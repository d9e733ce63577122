"""Logs that live in memory: the UI's own seam, with nothing behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mvm_tui.logs.follow import OnBatch, OnStatus
from mvm_tui.logs.order import Batch
from mvm_tui.logs.status import Phase, Status
from mvm_tui.model.log_event import LogEvent, LogSource, milliseconds
from mvm_tui.model.microvm import Microvm
from mvm_tui.tui.log_peek import HELD
from mvm_tui.tui.log_reading import Snapshots
from mvm_tui.tui.log_subject import Reading
from tests.tui.fakes import NOW, microvm

Vms = Callable[[], Sequence[Microvm]]
NOW_MS = milliseconds(NOW)


def source(number: int = 1, group: str = "/aws/lambda-microvms/hello-web") -> LogSource:
    return LogSource.of(group, f"2026/11/23[2.0]{microvm(number).id}")


def event(message: str, seconds: float = 0.0, number: int = 1) -> LogEvent:
    """A line so many seconds after `NOW` of the MicroVM with this number."""
    timestamp = NOW_MS + round(seconds * 1_000)
    return LogEvent(timestamp, timestamp, message, source(number))


def lines(count: int, text: str = "line {}", start: float = -1_000.0) -> list[LogEvent]:
    """Lines a second apart."""
    return [event(text.format(number), start + number) for number in range(count)]


class FakeHistory:
    """Older events, so many a page."""

    def __init__(self, events: Sequence[LogEvent], page: int) -> None:
        self._events = list(events)
        self._page = page
        self.calls = 0

    @property
    def exhausted(self) -> bool:
        return not self._events

    def older(self) -> list[LogEvent]:
        self.calls += 1
        page = self._events[-self._page :]
        del self._events[-self._page :]
        return page


class FakeFollowing:
    """Hands over what a test tells it."""

    def __init__(self, reading: Reading, vms: Vms, on_batch: OnBatch, on_status: OnStatus) -> None:
        self.reading = reading
        self.vms = vms
        self.status = Status()
        self.history: FakeHistory | None = None
        self.started = self.stopped = self.live = False
        self.refreshed = 0
        self._on_batch = on_batch
        self._on_status = on_status

    def start(self) -> None:
        self.started = True
        self.tell(phase=Phase.FOLLOWING, read_up_to=NOW_MS)

    def stop(self) -> None:
        self.stopped = True

    def refresh(self) -> None:
        self.refreshed += 1

    def set_live(self, on: bool) -> None:
        self.live = on
        self.tell(live=on)

    def live_seconds(self) -> float:
        return 130.0 if self.live else 0.0

    def put(self, *events: LogEvent, late: Sequence[LogEvent] = ()) -> None:
        """Events arrive."""
        self._on_batch(Batch(tuple(events), tuple(late)))

    def tell(self, **changes: Any) -> None:
        """The status changes."""
        self.status = replace(self.status, **changes)
        self._on_status(self.status)


class FakeLogs:
    """Remembers what was followed.

    Attributes:
        followed: Every following that was begun for the screen of logs, in order.
        peeked: Every following that was begun for the pane beside the table.
        past: What reading backwards finds.
        patterns: The server-side patterns that were asked for.
    """

    def __init__(self) -> None:
        self.snapshots = Snapshots()
        self.followed: list[FakeFollowing] = []
        self.peeked: list[FakeFollowing] = []
        self.past: list[LogEvent] = []
        self.patterns: list[str] = []
        self.learned: list[str] = []

    def now_ms(self) -> int:
        return NOW_MS

    def follow(self, reading: Reading, vms: Vms, on_batch: OnBatch, on_status: OnStatus) -> FakeFollowing:
        following = FakeFollowing(reading, vms, on_batch, on_status)
        (self.peeked if reading.span.newest == HELD else self.followed).append(following)
        return following

    def learn_snapshot(self, vm: Microvm) -> None:
        self.learned.append(vm.id)

    def older(self, reading: Reading, vms: Vms, before: int, pattern: str) -> FakeHistory:
        self.patterns.append(pattern)
        return FakeHistory([event for event in self.past if event.timestamp < before], 100)

    @property
    def last(self) -> FakeFollowing:
        return self.followed[-1]
