"""Reading log events in pages, with the cursors CloudWatch Logs gives."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from mvm_tui.local.log_events import LogEvent, Position, event_size, parse_position, position_id
from mvm_tui.local.log_store import LogStream

# A page holds at most this much (API reference, FilterLogEvents and GetLogEvents).
PAGE_EVENTS = 10_000
PAGE_BYTES = 1 << 20
# The end of a token of GetLogEvents, and the one it has after a page that was empty before the end.
_SUFFIXES = ("s", "e")
_END_OF_TIME = 1 << 62


class BadToken(ValueError):
    """The token is none that this cloud gave."""


@dataclass(frozen=True, slots=True)
class StreamPage:
    """One answer of GetLogEvents, oldest event first; the tokens are never absent."""

    events: list[LogEvent]
    forward: str
    backward: str


def read_stream(
    stream: LogStream,
    *,
    start: int = 0,
    end: int = _END_OF_TIME,
    token: str | None = None,
    limit: int = PAGE_EVENTS,
    from_head: bool = False,
) -> StreamPage:
    """A page of one stream.

    `start` (inclusive) and `end` (exclusive) are milliseconds since 1970. Without a token the page is the
    window's first when `from_head`, else its last. At the end the token that was given comes back. Raises
    BadToken.
    """
    forwards, place = _parse_stream_token(token, from_head)
    low = stream.first_at(Position(start, 0))
    high = stream.first_at(Position(end, 0))
    if forwards:
        first = low if place is None else max(low, stream.first_at(_after(place)))
        events = _head(stream.events[first : min(high, first + limit)])
    else:
        last = high if place is None else min(high, stream.first_at(place))
        events = _head(stream.events[max(low, last - limit) : last][::-1])[::-1]
    if not events:
        return _resting(position_id(place or Position(start, 0)), token or "")
    return StreamPage(events, f"f/{events[-1].event_id}/s", f"b/{events[0].event_id}/s")


def _parse_stream_token(token: str | None, from_head: bool) -> tuple[bool, Position | None]:
    if token is None:
        return from_head, None
    direction, _, rest = token.partition("/")
    digits, _, suffix = rest.partition("/")
    place = parse_position(digits)
    if direction not in ("f", "b") or suffix not in _SUFFIXES or place is None:
        raise BadToken(token)
    return direction == "f", place


def _resting(digits: str, token: str) -> StreamPage:
    """A page without events: a reader that goes on in its direction stays where it is."""
    forward, backward = f"f/{digits}/s", f"b/{digits}/s"
    return StreamPage([], token if token[:1] == "f" else forward, token if token[:1] == "b" else backward)


def empty_page(token: str) -> StreamPage:
    """A page without events whose tokens go on where the given one does, and are others. Raises BadToken."""
    _, place = _parse_stream_token(token, False)
    other = token[:-1] + _SUFFIXES[token[-1] == _SUFFIXES[0]]
    return _resting(position_id(place or Position(0, 0)), other)


def _after(place: Position) -> Position:
    return Position(place.timestamp, place.arrival + 1)


def _head(events: list[LogEvent]) -> list[LogEvent]:
    """The first events that fit into a page; the first one always does, or a reader would never advance."""
    size = 0
    for count, event in enumerate(events):
        size += event.size
        if size > PAGE_BYTES and count:
            return events[:count]
    return events


class FoundEvent(NamedTuple):
    """An event that matched, and the stream it is in."""

    stream: str
    event: LogEvent


@dataclass(frozen=True, slots=True)
class FilterPage:
    """One answer of FilterLogEvents; `cursor` is None when everything was searched."""

    events: list[FoundEvent]
    cursor: Position | None


def filter_streams(
    streams: Iterable[LogStream],
    matches: Callable[[str], bool],
    *,
    start: int = 0,
    end: int = _END_OF_TIME,
    cursor: Position | None = None,
    limit: int = PAGE_EVENTS,
    newest_first: bool = False,
    scan_limit: int = PAGE_EVENTS,
) -> FilterPage:
    """A page of the matching events of several streams, merged by time.

    `start` and `end` are both inclusive, in milliseconds since 1970. At most `scan_limit` events are looked
    at, so a rare pattern gives empty pages with a cursor, as the service does.
    """
    found: list[FoundEvent] = []
    size = 0
    last: Position | None = None
    searched = list(streams)
    window = _window(start, end, cursor, newest_first)
    rows = _merged(searched, window, newest_first, scan_limit + 1)
    for scanned, (timestamp, arrival, number, index) in enumerate(rows):
        if len(found) >= limit or scanned >= scan_limit:
            return FilterPage(found, last)
        stream = searched[number]
        message = stream.events.messages[index]
        if matches(message):
            size += event_size(message)
            if size > PAGE_BYTES and found:
                return FilterPage(found, last)
            found.append(FoundEvent(stream.name, stream.events[index]))
        last = Position(timestamp, arrival)
    return FilterPage(found, None)


def _window(start: int, end: int, cursor: Position | None, newest_first: bool) -> tuple[Position, Position]:
    low, high = Position(start, 0), Position(end + 1, 0)
    if cursor is None:
        return low, high
    return (low, min(high, cursor)) if newest_first else (max(low, _after(cursor)), high)


# Timestamp, arrival, number of the stream, index in it: plain tuples, which are compared without our code.
_Row: TypeAlias = tuple[int, int, int, int]


def _merged(
    streams: Sequence[LogStream], window: tuple[Position, Position], newest_first: bool, most: int
) -> Iterator[_Row]:
    """The rows of the window in order, at most the first `most` of each stream."""
    parts = (_rows(stream, number, window, newest_first, most) for number, stream in enumerate(streams))
    return heapq.merge(*filter(None, parts), reverse=newest_first)


def _rows(
    stream: LogStream, number: int, window: tuple[Position, Position], newest_first: bool, most: int
) -> Iterator[_Row] | None:
    low, high = map(stream.first_at, window)
    if low >= high:
        return None
    if newest_first:
        low = max(low, high - most)
    else:
        high = min(high, low + most)
    step = -1 if newest_first else 1
    return zip(
        stream.events.timestamps[low:high][::step],
        stream.events.arrivals[low:high][::step],
        itertools.repeat(number),
        range(low, high)[::step],
    )
