from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.state.agenda import Agenda


@given(st.lists(st.integers(-50, 5000), max_size=30), st.lists(st.integers(1, 1000), max_size=10))
def test_everything_fires_at_its_moment_whatever_the_speed(delays: list[int], steps: list[int]) -> None:
    timing = ManualTiming(speed=7)
    start = timing.now()
    agenda = Agenda(timing)
    fired: list[int] = []
    for delay in delays:
        agenda.add(start + timedelta(seconds=delay), fired.append, delay)
    gone_by = 0
    for step in steps:
        timing.advance(step)
        gone_by += step
        assert fired == sorted(fired)
        assert sorted(fired) == sorted(delay for delay in delays if delay <= gone_by)


def test_entries_made_while_firing_are_kept() -> None:
    timing = ManualTiming()
    agenda = Agenda(timing)
    fired: list[str] = []

    def first() -> None:
        fired.append("first")
        agenda.add(timing.now() + timedelta(seconds=5), fired.append, "second")
        agenda.add(timing.now(), fired.append, "at once")

    agenda.add(timing.now() + timedelta(seconds=1), first)
    timing.advance(1)
    assert fired == ["first", "at once"]
    timing.advance(5)
    assert fired == ["first", "at once", "second"]


def test_a_closed_agenda_calls_nothing() -> None:
    timing = ManualTiming()
    agenda = Agenda(timing)
    fired: list[int] = []
    agenda.add(timing.now() + timedelta(seconds=1), fired.append, 1)
    agenda.close()
    timing.advance(10)
    assert fired == []
