"""Puts events in order, and tells those that came too late for it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mvm_tui.model.log_event import LogEvent

# Events come up to this late in the usual way of things; later ones are marked.
LATENESS_MS = 30_000


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reading brought.

    `events` are in order among themselves, and may belong before what came earlier; `late` are those more
    than `LATENESS_MS` behind what was read of their group before.
    """

    events: tuple[LogEvent, ...]
    late: tuple[LogEvent, ...] = ()

    def __len__(self) -> int:
        return len(self.events) + len(self.late)


class Holder:
    """Holds events back until none that belongs before them can come, and lets them go in order.

    For output that cannot be corrected, such as a pipe. What comes later than that is let go at once, in
    `Batch.late`. Events are released in the order of timestamp, ingestion and arrival.
    """

    def __init__(self, hold_ms: int) -> None:
        self._hold = hold_ms
        self._released = -1
        self._arrivals = itertools.count()
        self._heap: list[tuple[int, int, int, LogEvent]] = []

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, events: Iterable[LogEvent]) -> tuple[LogEvent, ...]:
        """Take events; those whose place has gone by come back, they are late."""
        late = []
        for event in events:
            if event.timestamp < self._released:
                late.append(event)
            else:
                entry = (event.timestamp, event.ingestion, next(self._arrivals), event)
                heapq.heappush(self._heap, entry)
        return tuple(late)

    def release(self, read_up_to_ms: int) -> list[LogEvent]:
        """The events whose time has come, given that everything up to a moment has been read."""
        return self._pop(read_up_to_ms - self._hold)

    def flush(self) -> list[LogEvent]:
        """All that is left."""
        return self._pop(None)

    def _pop(self, until: int | None) -> list[LogEvent]:
        released = []
        while self._heap and (until is None or self._heap[0][0] <= until):
            released.append(heapq.heappop(self._heap)[3])
        if released:
            self._released = max(self._released, released[-1].timestamp)
        return released


def sorted_batch(events: Sequence[LogEvent], newest_before: int | None) -> Batch:
    """The events by time, those more than `LATENESS_MS` older than `newest_before` apart."""
    ordered = sorted(events, key=lambda event: (event.timestamp, event.ingestion))
    if newest_before is None:
        return Batch(tuple(ordered))
    border = newest_before - LATENESS_MS
    late = tuple(event for event in ordered if event.timestamp < border)
    return Batch(tuple(ordered[len(late) :]), late)
