"""The pace of requests: no second, wherever it begins, has more than its share."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.reach.limits import Pace


class _Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@given(
    st.sampled_from([0.5, 1.0, 7.5, 30.0, 120.0]),
    st.lists(st.sampled_from([0.0, 0.001, 0.1, 0.9, 3.0]), min_size=1, max_size=400),
)
def test_no_second_has_more_than_its_share(per_second: float, pauses: list[float]) -> None:
    clock = _Clock()
    pace = Pace(per_second, clock)  # type: ignore[arg-type]
    turns = []
    for pause in pauses:
        clock.seconds += pause
        turns.append(clock.seconds + pace.reserve())
    assert turns == sorted(turns)
    share, period = max(int(per_second), 1), max(1.0, 1 / per_second)
    assert all(later - earlier >= period - 1e-9 for earlier, later in zip(turns, turns[share:], strict=False))


def test_a_seconds_worth_may_pass_at_once() -> None:
    pace = Pace(30.0, _Clock())  # type: ignore[arg-type]
    assert [pace.reserve() for _ in range(30)] == [0.0] * 30
    assert pace.backlog == pace.reserve() == 1.0
