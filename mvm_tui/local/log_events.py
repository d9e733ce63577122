"""Log events as values, and the columns in which a stream keeps very many of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, overload

# What CloudWatch Logs adds to each event's UTF-8 length when it counts sizes (API reference, PutLogEvents).
EVENT_OVERHEAD_BYTES = 26
# Real event ids are decimal numbers of 56 digits whose leading part is the timestamp.
_ID_SHIFT = 144
_ID_DIGITS = 56


class Position(NamedTuple):
    """A place in the order of events. Arrivals count from 1, so (t, 0) is before every event of t."""

    timestamp: int
    arrival: int


class LogEvent(NamedTuple):
    """One event. Times in milliseconds since 1970; `arrival` is unique within a store."""

    timestamp: int
    arrival: int
    ingestion: int
    message: str

    @property
    def size(self) -> int:
        """Bytes as the service counts them."""
        return event_size(self.message)

    @property
    def event_id(self) -> str:
        return position_id(position(self))


def position(event: LogEvent) -> Position:
    """Where the event stands among all others."""
    return Position(event.timestamp, event.arrival)


def position_id(place: Position) -> str:
    """A position as 56 decimal digits, the form of event ids and of what GetLogEvents' tokens carry."""
    return f"{(place.timestamp << _ID_SHIFT) | place.arrival:0{_ID_DIGITS}d}"


def parse_position(digits: str) -> Position | None:
    """The position that `position_id` wrote; None for any other text."""
    if len(digits) != _ID_DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    timestamp, arrival = divmod(int(digits), 1 << _ID_SHIFT)
    return Position(timestamp, arrival)


def event_size(message: str) -> int:
    """The bytes the service counts for a message: its UTF-8 length and a fixed overhead."""
    length = len(message) if message.isascii() else len(message.encode("utf-8", "replace"))
    return length + EVENT_OVERHEAD_BYTES


def milliseconds(when: datetime) -> int:
    """A moment as milliseconds since 1970."""
    return round(when.timestamp() * 1000)


class EventColumns(Sequence[LogEvent]):
    """Events in the order of their positions.

    Numbers stand in arrays and texts in a list, which takes 32 bytes an event beside its text; an event is
    put together when it is asked for. A slice is a list of events.
    """

    __slots__ = ("arrivals", "bytes", "ingestions", "messages", "timestamps")

    def __init__(self) -> None:
        self.timestamps = array("q")
        self.arrivals = array("q")
        self.ingestions = array("q")
        self.messages: list[str] = []
        self.bytes = 0

    def __len__(self) -> int:
        return len(self.messages)

    @overload
    def __getitem__(self, index: int) -> LogEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[LogEvent]: ...
    def __getitem__(self, index: int | slice) -> LogEvent | list[LogEvent]:
        if isinstance(index, slice):
            parts = (column[index] for column in (self.timestamps, self.arrivals, self.ingestions))
            return list(map(LogEvent, *parts, self.messages[index]))
        return LogEvent(
            self.timestamps[index], self.arrivals[index], self.ingestions[index], self.messages[index]
        )

    def __iter__(self) -> Iterator[LogEvent]:
        return map(LogEvent, self.timestamps, self.arrivals, self.ingestions, self.messages)

    def add(self, timestamp: int, arrival: int, ingestion: int, message: str) -> int:
        """Take an event that arrived after all others; returns its bytes as the service counts them."""
        size = event_size(message)
        self.bytes += size
        if not self.timestamps or self.timestamps[-1] <= timestamp:
            self.timestamps.append(timestamp)
            self.arrivals.append(arrival)
            self.ingestions.append(ingestion)
            self.messages.append(message)
            return size
        place = bisect_right(self.timestamps, timestamp)
        self.timestamps.insert(place, timestamp)
        self.arrivals.insert(place, arrival)
        self.ingestions.insert(place, ingestion)
        self.messages.insert(place, message)
        return size

    def drop_first(self, count: int) -> int:
        """Forget the first `count` events; returns their bytes."""
        freed = sum(event_size(message) for message in self.messages[:count])
        for column in (self.timestamps, self.arrivals, self.ingestions, self.messages):
            del column[:count]
        self.bytes -= freed
        return freed

    def first_at(self, place: Position) -> int:
        """The index of the first event at or after a position."""
        low = bisect_left(self.timestamps, place.timestamp)
        high = bisect_right(self.timestamps, place.timestamp, low)
        return bisect_left(self.arrivals, place.arrival, low, high)
