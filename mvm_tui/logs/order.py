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

    `events` are in order among themselves, and may belong before what came earlier; `late` are those that
    came more than `LATENESS_MS` after their time, when others of their group had been read.
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

    def __init__(self) -> None:
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

    def release(self, settled_ms: int) -> list[LogEvent]:
        """The events up to a moment before which nothing more is to come."""
        return self._pop(settled_ms)

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
    """The events by time, the late ones apart.

    Late is what became readable more than `LATENESS_MS` after its time, whenever it was read, and does not
    come after all that was read before, `newest_before`. None: nothing is late.
    """
    ordered = sorted(events, key=lambda event: (event.timestamp, event.ingestion))
    if newest_before is None:
        return Batch(tuple(ordered))
    punctual: list[LogEvent] = []
    late: list[LogEvent] = []
    for event in ordered:
        overdue = event.ingestion - event.timestamp > LATENESS_MS and event.timestamp < newest_before
        (late if overdue else punctual).append(event)
    return Batch(tuple(punctual), tuple(late))
