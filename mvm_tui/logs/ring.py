"""The lines that are kept: bounded, in order of time, readable by one thread while another adds to them.

Each event gets a sequence number when it comes, for as long as it is kept. Numbers grow in the order of the
lines, also when one is put between others, so that the place of a number is found by halving. A number holds
the millisecond at which the line stands and a counter: 43 and 20 bits.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mvm_tui.logs.order import Batch
from mvm_tui.model.log_event import LogEvent

MAX_EVENTS = 200_000
MAX_BYTES = 64 << 20
# What an event takes beside the characters of its message: object, numbers, text header, places in the lists
# (measured with CPython 3.11 at 10 to 200 characters).
EVENT_BYTES = 265
_COUNTER_BITS = 20
_FIRST_COUNT = 1 << (_COUNTER_BITS - 1)
# Inserting one by one is quicker than merging up to about this share of what has to move.
_FEW = 64


@dataclass(frozen=True, slots=True)
class Added:
    """What an addition changed.

    Attributes:
        numbers: The sequence numbers of the new lines, in order.
        inserted: Whether some of them came before lines that were there.
        dropped: How many of the oldest lines had to go.
    """

    numbers: Sequence[int]
    inserted: bool
    dropped: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the ring."""

    number: int
    event: LogEvent
    late: bool


