"""Which MicroVM is read by itself next, and how soon again after a failure."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mvm_tui.fleet.closeups import Closeups
from mvm_tui.fleet.store import Store
from mvm_tui.model.backoff import BackOff, jittered
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.errors import Denied, GatewayFault, Throttled
from tests.fleet.rows import detailed, vm


@pytest.fixture
def store() -> Store:
    store = Store(ManualClock())
    store.apply_page([*(vm(number) for number in range(1, 5)), vm(9, "PENDING")], store.ticket())
    return store


def taken(closeups: Closeups, now: float = 0.0) -> list[str]:
    """Everything that is due now, in order."""
    found = []
    while (key := closeups.take(now)) is not None:
        found.append(key[-1])
    return found


def test_the_order_of_urgency(store: Store) -> None:
    closeups = Closeups(store)
    closeups.want([vm(3).id, vm(4).id], on_screen=False)
    closeups.confirm([vm(7).id])
    closeups.want([vm(1).id, vm(3).id], on_screen=True)
    closeups.watch([vm(2).id], 0.0)
    assert closeups.due_at() == 0.0
    assert taken(closeups) == ["2", "1", "3", "7", "3", "4"]
    assert closeups.progress() == (2, 2)


def test_nothing_to_do(store: Store) -> None:
    closeups = Closeups(store)
    assert closeups.due_at() is None
    assert closeups.take(0.0) is None
    assert closeups.progress() == (0, 0)


def test_known_details_are_not_read_again(store: Store) -> None:
    closeups = Closeups(store)
    store.apply(detailed(1), store.ticket())
    closeups.want([vm(1).id, vm(2).id, "unknown"], on_screen=True)
    assert taken(closeups) == ["2"]
    closeups.put_back(vm(2).id)
    assert taken(closeups) == ["2"]


def test_transitions_are_followed_often_at_first_and_then_less(store: Store) -> None:
    closeups = Closeups(store)
    closeups.follow(store.take_changes().moved, 0.0)
    times, now = [], 0.0
    while now < 300:
        due = closeups.due_at()
        assert due is not None
        now = due
        assert closeups.take(now) == vm(9).id
        times.append(now)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert max(pauses[:10]) < 0.7
    assert min(pauses[-10:]) > 3.5
    store.apply_page([vm(9, "RUNNING")], store.ticket())
    assert closeups.take(now + 10) == vm(9).id
    assert closeups.due_at() is None


def test_the_watched_are_followed_for_a_while_whatever_they_show(store: Store) -> None:
    closeups = Closeups(store)
    closeups.watch([vm(1).id, "unknown"], 0.0)
    assert set(taken(closeups)) == {"1", "n"}
    due = closeups.due_at()
    assert due is not None
    assert 0.3 < due < 0.7
    assert taken(closeups, 60.0) == ["1"]
    assert closeups.due_at() is None


def test_the_busy_are_left_alone(store: Store) -> None:
    closeups = Closeups(store)
    closeups.set_busy([vm(1).id], True)
    closeups.watch([vm(1).id], 0.0)
    closeups.want([vm(1).id], on_screen=True)
    assert taken(closeups) == []
    closeups.set_busy([vm(1).id], False)
    assert taken(closeups, 5.0) == ["1"]


def test_only_so_many_transitions_are_followed() -> None:
    store = Store(ManualClock())
    store.apply_page([vm(number, "PENDING") for number in range(500)], store.ticket())
    closeups = Closeups(store)
    closeups.follow(store.take_changes().moved, 0.0)
    assert len(taken(closeups, 1.0)) == 50


def test_back_off_grows_has_an_end_and_passes() -> None:
    back_off = BackOff()
    waits = []
    for _ in range(10):
        back_off.failed(GatewayFault("x"), 100.0)
        waits.append(back_off.until - 100.0)
    assert 0.8 <= waits[0] <= 1.2
    assert 48 <= waits[-1] <= 72
    back_off.succeeded()
    assert back_off.until == 0.0
    assert back_off.problem is None


def test_back_off_heeds_the_service_and_the_user() -> None:
    back_off = BackOff()
    back_off.failed(Throttled("x", retry_after=45.0), 0.0)
    assert back_off.until == 45.0
    back_off.failed(Denied("x"), 0.0)
    assert 24 <= back_off.until <= 36


def test_jitter_spreads() -> None:
    spread = {jittered(10) for _ in range(50)}
    assert len(spread) > 10
    assert all(8 <= one <= 12 for one in spread)
