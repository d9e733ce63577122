"""Entries of a log: a line together with the lines that belong to it, such as a trace with its frames."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from mvm_tui.logs.ring import Row
from mvm_tui.logs.traces import Grouper
from mvm_tui.model.log_event import LogEvent, LogSource

# A longer trace goes on in another entry.
_MOST_LINES = 1_000


class Entry:
    """What is shown, folded, marked and found as one.

    Attributes:
        number: The line's sequence number in the ring: numbers grow in the order of the lines.
        event: The line itself.
        more: The lines that belong to it, in order.
        late: It came so late that its place had gone by.
        passes: Whether the filter in force lets it through; None until that was looked at.
        found: Whether the search in force finds it; None until that was looked at.
        gone: Whether it had to make room.
        open: Whether the user opened or folded it; None while it is as all are.
        marked: Whether the user marked it.
    """

    __slots__ = ("event", "found", "gone", "late", "marked", "more", "number", "open", "passes")

    def __init__(self, number: int, event: LogEvent, late: bool = False) -> None:
        self.number = number
        self.event = event
        self.more: tuple[LogEvent, ...] = ()
        self.late = late
        self.passes: bool | None = None
        self.found: bool | None = None
        self.gone = False
        self.open: bool | None = None
        self.marked = False

    @property
    def events(self) -> Iterator[LogEvent]:
        yield self.event
        yield from self.more


class Gatherer:
    """Puts the lines of each stream together that belong together, as they come."""

    def __init__(self) -> None:
        self._grouper = Grouper()
        self._last: dict[LogSource, Entry] = {}
        self._newest: dict[LogSource, int] = {}

    def passed(self, number: int, event: LogEvent) -> bool:
        """Whether a line belongs before one of its own stream: what it may go on with has been passed by."""
        return number < self._newest.get(event.source, -1)

    def add(self, number: int, event: LogEvent) -> tuple[Entry, bool]:
        """The entry that an event begins or goes on, and whether it begins it."""
        self._newest[event.source] = number
        entry = self._last.get(event.source)
        joins = self._grouper.joins(event)
        if joins and entry is not None and len(entry.more) < _MOST_LINES:
            entry.more = (*entry.more, event)
            return entry, False
        entry = self._last[event.source] = Entry(number, event)
        return entry, True


def gathered(rows: Iterable[Row]) -> list[Entry]:
    """Rows of the ring, in order, as entries."""
    gatherer = Gatherer()
    entries = []
    for row in rows:
        entry, begins = gatherer.add(row.number, row.event)
        if begins:
            entries.append(entry)
    return entries


def place_of(entries: Sequence[Entry], number: int) -> int:
    """Where an entry with this number belongs."""
    return bisect_left(entries, number, key=_number)


def _number(entry: Entry) -> int:
    return entry.number
