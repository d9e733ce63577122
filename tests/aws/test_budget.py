"""The pace of calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.aws.budget import Budget, Slot
from mvm_tui.model.clock import ManualClock


def spend(budget: Budget, clock: ManualClock, operation: str, calls: int, *, background: bool) -> float:
    """Seconds that so many calls take when each waits for its moment."""
    start = clock.monotonic()
    for _ in range(calls):
        clock.advance(budget.reserve(operation, background=background))
    return clock.monotonic() - start


@pytest.mark.parametrize(
    ("operation", "background", "rate"),
    [
        ("TerminateMicrovm", False, 8.0),
        ("SuspendMicrovm", False, 1.6),
        ("ResumeMicrovm", False, 4.0),
        ("RunMicrovm", False, 4.0),
        ("GetMicrovm", False, 80.0),
        ("GetMicrovm", True, 25.0),
        ("ListMicrovms", True, 4.0),
    ],
)
def test_published_rates(operation: str, background: bool, rate: float) -> None:
    clock = ManualClock()
    budget = Budget(clock)
    assert budget.rate(operation, background=background) == pytest.approx(rate)
    burst = spend(budget, clock, operation, 1, background=background)
    assert burst == 0
    spend(budget, clock, operation, 200, background=background)
    assert spend(budget, clock, operation, 100, background=background) == pytest.approx(100 / rate)


def test_an_applied_rate_takes_the_place_of_the_published_one() -> None:
    clock = ManualClock()
    budget = Budget(clock)
    spend(budget, clock, "RunMicrovm", 10, background=False)
    budget.learn("RunMicrovm", 1.0)
    spend(budget, clock, "RunMicrovm", 1, background=False)
    assert spend(budget, clock, "RunMicrovm", 8, background=False) == pytest.approx(10.0)
    budget.learn("RunMicrovm", 0.0)
    assert budget.rate("RunMicrovm", background=False) == pytest.approx(0.8)


def test_background_calls_without_a_published_rate_share_one() -> None:
    clock = ManualClock()
    budget = Budget(clock)
    spend(budget, clock, "ListMicrovms", 4, background=True)
    waits = [
        budget.reserve(operation, background=True)
        for operation in ("ListMicrovms", "GetMicrovmImageVersion", "ListMicrovmImages")
    ]
    assert waits == pytest.approx([0.25, 0.5, 0.75])
    assert budget.reserve("ListMicrovms", background=False) == 0


@given(st.lists(st.floats(min_value=0, max_value=2), min_size=1, max_size=80))
def test_no_window_holds_more_than_rate_and_burst(pauses: list[float]) -> None:
    clock = ManualClock()
    budget = Budget(clock)
    calls: list[float] = []
    for pause in pauses:
        clock.advance(pause)
        clock.advance(budget.reserve("ListMicrovms", background=True))
        calls.append(clock.monotonic())
    for index, start in enumerate(calls):
        for count, end in enumerate(calls[index:], start=1):
            assert count <= (end - start) * 4 + 4 + 1e-6


def test_a_slot_is_kept_until_it_is_used() -> None:
    clock = ManualClock()
    slot = Slot(Budget(clock), "SuspendMicrovm", background=False)
    assert slot.at(0.0) == 0.0
    assert slot.at(5.0) == 0.0
    slot.use()
    assert slot.at(clock.monotonic()) == pytest.approx(1 / 1.6)
    assert slot.at(100.0) == pytest.approx(1 / 1.6)
