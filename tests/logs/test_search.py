"""Searching a ring in a thread while it is added to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from mvm_tui.logs.query import parse_filter
from mvm_tui.logs.ring import Ring
from mvm_tui.logs.search import Hits, Search
from tests.logs.made import batch, event, run

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Found:
    """What a search told."""

    def __init__(self) -> None:
        self.batches: list[Sequence[int]] = []
        self.slow: list[str] = []
        self.done = 0
        self._changed = threading.Condition()

    def search(self, ring: Ring, text: str) -> Search:
        return Search(
            ring, parse_filter(text, NOW), self._on_hits, on_done=self._on_done, on_slow=self._on_slow
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, 10)

    def _on_hits(self, numbers: Sequence[int]) -> None:
        with self._changed:
            self.batches.append(numbers)
            self._changed.notify_all()

    def _on_done(self) -> None:
        with self._changed:
            self.done += 1
            self._changed.notify_all()

    def _on_slow(self, sentence: str) -> None:
        with self._changed:
            self.slow.append(sentence)
            self._changed.notify_all()


def texts(ring: Ring, search: Search) -> list[str]:
    rows = (ring.row(number) for number in search.hits.numbers(0, len(search.hits)))
    return [row.event.message for row in rows if row]


def test_the_newest_are_found_first_then_all_then_what_comes() -> None:
    ring, found = Ring(), Found()
    ring.add(run(5_000))
    search = found.search(ring, "/7$/")
    search.start()
    found.wait(lambda: found.done == 1)
    assert max(found.batches[0]) > max(found.batches[-1])
    assert texts(ring, search) == [f"line {n}" for n in range(5_000) if n % 10 == 7]
    assert search.progress() == (5_000, 5_000)
    search.added(
        ring.add(batch(event("put between 7", 100), event("new 7", 9_000), event("new 8", 9_001))).numbers
    )
    found.wait(lambda: len(search.hits) == 502)
    assert texts(ring, search)[-1] == "new 7"
    assert "put between 7" in texts(ring, search)
    search.stop()


def test_hits_go_with_their_lines() -> None:
    ring, found = Ring(max_events=1_000), Found()
    ring.add(run(1_000))
    search = found.search(ring, "line")
    search.start()
    found.wait(lambda: found.done == 1)
    search.added(ring.add(run(300, first=1_000)).numbers)
    found.wait(lambda: texts(ring, search)[-1] == "line 299" and len(search.hits) == 1_000)
    bounds = ring.bounds()
    assert bounds is not None
    assert search.hits.numbers(0, 1) == [bounds[0]]
    assert search.hits.place(bounds[1]) == 999
    search.stop()


def test_a_pattern_that_is_too_slow_is_named_and_the_rest_of_the_filter_holds() -> None:
    ring, found = Ring(), Found()
    ring.add(batch(event("keep " + "a" * 5_000 + "b", 1), event("drop", 2)))
    search = found.search(ring, "keep /(a+)+$/")
    search.start()
    found.wait(lambda: found.done == 1)
    assert found.slow == ["The pattern /(a+)+$/ takes too long and is switched off: make it simpler."]
    assert len(search.hits) == 1
    search.stop()


def test_hits_take_runs_that_overlap_once_each() -> None:
    hits = Hits()
    assert hits.add([10, 20, 30]) == [10, 20, 30]
    assert hits.add([5, 20, 25]) == [5, 25]
    assert hits.add([40]) == [40]
    assert hits.numbers(0, 99) == [5, 10, 20, 25, 30, 40]
    assert hits.trim(20) == 2
    hits.clear()
    assert len(hits) == 0
