"""From what threads read to what the view shows: grouping, order, filter, search, bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from mvm_tui.logs.order import Batch
from mvm_tui.logs.query import parse_filter
from mvm_tui.logs.ring import Ring
from mvm_tui.model.log_event import LogEvent
from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.log_pipeline import Pipeline, events_of
from mvm_tui.tui.widgets.log_window import LogWindow
from tests.tui.fake_logs import event, lines
from tests.tui.fakes import NOW


class Watched:
    """A pipeline with a window that takes what it says, as the screen does."""

    def __init__(self, ring: Ring | None = None) -> None:
        self.woken = threading.Event()
        self.pipeline = Pipeline(self.woken.set, Ring() if ring is None else ring)
        self.window = LogWindow(lambda entry: 1 + len(entry.more))
        self.window.resize(10)

    def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while True:
            changes, self.counts = self.pipeline.take()
            self.window.apply(changes)
            if condition():
                return
            assert time.monotonic() < deadline, "it never came true"
            self.woken.wait(0.02)
            self.woken.clear()

    @property
    def texts(self) -> list[str]:
        return [entry.event.message for entry in self.window.entries]

    def put(self, *events: LogEvent, late: tuple[LogEvent, ...] = ()) -> None:
        self.pipeline.add(Batch(events, late))

    def filter(self, text: str) -> None:
        self.pipeline.filter(parse_filter(text, NOW))
        self.until(lambda: not self.counts.busy and self.pipeline._tasks.empty())


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    yield made
    made.pipeline.close()


def test_lines_come_in_order_whatever_the_order_they_were_read_in(watched: Watched) -> None:
    watched.put(event("b", 2), event("d", 4))
    watched.put(event("a", 1), event("c", 3), event("e", 5))
    watched.until(lambda: len(watched.window.entries) == 5)
    assert watched.texts == ["a", "b", "c", "d", "e"]


def test_late_lines_stand_where_they_came_marked_and_counted(watched: Watched) -> None:
    watched.put(event("new", 100))
    watched.put(late=(event("old", -100),))
    watched.until(lambda: len(watched.window.entries) == 2)
    assert watched.texts == ["new", "old"]
    assert watched.window.entries[1].late
    assert watched.counts.late == 1


def test_a_trace_is_one_entry_even_when_it_comes_in_two_readings(watched: Watched) -> None:
    watched.put(event("ERROR it broke", 1), event("Traceback (most recent call last):", 1))
    watched.put(event("  File 'x.py', line 1", 1), event("other", 1, number=2), event("ValueError: no", 1))
    watched.until(lambda: sum(1 + len(entry.more) for entry in watched.window.entries) == 5)
    assert watched.texts == ["ERROR it broke", "Traceback (most recent call last):", "other"]
    assert [line.message for line in watched.window.entries[1].more] == [
        "  File 'x.py', line 1",
        "ValueError: no",
    ]
    watched.filter("no")
    assert watched.texts == ["Traceback (most recent call last):"], "a trace passes as a whole"


def test_a_trace_folds_when_another_stream_is_ahead(watched: Watched) -> None:
    watched.put(event("Traceback (most recent call last):", 1), event("ahead", 5, number=2))
    watched.put(event("  File 'x.py', line 1", 1), event("ValueError: no", 1))
    watched.until(lambda: sum(1 + len(entry.more) for entry in watched.window.entries) == 4)
    assert watched.texts == ["Traceback (most recent call last):", "ahead"]


def test_a_line_before_others_of_its_stream_stands_by_itself(watched: Watched) -> None:
    watched.put(event("Traceback (most recent call last):", 5), event("  File 'x.py', line 1", 5))
    watched.put(event("  indented", 1))
    watched.until(lambda: len(watched.window.entries) == 2)
    assert watched.texts == ["  indented", "Traceback (most recent call last):"]


def test_reading_waits_for_a_pipeline_that_cannot_keep_up(watched: Watched) -> None:
    held = threading.Event()

    def hold(entries: list[Entry]) -> None:
        held.wait(10)

    watched.pipeline.snapshot(hold)
    accepted: list[int] = []

    def read() -> None:
        for number in range(100):
            watched.put(event(f"line {number}", number))
            accepted.append(number)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    deadline = time.monotonic() + 5
    while len(accepted) < 32 and time.monotonic() < deadline:
        held.wait(0.01)
    reader.join(0.3)
    assert len(accepted) == 32
    held.set()
    watched.until(lambda: len(watched.window.entries) == 100)


def test_a_filter_goes_through_what_is_held_and_what_comes(watched: Watched) -> None:
    watched.put(*lines(5_000))
    watched.until(lambda: len(watched.window.entries) == 5_000)
    watched.filter("/line 4..9$/")
    assert len(watched.window.entries) == 100
    assert watched.counts.held == 5_000
    watched.put(event("line 4119", 9_000), event("line 1", 9_001))
    watched.until(lambda: watched.counts.held == 5_002)
    assert watched.texts[-1] == "line 4119"
    watched.filter("")
    assert len(watched.window.entries) == 5_002
    assert watched.texts[:2] == ["line 0", "line 1"]


def test_lines_join_an_entry_that_waits_to_be_filtered(watched: Watched) -> None:
    watched.put(*lines(6_000), event("Traceback (most recent call last):", 9_000))
    watched.until(lambda: len(watched.window.entries) == 6_001)
    watched.pipeline.filter(parse_filter("line", NOW))
    watched.put(event("  File 'x', line 3", 9_000))
    watched.until(lambda: not watched.counts.busy and len(watched.window.entries) == 6_001)
    assert watched.texts.count("Traceback (most recent call last):") == 1


def test_a_search_counts_and_goes_on_counting(watched: Watched) -> None:
    watched.put(*lines(300))
    watched.until(lambda: len(watched.window.entries) == 300)
    watched.pipeline.search(parse_filter("/line .*7$/", NOW))
    watched.until(lambda: watched.counts.found == 30 and not watched.counts.busy)
    watched.put(event("line 7", 1_000))
    watched.until(lambda: watched.counts.found == 31)
    watched.filter("/line 1/")
    assert watched.counts.found == sum(entry.found is True for entry in watched.window.entries) == 11
    watched.pipeline.search(None)
    watched.until(lambda: watched.counts.found is None)


def test_a_pattern_that_takes_too_long_is_named_and_dropped(watched: Watched) -> None:
    watched.put(*(event("a" * 40 + "!", number) for number in range(50)))
    watched.until(lambda: len(watched.window.entries) == 50)
    watched.pipeline.filter(parse_filter(r"/^(a|a|b)*(a|aa)*c*$(?<=x)/", NOW))
    watched.until(lambda: "too long" in watched.counts.complaint, 20)
    watched.until(lambda: len(watched.window.entries) == 50)
    assert "switched off" in watched.counts.complaint


def test_the_oldest_make_room_and_the_rest_stays(watched: Watched) -> None:
    small = Watched(Ring(max_events=1_000))
    small.put(*lines(900))
    small.until(lambda: len(small.window.entries) == 900)
    small.pipeline.filter(parse_filter("!line3", NOW))
    small.put(*(event(f"new {number}", 2_000 + number) for number in range(600)))
    small.until(lambda: small.counts.held == 1_000 and len(small.window.entries) == 1_000)
    assert small.texts[0] == "line 500"
    assert small.texts[-1] == "new 599"
    small.pipeline.close()


def test_older_lines_come_before_and_none_twice(watched: Watched) -> None:
    watched.put(*lines(10, start=0))
    watched.until(lambda: len(watched.window.entries) == 10)
    watched.pipeline.add_older([event("older", -5), event("line 0", 0)])
    watched.until(lambda: len(watched.window.entries) == 11)
    assert watched.texts[:3] == ["older", "line 0", "line 1"]


def test_all_entries_can_be_asked_for_whatever_the_filter(watched: Watched) -> None:
    watched.put(*lines(10))
    watched.until(lambda: len(watched.window.entries) == 10)
    watched.filter("nothing of the kind")
    got: list[list[Entry]] = []
    watched.pipeline.snapshot(got.append)
    watched.until(lambda: bool(got))
    assert [line.message for line in events_of(got[0])] == [f"line {number}" for number in range(10)]


def test_clearing_forgets_lines_and_keeps_the_filter(watched: Watched) -> None:
    watched.put(*lines(10))
    watched.filter("9")
    assert watched.texts == ["line 9"]
    watched.pipeline.clear()
    watched.until(lambda: watched.counts.held == 0 and not watched.window.entries)
    watched.put(event("line 9"), event("line 8"))
    watched.until(lambda: watched.counts.held == 2)
    assert watched.texts == ["line 9"]
