"""Reading log events in pages, with the cursors CloudWatch Logs gives."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mvm_tui.local.log_store import LogEvent, LogStream, Position, parse_position, position, position_id

# A page holds at most this much (API reference, FilterLogEvents and GetLogEvents).
PAGE_EVENTS = 10_000
PAGE_BYTES = 1 << 20
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
        events = _head(stream.events[first:high], limit)
    else:
        last = high if place is None else min(high, stream.first_at(place))
        events = _tail(stream.events[low:last], limit)
    if not events:
        resting = position_id(place or Position(start, 0))
        return StreamPage([], f"f/{resting}/s", f"b/{resting}/s")
    return StreamPage(events, f"f/{events[-1].event_id}/s", f"b/{events[0].event_id}/s")


def _parse_stream_token(token: str | None, from_head: bool) -> tuple[bool, Position | None]:
    if token is None:
        return from_head, None
    direction, _, rest = token.partition("/")
    digits, _, suffix = rest.partition("/")
    place = parse_position(digits)
    if direction not in ("f", "b") or suffix != "s" or place is None:
        raise BadToken(token)
    return direction == "f", place


def _after(place: Position) -> Position:
    return Position(place.timestamp, place.arrival + 1)


def _head(events: Sequence[LogEvent], limit: int) -> list[LogEvent]:
    return list(_within_page(events, limit))


def _tail(events: Sequence[LogEvent], limit: int) -> list[LogEvent]:
    return list(_within_page(reversed(events), limit))[::-1]


def _within_page(events: Iterable[LogEvent], limit: int) -> Iterator[LogEvent]:
    size = 0
    for count, event in enumerate(events):
        size += event.size
        # The first event always fits: a page that can never advance would be read for ever.
        if count >= limit or (size > PAGE_BYTES and count):
            return
        yield event


@dataclass(frozen=True, slots=True)
class FoundEvent:
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
    window = _window(start, end, cursor, newest_first)
    for scanned, (event, name) in enumerate(_merged(streams, window, newest_first)):
        full = len(found) >= limit or scanned >= scan_limit
        if full or (found and size + event.size > PAGE_BYTES):
            return FilterPage(found, last)
        last = position(event)
        if matches(event.message):
            found.append(FoundEvent(name, event))
            size += event.size
    return FilterPage(found, None)


def _window(start: int, end: int, cursor: Position | None, newest_first: bool) -> tuple[Position, Position]:
    low, high = Position(start, 0), Position(end + 1, 0)
    if cursor is None:
        return low, high
    return (low, min(high, cursor)) if newest_first else (max(low, _after(cursor)), high)


def _merged(
    streams: Iterable[LogStream], window: tuple[Position, Position], newest_first: bool
) -> Iterator[tuple[LogEvent, str]]:
    parts = (_slice(stream, window, newest_first) for stream in streams)
    return heapq.merge(*parts, key=lambda pair: position(pair[0]), reverse=newest_first)


def _slice(
    stream: LogStream, window: tuple[Position, Position], newest_first: bool
) -> Iterator[tuple[LogEvent, str]]:
    low, high = (bisect_left(stream.events, edge, key=position) for edge in window)
    indexes = range(high - 1, low - 1, -1) if newest_first else range(low, high)
    return ((stream.events[index], stream.name) for index in indexes)
