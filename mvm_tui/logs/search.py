"""Finds the lines of a ring that pass a filter, in a thread of its own: the newest first, then what comes."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence

from mvm_tui.logs.patterns import TooSlow
from mvm_tui.logs.query import Filter
from mvm_tui.logs.ring import Ring
from mvm_tui.model.log_event import LogEvent

# Lines looked at together: few enough that the first hits come at once.
_BATCH = 512


class Hits:
    """The sequence numbers that were found, in order. Any thread may read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = array("q")

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, start: int, stop: int) -> list[int]:
        """The hits from one place to another, as a slice of a list."""
        with self._lock:
            return list(self._numbers[max(start, 0) : max(stop, 0)])

    def place(self, number: int) -> int:
        """Where a sequence number is among the hits, or where it would be."""
        with self._lock:
            return bisect_left(self._numbers, number)

    def add(self, numbers: Sequence[int]) -> list[int]:
        """Take hits in order, each once; those that were new."""
        with self._lock:
            known = self._numbers
            if not known or (numbers and numbers[0] > known[-1]):
                known.extend(numbers)
                return list(numbers)
            new = []
            for number in numbers:
                place = bisect_left(known, number)
                if place == len(known) or known[place] != number:
                    new.append(number)
            if new:
                # Hits come in runs: a run goes in at one place unless others are between its ends.
                low, high = bisect_left(known, new[0]), bisect_left(known, new[-1])
                known[low:high] = array("q", sorted([*known[low:high], *new]))
            return new

    def trim(self, first: int) -> int:
        """Forget hits before a sequence number: their lines are gone. How many they were."""
        with self._lock:
            count = bisect_left(self._numbers, first)
            del self._numbers[:count]
            return count

    def clear(self) -> None:
        with self._lock:
            del self._numbers[:]


class Search:
    """One filter over one ring, until it is stopped.

    Attributes:
        hits: What was found so far.
        done: Whether all that was there has been looked at.
    """

    def __init__(
        self,
        ring: Ring,
        wanted: Filter,
        on_hits: Callable[[Sequence[int]], None],
        *,
        on_done: Callable[[], None] = lambda: None,
        on_slow: Callable[[str], None] = lambda _: None,
    ) -> None:
        """The callbacks come from the search's thread, `on_hits` with new sequence numbers in order.

        `on_slow` gets a sentence that names a pattern which was switched off; the search then begins anew
        without it, and what was found before is void.
        """
        self.hits = Hits()
        self.done = False
        self._ring = ring
        self._filter = wanted
        self._on_hits = on_hits
        self._on_done = on_done
        self._on_slow = on_slow
        self._looked_at = 0
        self._added: deque[Sequence[int]] = deque()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-search", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the search; a callback under way may still come. Returns at once."""
        self._stopped.set()
        self._woken.set()

    def added(self, numbers: Sequence[int]) -> None:
        """Tell of lines that were added to the ring: what `Ring.add` and `add_older` return."""
        if numbers:
            self._added.append(numbers)
            self._woken.set()

    def progress(self) -> tuple[int, int]:
        """(lines looked at, lines there were to look at) of the first pass."""
        return min(self._looked_at, len(self._ring)), len(self._ring)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._first_pass()
                self._go_on()
            except TooSlow as slow:
                self._filter = self._filter.without(slow)
                self.hits.clear()
                self._on_slow(str(slow))

    def _first_pass(self) -> None:
        """Everything that is there, from the end backwards, with what comes meanwhile in between."""
        self.done = False
        self._looked_at = 0
        bounds = self._ring.bounds()
        below = bounds[1] + 1 if bounds else 0
        while not self._stopped.is_set():
            self._take_added()
            numbers, events = self._ring.before(below, _BATCH)
            if not numbers:
                break
            self._look_at(numbers, events)
            self._looked_at += len(numbers)
            below = numbers[0]
        if not self._stopped.is_set():
            self.done = True
            self._on_done()

    def _go_on(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait()
            self._woken.clear()
            self._take_added()

    def _take_added(self) -> None:
        while self._added and not self._stopped.is_set():
            numbers = self._added.popleft()
            for start in range(0, len(numbers), _BATCH):
                found = (self._ring.row(number) for number in numbers[start : start + _BATCH])
                rows = [row for row in found if row is not None]
                self._look_at([row.number for row in rows], [row.event for row in rows])
        if bounds := self._ring.bounds():
            self.hits.trim(bounds[0])

    def _look_at(self, numbers: Sequence[int], events: Sequence[LogEvent]) -> None:
        found = self._filter.select(events)
        new = self.hits.add([numbers[index] for index in found])
        if new and not self._stopped.is_set():
            self._on_hits(new)
