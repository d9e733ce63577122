"""From sightings to time: what was observed, what is assumed, and how far apart the readings are."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.cost import HOUR, MICROSECOND, Snapshot, Usage, microvm_cost
from mvm_tui.model.intervals import Look, Sighting, Timeline, microseconds, moment, timeline
from mvm_tui.model.rates import shipped

MINUTE = 60 * MICROSECOND


def price(usage: Usage) -> Decimal:
    return microvm_cost(usage, 2048, Snapshot.of_baseline(2048), shipped("us-east-1")).total


def test_moments_survive() -> None:
    noon = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert moment(microseconds(noon)) == noon


def test_all_observed_is_certain() -> None:
    seen = [
        Sighting("PENDING", 0),
        Sighting("RUNNING", MINUTE),
        Sighting("SUSPENDING", 10 * MINUTE),
        Sighting("SUSPENDED", 11 * MINUTE),
        Sighting("RUNNING", 20 * MINUTE),
    ]
    line = timeline(seen, [(-HOUR, 30 * MINUTE)], 0, None, 30 * MINUTE)
    assert line.usage() == Usage(21 * MINUTE, 9 * MINUTE, 1, 1, 1)
    assert line.usage(observed=True) == line.usage()
    assert line.certain
    assert not line.doubtful


def test_first_seen_running_an_hour_after_its_start_is_assumed_to_have_run() -> None:
    line = timeline([Sighting("RUNNING", HOUR)], [(HOUR, 2 * HOUR)], 0, None, 2 * HOUR)
    assert line.usage() == Usage(running=2 * HOUR, launches=1)
    assert line.usage(observed=True) == Usage(running=HOUR, launches=1)
    assert line.usage(observed=False) == Usage(running=HOUR)
    assert not line.certain
    assert not line.doubtful
    below, above = line.gaps[0].spread(price)
    assert below > 0
    assert above == 0


def test_first_seen_suspended_an_hour_after_its_start_is_a_range() -> None:
    line = timeline([Sighting("SUSPENDED", HOUR)], [(HOUR, HOUR)], 0, None, HOUR)
    assert line.doubtful
    assert line.usage() == Usage(running=HOUR, launches=1, suspends=1)
    below, above = line.gaps[0].spread(price)
    assert above == 0
    # An hour of running against an hour of keeping its snapshot.
    assert below == Decimal("0.12610008") - 2 * Decimal("0.0001111111")


def test_between_two_looks_the_state_before_goes_on() -> None:
    seen = [Sighting("RUNNING", 0), Sighting("SUSPENDED", 3 * HOUR)]
    looks = [(-HOUR, HOUR), (3 * HOUR, 4 * HOUR)]
    line = timeline(seen, looks, -HOUR // 2, None, 4 * HOUR)
    assert line.usage(observed=True) == Usage(running=HOUR + HOUR // 2, suspended=HOUR, launches=1)
    assert line.usage(observed=False) == Usage(running=2 * HOUR, suspends=1)
    assert line.doubtful
    resumed = timeline([Sighting("SUSPENDED", 0), Sighting("RUNNING", 3 * HOUR)], looks, None, None, 4 * HOUR)
    assert resumed.usage() == Usage(running=3 * HOUR, suspended=HOUR, resumes=1)


def test_the_stated_end_ends_it_and_a_late_answer_does_not_go_beyond() -> None:
    looks = [(-HOUR, 3 * HOUR)]
    line = timeline([Sighting("RUNNING", 0), Sighting("TERMINATED", HOUR + MINUTE)], looks, 0, HOUR, 3 * HOUR)
    assert line.usage() == Usage(running=HOUR, launches=1)
    assert timeline([Sighting("RUNNING", 0)], looks, 0, HOUR, 3 * HOUR).usage().running == HOUR
    assert timeline([Sighting("TERMINATED", 0)], looks, None, None, HOUR).usage() == Usage()
    assert timeline([], looks, 0, None, HOUR).usage() == Usage()


def test_a_window_counts_what_happened_in_it() -> None:
    seen = [Sighting("RUNNING", 0), Sighting("SUSPENDED", HOUR), Sighting("RUNNING", 2 * HOUR)]
    line = timeline(seen, [(-HOUR, 4 * HOUR)], 0, None, 4 * HOUR)
    assert line.usage(HOUR // 2, 2 * HOUR) == Usage(running=HOUR // 2, suspended=HOUR, suspends=1)


states = st.sampled_from(["PENDING", "RUNNING", "SUSPENDING", "SUSPENDED", "TERMINATED", "NEW_STATE"])
times = st.integers(0, 8 * 3600)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Timeline, int]:
    seen = [
        Sighting(draw(states), at * MICROSECOND)
        for at in sorted(draw(st.lists(times, min_size=1, unique=True)))
    ]
    edges = sorted(draw(st.lists(times, unique=True)))
    looks: list[Look] = [
        (a * MICROSECOND, b * MICROSECOND) for a, b in zip(edges[::2], edges[1::2], strict=False)
    ]
    started = draw(st.one_of(st.none(), st.integers(0, seen[0].at)))
    now = seen[-1].at + draw(times) * MICROSECOND
    return timeline(seen, looks, started, None, now), now


@given(histories(), st.lists(st.integers(0, 16 * 3600), max_size=5))
def test_windows_add_up_and_observed_and_assumed_are_all(
    history: tuple[Timeline, int], cuts: list[int]
) -> None:
    line, now = history
    edges = [0, *sorted(cut * MICROSECOND for cut in cuts), 2**62]
    parts = Usage()
    for begin, end in pairwise(edges):
        parts = parts + line.usage(begin, end)
    assert parts == line.usage()
    assert line.usage(observed=True) + line.usage(observed=False) == line.usage()
    assert line.usage(observed=False).running + line.usage(observed=False).suspended == line.unseen
    assert line.usage().running + line.usage().suspended <= now


@given(histories())
def test_the_assumed_reading_lies_in_its_range(history: tuple[Timeline, int]) -> None:
    line, _ = history
    for gap in line.gaps:
        below, above = gap.spread(price)
        assert below >= 0
        assert above >= 0
