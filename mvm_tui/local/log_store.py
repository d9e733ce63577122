"""The log groups of one region: what MicroVMs print and what clients put, in bounded memory.

Events of a stream are kept by timestamp, then by arrival, so a late event takes its place. A stream, a group
and the whole store keep their newest events within limits; a group that a load generator holds is outside
them until it is let go.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mvm_tui.local.clock import Timing
from mvm_tui.local.log_events import EVENT_OVERHEAD_BYTES, EventColumns, LogEvent, Position, milliseconds
from mvm_tui.local.log_ingestion import Ingestion, Line, StreamKey
from mvm_tui.local.log_settings import LogSettings

# Told of events in the order in which they became readable: the group, and (stream name, event) pairs.
Watcher: TypeAlias = Callable[["LogGroup", list[tuple[str, LogEvent]]], None]
# A stream's name, milliseconds since 1970, the message.
Row: TypeAlias = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much a store keeps; the oldest events go first. Sizes in bytes as the service counts them.

    `total_bytes` replaces the setting `LogSettings.memory_mb`.
    """

    stream_events: int = 20_000
    stream_bytes: int = 8 << 20
    group_bytes: int = 24 << 20
    total_bytes: int | None = None
    streams: int = 20_000
    message_bytes: int = 1 << 20


@dataclass(slots=True)
class LogStream:
    """The events of one stream in their order, and when it was made (milliseconds since 1970)."""

    name: str
    created: int
    events: EventColumns = field(default_factory=EventColumns)
    last_ingestion: int | None = None

    @property
    def bytes(self) -> int:
        return self.events.bytes

    def first_at(self, place: Position) -> int:
        """The index of the first event at or after a position."""
        return self.events.first_at(place)


@dataclass(slots=True)
class LogGroup:
    """A log group and its streams by name. `created` in milliseconds since 1970.

    `held` groups lose nothing and count towards no limit.
    """

    name: str
    created: int
    log_class: str = "STANDARD"
    streams: dict[str, LogStream] = field(default_factory=dict)
    bytes: int = 0
    held: bool = False


def _never_late() -> float:
    return 0.0


