"""Ways of working compared, and when suspending pays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mvm_tui.model.cost import HOUR, MICROSECOND, Snapshot, Usage
from mvm_tui.model.rates import shipped
from mvm_tui.model.whatif import (
    Work,
    compare,
    cycle_cost,
    payback_seconds,
    running_per_hour,
    saving_per_hour,
    suspended_per_hour,
)

EAST = shipped("us-east-1")


@pytest.mark.parametrize(
    ("memory", "gb", "seconds"), [(2048, "2", "305.7"), (1024, "1", "152.8"), (4096, "4", "611.4")]
)
def test_suspending_pays_back(memory: int, gb: str, seconds: str) -> None:
    found = payback_seconds(memory, Snapshot.of_gb(Decimal(gb)), EAST)
    assert found is not None
    # The baseline and the snapshot grow alike, and so does the time: 152.85 s for each GB of snapshot.
    assert abs(found - Decimal("305.695")) < Decimal("0.01")
    small = payback_seconds(memory, Snapshot.of_gb(Decimal(gb) / 2), EAST)
    assert small is not None
    assert abs(small - found / 2) < 1


def test_hourly_figures_and_what_is_not_priced() -> None:
    two = Snapshot.of_baseline(2048)
    assert running_per_hour(2048, EAST) == Decimal("0.12610008")
    assert suspended_per_hour(two, EAST) == Decimal("0.0002222222")
    assert saving_per_hour(2048, two, EAST) == Decimal("0.1258778578")
    assert cycle_cost(two, EAST) == Decimal("0.0106889674")
    frankfurt, spain = shipped("eu-central-1"), shipped("eu-south-2")
    assert payback_seconds(2048, two, frankfurt) is None
    assert saving_per_hour(2048, two, frankfurt) is None
    assert cycle_cost(two, frankfurt) is None
    assert running_per_hour(2048, spain) is None


def test_suspending_a_huge_snapshot_of_a_small_machine_may_never_pay() -> None:
    assert payback_seconds(512, Snapshot.of_gb(Decimal(400)), EAST) is None


def test_three_ways_to_do_the_same_work() -> None:
    work = Work(HOUR // 2, 3 * HOUR // 2, cycles=4, idle_after=15 * 60 * MICROSECOND)
    keep, suspend, relaunch = compare(work, 2048, Snapshot.of_baseline(2048), EAST)
    assert keep.usage == Usage(running=8 * HOUR, launches=1)
    assert suspend.usage == Usage(3 * HOUR, 5 * HOUR, 1, 4, 4)
    assert relaunch.usage == Usage(running=2 * HOUR, launches=4)
    assert keep.estimate.total > suspend.estimate.total > relaunch.estimate.total


def test_idle_time_shorter_than_the_policy_suspends_nothing() -> None:
    work = Work(HOUR, 5 * 60 * MICROSECOND, cycles=3, idle_after=15 * 60 * MICROSECOND)
    keep, suspend, _ = compare(work, 2048, Snapshot.of_baseline(2048), EAST)
    assert suspend.usage == keep.usage


def test_what_is_longer_than_a_life_takes_more_launches() -> None:
    keep, _, relaunch = compare(Work(10 * HOUR, 0, 2), 2048, Snapshot.of_baseline(2048), EAST)
    assert keep.usage.launches == 3
    assert relaunch.usage.launches == 4