class Ring:
    """At most so many events and bytes; the oldest go first. Every method may be called by any thread."""

    def __init__(self, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._numbers = array("q")
        self._events: list[LogEvent] = []
        # The first lines of the two lists that still count: taking them off one by one would move the rest.
        self._start = 0
        self._bytes = 0
        self._late: dict[int, LogEvent] = {}
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._events) - self._start

    @property
    def bytes(self) -> int:
        """What the lines take in memory, nearly."""
        return self._bytes

    @property
    def dropped(self) -> int:
        """How many lines had to go so far."""
        return self._dropped

    @property
    def late(self) -> int:
        """How many lines are marked late."""
        return len(self._late)

    def add(self, batch: Batch) -> Added:
        """Take what was read: events to their place in time, late ones to the end."""
        with self._lock:
            numbers, inserted = self._place(batch.events)
            if batch.late:
                at_end = self._number_late(batch.late)
                self._append(at_end, batch.late)
                self._late.update(zip(at_end, batch.late, strict=True))
                numbers = sorted([*numbers, *at_end])
            return Added(numbers, inserted, self._shrink())

    def add_older(self, events: Sequence[LogEvent]) -> Added:
        """Take events that were read backwards; those that are here already are left out.

        They only go where there is room: nothing newer is dropped for them.
        """
        with self._lock:
            fresh = self._unknown(events)
            room = self._room_for(fresh)
            numbers, inserted = self._place(fresh[len(fresh) - room :])
            return Added(numbers, inserted, 0)

    @property
    def full(self) -> bool:
        """Whether there is no room for older events."""
        return len(self) >= self._max_events or self._bytes + EVENT_BYTES > self._max_bytes

    def clear(self) -> None:
        """Forget all lines."""
        with self._lock:
            self._numbers, self._events, self._start = array("q"), [], 0
            self._bytes = 0
            self._late.clear()

    def rows(self, start: int, stop: int) -> list[Row]:
        """The lines from one place to another, as a slice of a list."""
        with self._lock:
            first, last = self._start + max(start, 0), self._start + max(stop, 0)
            numbers, events = self._numbers[first:last], self._events[first:last]
            return [
                Row(number, event, number in self._late)
                for number, event in zip(numbers, events, strict=True)
            ]

    def row(self, number: int) -> Row | None:
        """The line of a sequence number; None if it is gone."""
        with self._lock:
            place = bisect_left(self._numbers, number, self._start)
            if place == len(self._numbers) or self._numbers[place] != number:
                return None
            return Row(number, self._events[place], number in self._late)

    def place(self, number: int) -> int:
        """Where the line of a sequence number is, or where it would be if it is gone."""
        with self._lock:
            return bisect_left(self._numbers, number, self._start) - self._start

    def place_of_time(self, timestamp: int) -> int:
        """The place of the first line at or after a moment, in milliseconds since 1970."""
        return self.place(timestamp << _COUNTER_BITS)

    def bounds(self) -> tuple[int, int] | None:
        """The first and the last sequence number; None while it is empty."""
        with self._lock:
            if not len(self):
                return None
            return self._numbers[self._start], self._numbers[-1]

    def before(self, number: int, count: int) -> tuple[list[int], list[LogEvent]]:
        """Up to `count` lines before a sequence number, in order: their numbers and events.

        So a search goes backwards; it looks at so many that a `Row` for each would take longer than looking.
        """
        with self._lock:
            last = bisect_left(self._numbers, number, self._start)
            first = max(last - count, self._start)
            return list(self._numbers[first:last]), self._events[first:last]

    def _place(self, events: Sequence[LogEvent]) -> tuple[list[int], bool]:
        """Put events, which are in order, to their places; their numbers, and whether any went between."""
        if not events:
            return [], False
        if not len(self) or events[0].timestamp << _COUNTER_BITS > self._numbers[-1]:
            numbers = self._number_run(events)
            self._append(numbers, events)
            return numbers, False
        return self._insert(events)

    def _insert(self, events: Sequence[LogEvent]) -> tuple[list[int], bool]:
        last = self._numbers[-1]
        numbers = self._number_between(events)
        low = bisect_left(self._numbers, numbers[0], self._start)
        if len(events) <= _FEW:
            for number, event in zip(numbers, events, strict=True):
                place = bisect_left(self._numbers, number, low)
                self._numbers.insert(place, number)
                self._events.insert(place, event)
        else:
            merged = dict(zip(self._numbers[low:], self._events[low:], strict=True))
            merged.update(zip(numbers, events, strict=True))
            order = sorted(merged)
            self._numbers[low:] = array("q", order)
            self._events[low:] = [merged[number] for number in order]
        self._count(events)
        return numbers, numbers[0] < last

    def _append(self, numbers: Iterable[int], events: Sequence[LogEvent]) -> None:
        self._numbers.extend(numbers)
        self._events.extend(events)
        self._count(events)

    def _count(self, events: Sequence[LogEvent]) -> None:
        self._bytes += sum(map(_size, events))

    def _number_run(self, events: Sequence[LogEvent]) -> list[int]:
        """Numbers for events that come after everything else."""
        numbers = []
        number = -1
        for event in events:
            number = max(number + 1, (event.timestamp << _COUNTER_BITS) + _FIRST_COUNT)
            numbers.append(number)
        return numbers

    def _number_late(self, events: Sequence[LogEvent]) -> list[int]:
        """Numbers for late events: they stand at the end, whatever their time."""
        last = self._numbers[-1] if len(self) else events[0].timestamp << _COUNTER_BITS
        return list(range(last + 1, last + 1 + len(events)))

    def _number_between(self, events: Sequence[LogEvent]) -> list[int]:
        """Numbers for events each of which comes after those of its millisecond that are there."""
        numbers: list[int] = []
        for event in events:
            first = event.timestamp << _COUNTER_BITS
            place = bisect_left(self._numbers, first + (1 << _COUNTER_BITS), self._start)
            number = first + _FIRST_COUNT
            if place > self._start and self._numbers[place - 1] >= first:
                number = self._numbers[place - 1] + 1
            numbers.append(max(number, numbers[-1] + 1) if numbers else number)
        return numbers

    def _unknown(self, events: Sequence[LogEvent]) -> list[LogEvent]:
        """Those of the events that are not among the lines of the same millisecond."""
        fresh: list[LogEvent] = []
        late = Counter((event.timestamp, *_same(event)) for event in self._late.values())
        held: Counter[tuple[str, str]] = Counter()
        millisecond = None
        for event in events:
            if late and late[event.timestamp, *_same(event)] > 0:
                late[event.timestamp, *_same(event)] -= 1
                continue
            if event.timestamp != millisecond:
                millisecond = event.timestamp
                first = millisecond << _COUNTER_BITS
                low = bisect_left(self._numbers, first, self._start)
                high = bisect_right(self._numbers, first + (1 << _COUNTER_BITS) - 1, low)
                held = Counter(map(_same, self._events[low:high]))
            if held[_same(event)] > 0:
                held[_same(event)] -= 1
            else:
                fresh.append(event)
        return fresh

    def _room_for(self, events: Sequence[LogEvent]) -> int:
        """How many of the last of the events there is room for."""
        left = self._max_bytes - self._bytes
        count = 0
        for event in reversed(events[max(len(events) - (self._max_events - len(self)), 0) :]):
            left -= _size(event)
            if left < 0:
                break
            count += 1
        return count

    def _shrink(self) -> int:
        """Let the oldest go until the rest is within bounds; how many went. The last line always stays."""
        before = self._start
        while len(self) > self._max_events or (self._bytes > self._max_bytes and len(self) > 1):
            self._bytes -= _size(self._events[self._start])
            self._late.pop(self._numbers[self._start], None)
            self._start += 1
        gone = self._start - before
        self._dropped += gone
        if self._start > len(self) // 8 + 1_000:
            del self._numbers[: self._start]
            del self._events[: self._start]
            self._start = 0
        return gone


def _size(event: LogEvent) -> int:
    message = event.message
    if message.isascii():
        return len(message) + EVENT_BYTES
    # Python keeps all characters of a text as wide as its widest.
    return len(message) * (4 if max(message) > "\uffff" else 2) + EVENT_BYTES


def _same(event: LogEvent) -> tuple[str, str]:
    return event.stream, event.message
