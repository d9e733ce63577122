"""Between the threads that read logs and the view: groups lines into entries, filters and searches them.

All of it happens in a thread of its own, in slices, so that neither reading nor drawing waits. The view takes
what changed when it is about to draw.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from mvm_tui.logs.order import Batch
from mvm_tui.logs.patterns import TooSlow
from mvm_tui.logs.query import Filter
from mvm_tui.logs.ring import Ring
from mvm_tui.model.log_event import LogEvent
from mvm_tui.tui.background import in_thread
from mvm_tui.tui.log_entries import Entry, Gatherer, gathered, place_of

# Entries looked at between two looks at what came in meanwhile.
_SLICE = 2_000
# Batches that may wait: a page of the service has 10,000 lines at most.
_WAITING = 32
_LISTEN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Restarted:
    """Nothing is shown any more: what passes the new filter follows."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Entries after all that are shown."""

    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Prepended:
    """Entries before all that are shown. `history`: read from the service just now, not filtered anew."""

    entries: Sequence[Entry]
    history: bool = False


@dataclass(frozen=True, slots=True)
class Inserted:
    """An entry somewhere among those that are shown, by its number."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Grown:
    """An entry that is shown got more lines."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many of the oldest shown entries made room."""

    count: int


Change = Restarted | Appended | Prepended | Inserted | Grown | Dropped


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are.

    Attributes:
        taken: Events taken in so far.
        held: Entries held, whether they pass the filter or not.
        found: Entries shown that the search finds; None without a search.
        full: Whether the ring has no room for older events.
        late: Events that came after their place had gone by.
        busy: Whether filter or search have not yet gone through everything.
        complaint: Why filter or search was given up; empty while all is well.
    """

    taken: int = 0
    held: int = 0
    found: int | None = None
    late: int = 0
    full: bool = False
    busy: bool = False
    complaint: str = ""


class Pipeline:
    """Holds the entries. What it is told may come from any thread; `take` belongs to the view."""

    def __init__(self, wake: Callable[[], None], ring: Ring) -> None:
        """`wake` is called from the thread when there is something to take and nothing was before."""
        self._wake = wake
        self._ring = ring
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._room = threading.Semaphore(_WAITING)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._changes: deque[Change] = deque()
        self._told = False
        self.counts = Counts()
        # From here on: the thread's own.
        self._entries: list[Entry] = []
        self._gatherer = Gatherer()
        self._late = 0
        self._taken = 0
        self._filter: Filter | None = None
        self._search: Filter | None = None
        self._found = 0
        self._complaint = ""
        # What is left to look at for a new filter and a new search, newest first.
        self._unfiltered: list[Entry] = []
        self._unsearched: list[Entry] = []
        in_thread("log-pipeline", self._work)

    # What it is told

    def add(self, batch: Batch) -> None:
        """Events that were read. Waits while many batches are still to be gone through."""
        while not self._room.acquire(timeout=_LISTEN_SECONDS):
            if self._closed.is_set():
                return

        def work() -> None:
            self._room.release()
            self._add(batch)

        self._tasks.put(work)

    def add_older(self, events: Sequence[LogEvent]) -> None:
        """Events that were read backwards, in order; those that are held already are left out."""
        self._tasks.put(lambda: self._add_older(events))

    def filter(self, wanted: Filter | None) -> None:
        """Show only entries of which a line matches."""
        self._tasks.put(lambda: self._start_filter(wanted))

    def search(self, wanted: Filter | None) -> None:
        """Mark entries of which a line matches as found."""
        self._tasks.put(lambda: self._start_search(wanted))

    def snapshot(self, deliver: Callable[[list[Entry]], None]) -> None:
        """Hand all entries held to `deliver`, which is called in the thread."""
        self._tasks.put(lambda: deliver(list(self._entries)))

    def clear(self) -> None:
        """Forget everything but filter and search."""
        self._tasks.put(self._clear)

    def close(self) -> None:
        """End the thread; nothing is told any more."""
        self._closed.set()
        self._tasks.put(None)

    def take(self) -> tuple[list[Change], Counts]:
        """What changed since the last call, to be applied in order, and how many there are now."""
        with self._lock:
            changes, self._changes = list(self._changes), deque()
            self._told = False
            return changes, self.counts

    # The thread

    def _work(self) -> None:
        while True:
            busy = bool(self._unfiltered or self._unsearched)
            if not busy or not self._tasks.empty():
                task = self._tasks.get()
                if task is None:
                    return
                task()
            elif self._unfiltered:
                self._filter_slice()
            else:
                self._search_slice()
            self._tell()

    def _tell(self, *changes: Change) -> None:
        with self._lock:
            self._changes.extend(changes)
            before = self.counts
            self.counts = Counts(
                self._taken,
                len(self._entries),
                None if self._search is None else self._found,
                self._late,
                self._ring.full,
                bool(self._unfiltered or self._unsearched),
                self._complaint,
            )
            told, self._told = self._told, self._told or bool(changes) or self.counts != before
            wake = self._told and not told
        if wake:
            self._wake()

    def _add(self, batch: Batch) -> None:
        added = self._ring.add(batch)
        self._taken += len(batch)
        self._late += len(batch.late)
        new: list[Entry] = []
        grown: dict[int, Entry] = {}
        numbers = iter(added.numbers)
        for event, number in zip(batch.events, numbers, strict=False):
            if self._gatherer.passed(number, event):
                new.append(Entry(number, event))
                continue
            entry, begins = self._gatherer.add(number, event)
            if begins:
                new.append(entry)
            else:
                grown[id(entry)] = entry
        new += [Entry(number, event, late=True) for event, number in zip(batch.late, numbers, strict=False)]
        for entry in new:
            grown.pop(id(entry), None)
        self._regrow(list(grown.values()))
        self._judge(new)
        self._place(new)
        if added.dropped:
            self._make_room()

    def _regrow(self, entries: Sequence[Entry]) -> None:
        """Entries that were there before got lines: they may pass now, or be found."""
        for entry in entries:
            if entry.passes is None or entry.gone:
                continue
            passed = entry.passes
            if passed and entry.found:
                self._found -= 1
            self._judge([entry])
            if passed:
                entry.passes = True
                self._tell(Grown(entry))
            elif entry.passes:
                self._tell(Inserted(entry))

    def _judge(self, entries: Sequence[Entry]) -> None:
        """Whether they pass and are found."""
        for entry, fits in zip(entries, self._matching(self._filter, entries), strict=True):
            entry.passes = fits
        if self._search is not None:
            self._look([entry for entry in entries if entry.passes])

    def _look(self, entries: Sequence[Entry]) -> None:
        """Whether entries that pass are found."""
        for entry, fits in zip(entries, self._matching(self._search, entries), strict=True):
            entry.found = fits
            self._found += fits

    def _matching(self, wanted: Filter | None, entries: Sequence[Entry]) -> list[bool]:
        """Of which entries a line matches; all of them where the pattern takes too long."""
        if wanted is None:
            return [True] * len(entries)
        fits = [False] * len(entries)
        try:
            for index in wanted.select([entry.event for entry in entries]):
                fits[index] = True
            for index, entry in enumerate(entries):
                if entry.more and not fits[index]:
                    fits[index] = bool(wanted.select(entry.more))
        except TooSlow as error:
            slow = error
            self._tasks.put(lambda: self._without(wanted, slow))
            return [True] * len(entries)
        return fits

    def _without(self, wanted: Filter, slow: TooSlow) -> None:
        """Go on without a pattern that takes too long, and say so."""
        if wanted is self._filter:
            self._start_filter(wanted.without(slow))
        elif wanted is self._search:
            self._start_search(wanted.without(slow))
        else:
            return
        self._complaint = str(slow)

    def _place(self, entries: list[Entry]) -> None:
        """Put entries where they belong: nearly always that is the end."""
        held = self._entries
        last = held[-1].number if held else -1
        for entry in entries:
            if entry.number < last:
                held.insert(place_of(held, entry.number), entry)
                if entry.passes:
                    self._tell(Inserted(entry))
        in_order = [entry for entry in entries if entry.number > last]
        held.extend(in_order)
        if passing := [entry for entry in in_order if entry.passes]:
            self._tell(Appended(passing))

    def _add_older(self, events: Sequence[LogEvent]) -> None:
        added = self._ring.add_older(events)
        self._taken += len(added.numbers)
        rows = [row for row in map(self._ring.row, added.numbers) if row is not None]
        entries = gathered(rows)
        self._judge(entries)
        first = self._entries[0].number if self._entries else None
        before = [entry for entry in entries if first is None or entry.number < first]
        self._entries[:0] = before
        self._tell(Prepended([entry for entry in before if entry.passes], history=True))
        self._place(entries[len(before) :])

    def _make_room(self) -> None:
        """The oldest are gone from the ring."""
        bounds = self._ring.bounds()
        count = place_of(self._entries, bounds[0]) if bounds else len(self._entries)
        dropped = 0
        for entry in self._entries[:count]:
            dropped += entry.passes is True
            self._found -= entry.found is True
            # It may still wait to be looked at: it is not to come back.
            entry.gone = True
        del self._entries[:count]
        if dropped:
            self._tell(Dropped(dropped))

    def _clear(self) -> None:
        self._ring.clear()
        self._entries.clear()
        self._gatherer = Gatherer()
        self._late = self._found = 0
        self._unfiltered, self._unsearched = [], []
        self._complaint = ""
        self._tell(Restarted())

    # Filter and search over what is held, newest first: that is where the user looks

    def _start_filter(self, wanted: Filter | None) -> None:
        self._filter = wanted or None
        self._complaint = ""
        self._found = 0
        for entry in self._entries:
            entry.passes = entry.found = None
        self._unfiltered = list(self._entries)
        self._unsearched = []
        self._tell(Restarted())

    def _filter_slice(self) -> None:
        entries = [entry for entry in self._next(self._unfiltered) if entry.passes is None]
        self._judge(entries)
        if passing := [entry for entry in entries if entry.passes]:
            self._tell(Prepended(passing))

    def _start_search(self, wanted: Filter | None) -> None:
        self._search = wanted or None
        self._complaint = ""
        self._found = 0
        for entry in self._entries:
            entry.found = None
        self._unsearched = [] if self._search is None else [entry for entry in self._entries if entry.passes]

    def _search_slice(self) -> None:
        self._look([entry for entry in self._next(self._unsearched) if entry.found is None])

    @staticmethod
    def _next(entries: list[Entry]) -> list[Entry]:
        """The newest slice of a list, taken from it, without those that have made room."""
        taken = entries[-_SLICE:]
        del entries[-_SLICE:]
        return [entry for entry in taken if not entry.gone]


def events_of(entries: Iterable[Entry]) -> list[LogEvent]:
    """All events of entries, in order."""
    return [event for entry in entries for event in entry.events]
