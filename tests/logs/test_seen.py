"""Each event is admitted once, however often and in whichever way it is read."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.order import Holder, sorted_batch
from mvm_tui.logs.seen import Seen
from tests.logs.made import START, event


def test_an_id_is_admitted_once_and_the_same_text_with_another_id_too() -> None:
    seen = Seen()
    assert [seen.admit(event("a", number=n)) for n in (1, 1, 2, "an id of another form", 2)] == [
        True,
        False,
        True,
        True,
        False,
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=12), st.randoms())
def test_events_read_with_ids_and_without_are_matched_one_to_one(
    written: list[tuple[int, str]], chance: random.Random
) -> None:
    """Some of the events are the same but for their ids, which only one of the two readings tells."""
    with_ids = [event(text, at, number=n + 1) for n, (at, text) in enumerate(written)]
    readings = [(one, True) for one in with_ids] + [(event(text, at), False) for at, text in written]
    readings += [(one, True) for one in with_ids]
    chance.shuffle(readings)
    seen = Seen(mixed=True)
    admitted = [one.message for one, _ in readings if seen.admit(one)]
    assert sorted(admitted) == sorted(text for _, text in written)
    assert len(seen) == len(written)


def test_what_is_forgotten_is_below_the_floor_and_never_new_again() -> None:
    seen = Seen()
    for second in range(10):
        seen.admit(event("x", second * 1_000, number=second + 1))
    seen.forget_before(START + 5_000)
    assert len(seen) == 5
    assert seen.floor == START + 5_000
    assert not seen.admit(event("x", 1_000, number=2))
    assert not seen.admit(event("never seen", 1_000, number=99))
    # A reading without ids never repeats: what it brings is new, however old.
    assert seen.admit(event("old", 1_000))


def test_memory_is_bounded_and_the_floor_tells_how_far() -> None:
    seen = Seen(limit=1_000)
    for n in range(5_000):
        assert seen.admit(event("x", n * 10, number=n + 1))
        assert len(seen) <= 1_000
    assert START + 39_000 <= seen.floor <= START + 42_000
    assert not seen.admit(event("x", 49_990, number=5_000))


def test_a_batch_is_sorted_and_what_came_after_half_a_minute_is_late() -> None:
    old, slow, late = event("old", 0), event("slow", 1, delay=29_000), event("late", 2, delay=31_000)
    new = event("new", 60_000, delay=40_000)
    batch = sorted_batch([new, late, slow, old], START + 50_000)
    assert [one.message for one in batch.events] == ["old", "slow", "new"]
    assert batch.late == (late,)
    assert len(batch) == 4
    assert sorted_batch([late], None).late == ()


def test_a_holder_lets_go_in_order_what_nothing_can_come_before() -> None:
    holder = Holder()
    assert holder.add([event("c", 30), event("a", 10), event("d", 40)]) == ()
    assert [one.message for one in holder.release(START + 35)] == ["a", "c"]
    (late,) = holder.add([event("b", 20), event("e", 50)])
    assert late.message == "b"
    assert len(holder) == 2
    assert [one.message for one in holder.flush()] == ["d", "e"]
