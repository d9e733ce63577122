"""The log groups of one region: what MicroVMs print and what clients put, in bounded memory.

Events of a stream are kept by timestamp, then by arrival, so a late event takes its place. What is written
becomes readable a few seconds of service time later, as CloudWatch Logs' ingestion does (stream about 3 s
after a launch, its first event about 2 s after that: measured by rayito, September 2026).
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from mvm_tui.local.clock import Timing

# What CloudWatch Logs adds to each event's UTF-8 length when it counts sizes (API reference, PutLogEvents).
EVENT_OVERHEAD_BYTES = 26
# The delays of successive batches, in seconds of service time: they vary, and a test can rely on the bounds.
_DELAYS = (2.0, 3.5, 2.5, 5.0, 3.0)
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
    return len(message.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much a store keeps; the oldest events go first. Sizes in bytes as the service counts them."""

    stream_events: int = 20_000
    stream_bytes: int = 8 << 20
    total_bytes: int = 64 << 20
    streams: int = 20_000
    message_bytes: int = 256 << 10


@dataclass(slots=True)
class LogStream:
    """The events of one stream in their order, and when it was made (milliseconds since 1970)."""

    name: str
    created: int
    events: list[LogEvent] = field(default_factory=list)
    bytes: int = 0
    last_ingestion: int | None = None

    def add(self, event: LogEvent) -> None:
        insort(self.events, event, key=position)
        self.bytes += event.size
        self.last_ingestion = event.ingestion

    def drop_oldest(self, count: int) -> int:
        """Forget the first `count` events; returns their bytes."""
        freed = sum(event.size for event in self.events[:count])
        del self.events[:count]
        self.bytes -= freed
        return freed

    def first_at(self, place: Position) -> int:
        """The index of the first event at or after a position."""
        return bisect_left(self.events, place, key=position)


@dataclass(slots=True)
class LogGroup:
    """A log group and its streams by name. `created` in milliseconds since 1970."""

    name: str
    created: int
    log_class: str = "STANDARD"
    streams: dict[str, LogStream] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(stream.bytes for stream in self.streams.values())


class LogStore:
    """All log groups of one account and region."""

    def __init__(self, timing: Timing, limits: LogLimits | None = None) -> None:
        self.groups: dict[str, LogGroup] = {}
        self._timing = timing
        self._limits = limits or LogLimits()
        self._arrivals = itertools.count(1)
        self._delays = itertools.cycle(_DELAYS)
        self._waiting: dict[tuple[str, str], list[tuple[int, str]]] = {}
        self._waiting_bytes = 0
        self._bytes = 0
        self._stream_order: dict[tuple[str, str], None] = {}

    @property
    def bytes(self) -> int:
        """What the store holds, waiting events included."""
        return self._bytes + self._waiting_bytes

    def create_group(self, name: str, log_class: str = "STANDARD") -> LogGroup:
        """The group of this name, made now if there is none."""
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = LogGroup(name, self._now(), log_class)
        return group

    def create_stream(self, group_name: str, name: str) -> LogStream:
        """The stream of this name, it and its group made now if there is none.

        The stream that was made first goes when there are more than the limit allows.
        """
        group = self.create_group(group_name)
        stream = group.streams.get(name)
        if stream is None:
            stream = group.streams[name] = LogStream(name, self._now())
            self._stream_order[group_name, name] = None
            if len(self._stream_order) > self._limits.streams:
                self.delete_stream(*next(iter(self._stream_order)))
        return stream

    def delete_group(self, name: str) -> None:
        """Forget a group and all in it; nothing happens when there is none."""
        group = self.groups.get(name)
        if group is not None:
            for stream_name in list(group.streams):
                self.delete_stream(name, stream_name)
            del self.groups[name]

    def delete_stream(self, group_name: str, name: str) -> None:
        """Forget a stream and what waits for it; nothing happens when there is none."""
        for _, message in self._waiting.pop((group_name, name), ()):
            self._waiting_bytes -= event_size(message)
        group = self.groups.get(group_name)
        stream = group.streams.pop(name, None) if group is not None else None
        if stream is not None:
            self._bytes -= stream.bytes
            self._stream_order.pop((group_name, name), None)

    def put_line(self, group_name: str, stream_name: str, timestamp: int, message: str) -> None:
        """Take one line of a MicroVM's output; group and stream come into being with it."""
        self.put(group_name, stream_name, [(timestamp, message)])

    def put(self, group_name: str, stream_name: str, lines: Iterable[tuple[int, str]]) -> None:
        """Take (milliseconds since 1970, message) pairs; they are readable after the ingestion delay."""
        key = (group_name, stream_name)
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = []
            self._timing.call_later(next(self._delays), self._publish, key, waiting)
        for timestamp, message in lines:
            kept = self._cut(message)
            waiting.append((max(timestamp, 0), kept))
            self._waiting_bytes += event_size(kept)
        if self._waiting_bytes > self._limits.total_bytes // 4 or len(waiting) > self._limits.stream_events:
            self._publish(key, waiting)

    def preload(self, group_name: str, stream_name: str, lines: Iterable[tuple[int, str]]) -> None:
        """Take lines that are readable at once: the past of a seeded MicroVM.

        Group and stream are as old as the first line at least.
        """
        self._store(group_name, stream_name, lines)
        group = self.groups[group_name]
        stream = group.streams[stream_name]
        if stream.events:
            stream.created = min(stream.created, stream.events[0].timestamp)
            group.created = min(group.created, stream.created)

    def all_streams(self) -> Iterator[LogStream]:
        return itertools.chain.from_iterable(group.streams.values() for group in self.groups.values())

    def _cut(self, message: str) -> str:
        limit = self._limits.message_bytes - EVENT_OVERHEAD_BYTES
        if len(message) * 4 <= limit:
            return message
        return message.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")

    def _publish(self, key: tuple[str, str], waiting: list[tuple[int, str]]) -> None:
        # A batch that was published early, or whose stream was deleted, is no longer the one that waits.
        if self._waiting.get(key) is not waiting:
            return
        del self._waiting[key]
        self._waiting_bytes -= sum(event_size(message) for _, message in waiting)
        self._store(*key, waiting)

    def _store(self, group_name: str, stream_name: str, lines: Iterable[tuple[int, str]]) -> None:
        stream = self.create_stream(group_name, stream_name)
        now = self._now()
        before = stream.bytes
        for timestamp, message in lines:
            stream.add(LogEvent(timestamp, next(self._arrivals), now, self._cut(message)))
            if len(stream.events) > self._limits.stream_events or stream.bytes > self._limits.stream_bytes:
                # A tenth at a time: dropping events one by one would move the whole list for each.
                stream.drop_oldest(len(stream.events) // 10 + 1)
        self._bytes += stream.bytes - before
        while self._bytes > self._limits.total_bytes:
            largest = max(self.all_streams(), key=lambda candidate: candidate.bytes)
            self._bytes -= largest.drop_oldest(len(largest.events) // 10 + 1)

    def _now(self) -> int:
        return milliseconds(self._timing.now())


def milliseconds(when: datetime) -> int:
    """A moment as milliseconds since 1970."""
    return round(when.timestamp() * 1000)