class LogStore:
    """All log groups of one account and region.

    :param lateness: real seconds by which the next line is late (see `log_ingestion.Ingestion`).
    """

    def __init__(
        self,
        timing: Timing,
        limits: LogLimits | None = None,
        settings: LogSettings | None = None,
        lateness: Callable[[], float] = _never_late,
    ) -> None:
        self.groups: dict[str, LogGroup] = {}
        self.settings = settings or LogSettings()
        self.watchers: set[Watcher] = set()
        self._timing = timing
        self._limits = limits or LogLimits()
        self._arrivals = itertools.count(1)
        self._ingestion = Ingestion(timing, self.settings, self._ingest, self._is_new, lateness)
        self._bytes = 0
        self._stream_order: dict[StreamKey, None] = {}

    @property
    def bytes(self) -> int:
        """What the store holds within its limits, waiting events included."""
        return self._bytes + self._ingestion.bytes

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

    def announce_stream(self, group_name: str, name: str) -> None:
        """A MicroVM was launched that logs here: its stream appears a while later, without events."""
        self._timing.call_later(self.settings.stream_delay(), self.create_stream, group_name, name)

    def delete_group(self, name: str) -> None:
        """Forget a group and all in it; nothing happens when there is none."""
        group = self.groups.get(name)
        if group is not None:
            for stream_name in list(group.streams):
                self.delete_stream(name, stream_name)
            del self.groups[name]

    def delete_stream(self, group_name: str, name: str) -> None:
        """Forget a stream and what waits for it; nothing happens when there is none."""
        self._ingestion.forget((group_name, name))
        group = self.groups.get(group_name)
        stream = group.streams.pop(name, None) if group is not None else None
        if group is not None and stream is not None:
            self._count(group, -stream.bytes)
            self._stream_order.pop((group_name, name), None)

    def put_line(self, group_name: str, stream_name: str, timestamp: int, message: str) -> None:
        """Take one line of a MicroVM's output; group and stream come into being with it."""
        self.put(group_name, stream_name, [(timestamp, message)])

    def put(self, group_name: str, stream_name: str, lines: Iterable[Line]) -> None:
        """Take (milliseconds since 1970, message) pairs; they are readable after the ingestion delay."""
        self._ingestion.take(
            (group_name, stream_name),
            ((max(timestamp, 0), self._cut(message)) for timestamp, message in lines),
            most_bytes=self._total() // 4,
            most_lines=self._limits.stream_events,
        )

    def preload(self, group_name: str, stream_name: str, lines: Iterable[Line]) -> None:
        """Take lines that are readable at once: the past of a seeded MicroVM.

        Group and stream are as old as the first line at least.
        """
        group = self.create_group(group_name)
        self._store(group, ((stream_name, timestamp, self._cut(message)) for timestamp, message in lines))
        stream = self.create_stream(group_name, stream_name)
        if stream.events:
            stream.created = min(stream.created, stream.events[0].timestamp)
            group.created = min(group.created, stream.created)

    def ingest(self, group_name: str, rows: Sequence[Row]) -> Sequence[int]:
        """Take rows that are readable from now on, in this order; gives their arrivals."""
        group = self.create_group(group_name)
        stored = self._store(group, rows)
        if self.watchers:
            now = self._now()
            told = [
                (name, LogEvent(timestamp, arrival, now, message))
                for (name, timestamp, message), arrival in zip(rows, stored, strict=True)
            ]
            for watcher in tuple(self.watchers):
                watcher(group, told)
        return stored

    def hold(self, name: str) -> LogGroup:
        """Make a group that keeps all its events, or keep all of one that is there, until `let_go`."""
        group = self.create_group(name)
        if not group.held:
            self._bytes -= group.bytes
            group.held = True
        return group

    def let_go(self, name: str) -> None:
        """Put a held group under the limits again."""
        group = self.groups.get(name)
        if group is not None and group.held:
            group.held = False
            self._bytes += group.bytes
            for stream in group.streams.values():
                self._count(group, -self._shortened(stream))
            self._trim(group)

    def all_streams(self) -> Iterator[LogStream]:
        return itertools.chain.from_iterable(group.streams.values() for group in self.groups.values())

    def _ingest(self, key: StreamKey, lines: list[Line]) -> None:
        group, stream = key
        self.ingest(group, [(stream, timestamp, message) for timestamp, message in lines])

    def _is_new(self, key: StreamKey) -> bool:
        group = self.groups.get(key[0])
        stream = group.streams.get(key[1]) if group is not None else None
        return stream is None or not stream.events

    def _cut(self, message: str) -> str:
        limit = self._limits.message_bytes - EVENT_OVERHEAD_BYTES
        if len(message) * 4 <= limit:
            return message
        return message.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")

    def _store(self, group: LogGroup, rows: Iterable[Row]) -> array[int]:
        now = self._now()
        arrivals = array("q")
        grown = 0
        for name, timestamp, message in rows:
            stream = group.streams.get(name) or self.create_stream(group.name, name)
            arrival = next(self._arrivals)
            arrivals.append(arrival)
            grown += stream.events.add(timestamp, arrival, now, message)
            stream.last_ingestion = now
            if not group.held:
                grown -= self._shortened(stream)
        self._count(group, grown)
        self._trim(group)
        return arrivals

    def _shortened(self, stream: LogStream) -> int:
        """Bring a stream below its limits; returns the bytes that went."""
        limits, freed = self._limits, 0
        while len(stream.events) > limits.stream_events or stream.bytes > limits.stream_bytes:
            # A tenth at a time: dropping events one by one would move the whole list for each.
            freed += stream.events.drop_first(len(stream.events) // 10 + 1)
        return freed

    def _trim(self, group: LogGroup) -> None:
        """Bring a group, then the store, below their limits: the largest stream loses its oldest tenth."""
        while not group.held and group.bytes > self._limits.group_bytes:
            self._drop_from(group)
        while self._bytes > self._total():
            self._drop_from(max((one for one in self.groups.values() if not one.held), key=_group_bytes))

    def _drop_from(self, group: LogGroup) -> None:
        largest = max(group.streams.values(), key=_stream_bytes)
        self._count(group, -largest.events.drop_first(len(largest.events) // 10 + 1))

    def _count(self, group: LogGroup, bytes_more: int) -> None:
        group.bytes += bytes_more
        if not group.held:
            self._bytes += bytes_more

    def _total(self) -> int:
        return self.settings.memory_mb << 20 if self._limits.total_bytes is None else self._limits.total_bytes

    def _now(self) -> int:
        return milliseconds(self._timing.now())


def _group_bytes(group: LogGroup) -> int:
    return group.bytes


def _stream_bytes(stream: LogStream) -> int:
    return stream.bytes
