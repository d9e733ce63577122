"""The ring: sorted, bounded, with numbers that stay."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.ring import EVENT_BYTES, Ring
from tests.logs.made import START, batch, event, run


def texts(ring: Ring) -> list[str]:
    return [row.event.message for row in ring.rows(0, len(ring))]


def test_lines_are_in_order_of_time_whatever_order_they_come_in() -> None:
    ring = Ring()
    assert not ring.add(batch(event("a", 10), event("c", 30))).inserted
    added = ring.add(batch(event("b", 20), event("d", 40)))
    assert added.inserted
    assert texts(ring) == ["a", "b", "c", "d"]
    assert [ring.place(number) for number in added.numbers] == [1, 3]


def test_lines_of_one_millisecond_stay_in_the_order_in_which_they_came() -> None:
    ring = Ring()
    ring.add(batch(event("a", 1), event("b", 1), event("later", 2)))
    ring.add(batch(event("c", 1)))
    assert texts(ring) == ["a", "b", "c", "later"]


def test_late_lines_stand_at_the_end_and_are_marked() -> None:
    ring = Ring()
    ring.add(batch(event("now", 100_000)))
    ring.add(batch(event("soon", 100_001), late=[event("late", 0, delay=90_000)]))
    ring.add(batch(event("next", 100_002)))
    assert texts(ring) == ["now", "soon", "late", "next"]
    assert [row.late for row in ring.rows(0, 4)] == [False, False, True, False]
    assert ring.late == 1


def test_the_oldest_go_when_there_are_too_many_and_numbers_stay_with_their_lines() -> None:
    ring = Ring(max_events=1_000)
    kept = ring.add(run(1_000)).numbers[900]
    added = ring.add(run(500, first=1_000))
    assert (added.dropped, ring.dropped, len(ring)) == (500, 500, 1_000)
    assert texts(ring)[0] == "line 500"
    row = ring.row(kept)
    assert row is not None
    assert row.event.message == "line 900"
    assert ring.place(kept) == 400
    first = ring.bounds()
    assert first is not None
    assert ring.row(first[0] - 1) is None


def test_the_oldest_go_when_they_take_too_much_and_one_line_always_stays() -> None:
    ring = Ring(max_bytes=10 * (EVENT_BYTES + 100))
    ring.add(batch(*(event("x" * 100, n) for n in range(50))))
    assert len(ring) == 10
    ring.add(batch(event("y" * 1_000_000, 60)))
    assert texts(ring) == ["y" * 1_000_000]
    ring.add(batch(event("ж" * 100, 61)))
    assert ring.bytes == EVENT_BYTES + 200


def test_older_lines_come_before_only_where_there_is_room_and_no_line_twice() -> None:
    ring = Ring(max_events=6)
    ring.add(batch(event("c", 30), event("d", 40)))
    added = ring.add_older([event("a", 10), event("b", 20), event("c", 30)])
    assert len(added.numbers) == 2
    assert texts(ring) == ["a", "b", "c", "d"]
    assert not ring.full
    ring.add_older([event(f"{n}", n) for n in range(5)])
    assert texts(ring) == ["3", "4", "a", "b", "c", "d"]
    assert ring.full


def test_a_line_that_came_late_is_not_taken_again_from_the_past() -> None:
    ring = Ring()
    late = event("late", 0, delay=90_000)
    ring.add(batch(event("now", 100_000)))
    ring.add(batch(late=[late]))
    assert not ring.add_older([late]).numbers


def test_lines_before_a_number_are_those_that_come_before_it() -> None:
    ring = Ring(max_events=4)
    numbers = ring.add(run(6)).numbers
    assert ring.before(numbers[-1] + 1, 2)[0] == list(numbers[-2:])
    found, events = ring.before(numbers[4], 10)
    assert found == list(numbers[2:4])
    assert [one.message for one in events] == ["line 2", "line 3"]


def test_the_place_of_a_moment() -> None:
    ring = Ring()
    ring.add(batch(event("a", 10), event("b", 20), event("c", 20), event("d", 30)))
    assert [ring.place_of_time(START + at) for at in (0, 10, 15, 20, 21, 99)] == [0, 0, 1, 1, 3, 4]


def test_an_empty_ring_has_nothing() -> None:
    ring = Ring()
    assert (len(ring), ring.bounds(), ring.rows(0, 10), ring.before(1, 10)) == (0, None, [], ([], []))
    assert not ring.add(batch()).numbers
    ring.add(run(3))
    ring.clear()
    assert (len(ring), ring.bytes) == (0, 0)


@given(
    st.lists(st.lists(st.integers(0, 200), min_size=1, max_size=90).map(sorted), min_size=1, max_size=8),
    st.integers(1, 150),
)
def test_whatever_comes_the_newest_are_kept_sorted_and_found_by_number(
    batches: list[list[int]], limit: int
) -> None:
    ring = Ring(max_events=limit)
    numbers: dict[int, str] = {}
    everything = []
    for turn, times in enumerate(batches):
        events = [event(f"{turn}.{n}", at) for n, at in enumerate(times)]
        added = ring.add(batch(*events))
        assert list(added.numbers) == sorted(set(added.numbers))
        numbers.update(zip(added.numbers, (one.message for one in events), strict=True))
        everything += events
    rows = ring.rows(0, len(ring))
    assert len(rows) == min(limit, len(everything))
    assert [row.number for row in rows] == sorted(row.number for row in rows)
    assert [row.event.timestamp for row in rows] == sorted(row.event.timestamp for row in rows)
    assert all(numbers[row.number] == row.event.message for row in rows)
    assert all(ring.place(row.number) == place for place, row in enumerate(rows))
    assert ring.bytes == sum(len(row.event.message) + EVENT_BYTES for row in rows)


def test_one_thread_reads_while_another_adds() -> None:
    ring = Ring(max_events=2_000)
    wrong: list[str] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            rows = ring.rows(0, 100)
            if [row.number for row in rows] != sorted(row.number for row in rows):
                wrong.append("out of order")
            for row in rows:
                found = ring.row(row.number)
                if found is not None and found.event is not row.event:
                    wrong.append("another line")

    thread = threading.Thread(target=read)
    thread.start()
    for turn in range(200):
        ring.add(run(50, first=turn * 40))
    ended.set()
    thread.join()
    assert not wrong
