"""The billing rules: figures to the last digit, and what holds for all amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.cost import (
    HOUR,
    MICROSECOND,
    NOT_INCLUDED,
    Burst,
    Snapshot,
    Stored,
    Usage,
    image_cost,
    lifetime_assumptions,
    microvm_cost,
    rate_assumptions,
)
from mvm_tui.model.estimate import Estimate, merged
from mvm_tui.model.money import exact
from mvm_tui.model.rates import ARCHITECTURES, Rates, regions, shipped
from mvm_tui.model.size import SIZES

EAST = shipped("us-east-1")
TWO_GB = Snapshot.of_baseline(2048)


def ids(estimate: Estimate) -> set[str]:
    return {one.id for one in estimate.assumptions}


@pytest.mark.parametrize(
    ("usage", "memory", "snapshot", "total"),
    [
        (Usage(running=HOUR), 2048, TWO_GB, "0.12610008"),
        (Usage(running=8 * HOUR), 8192, Snapshot.of_baseline(8192), "4.03520256"),
        (Usage(suspends=1, resumes=1), 2048, Snapshot.of_gb(Decimal("0.61")), "0.003260135057"),
        (Usage(HOUR // 2, 8 * HOUR, 1, 1, 1), 2048, TWO_GB, "0.0786103248"),
    ],
)
def test_figures_to_the_last_digit(usage: Usage, memory: int, snapshot: Snapshot, total: str) -> None:
    assert exact(microvm_cost(usage, memory, snapshot, EAST).total) == total


def test_high_holds_the_week_minimum_of_suspended_snapshots() -> None:
    estimate = microvm_cost(Usage(HOUR // 2, 8 * HOUR, 1, 1, 1), 2048, TWO_GB, EAST)
    assert exact(estimate.high) == "0.1141658768"
    assert estimate.low == estimate.total
    assert {"week-minimum-on-suspend", "snapshot-is-baseline", "not-included"} <= ids(estimate)


def test_ten_image_versions_deleted_after_a_minute_cost_a_week_each() -> None:
    estimate = image_cost(Stored.of_gb(Decimal(2)), 60 * MICROSECOND, 10, EAST)
    assert exact(estimate.total) == "0.373333296"
    assert estimate.low == estimate.high == estimate.total
    assert NOT_INCLUDED in estimate.assumptions


def test_a_version_kept_longer_than_a_week_costs_its_time() -> None:
    month = image_cost(Stored.of_gb(Decimal(2)), 720 * HOUR, 1, EAST)
    assert exact(month.total) == "0.159999984"


def test_the_hourly_table_of_all_sizes() -> None:
    shown = [
        f"{microvm_cost(Usage(running=HOUR), size.memory_mib, TWO_GB, EAST).total:.4f}" for size in SIZES
    ]
    assert shown == ["0.0315", "0.0631", "0.1261", "0.2522", "0.5044"]


def test_a_burst_has_the_same_rates_and_stays_out_of_the_range() -> None:
    usage = Usage(running=HOUR)
    burst = Burst(Decimal(3), Decimal(6), HOUR // 4)
    plain, bursting = (microvm_cost(usage, 2048, TWO_GB, EAST, used) for used in (None, burst))
    assert bursting.total - plain.total == Decimal("0.0945750600")
    assert bursting.high == bursting.total
    assert bursting.burst_ceiling == plain.burst_ceiling == 4 * plain.total


def test_bytes_are_binary_gigabytes_and_the_other_unit_and_the_disk_are_in_high() -> None:
    snapshot = Snapshot.of_build(609_087_488, 25_600_000)
    assert snapshot.gb == Decimal(609_087_488) / 2**30
    assert snapshot.high_gb == Decimal("0.634687488")
    estimate = microvm_cost(Usage(suspends=1, resumes=1), 2048, snapshot, EAST)
    assert estimate.low == estimate.total < estimate.high
    assert {"gb-is-2^30", "disk-on-suspend", "snapshot-of-build"} <= ids(estimate)


def test_an_image_version_sums_its_builds_and_the_largest_alone_is_low() -> None:
    stored = Stored.of_builds([(2**30, 0), (2**30, 2**29)])
    assert (stored.gb, stored.low_gb) == (Decimal("2.5"), Decimal("1.5"))
    assert stored.high_gb > stored.gb
    assert Stored.of_builds([]).gb == 0


def test_what_has_no_rate_is_unpriced_and_the_total_at_least() -> None:
    estimate = microvm_cost(Usage(HOUR, HOUR, 1, 1, 1), 2048, TWO_GB, shipped("eu-central-1"))
    assert estimate.at_least
    assert {one.item for one in estimate.unpriced} == {
        "launch_read",
        "suspend_write",
        "resume_read",
        "suspended_storage",
    }
    assert all(one.reason for one in estimate.unpriced)
    assert [line.usd is None for line in estimate.lines] == [False, False, True, True, True, True]
    nothing = microvm_cost(Usage(running=HOUR), 2048, TWO_GB, shipped("eu-south-2"))
    assert nothing.total == 0
    assert nothing.burst_ceiling is None


def test_time_that_no_microvm_lives_is_noted() -> None:
    assert lifetime_assumptions(Usage(running=8 * HOUR)) == ()
    assert lifetime_assumptions(Usage(running=4 * HOUR, suspended=5 * HOUR))[0].id == "beyond-8h"
    assert lifetime_assumptions(Usage(running=9 * HOUR, launches=2)) == ()


def test_old_and_derived_rates_are_named() -> None:
    assert rate_assumptions(EAST, date(2026, 11, 25)) == ()
    old = rate_assumptions(shipped("eu-west-1"), date(2027, 1, 1))
    assert [one.id for one in old] == ["rates-are-old", "rates-are-derived"]
    assert "gb_second" in old[1].text


moments = st.integers(0, 30 * 24 * HOUR)
counts = st.integers(0, 50)
usages = st.builds(Usage, moments, moments, counts, counts, counts)
memories = st.sampled_from([512, 700, 1024, 2048, 4096, 8192, 12288])
tables = st.builds(shipped, st.sampled_from(regions()), st.sampled_from(ARCHITECTURES))
snapshots = st.one_of(
    st.builds(Snapshot.of_gb, st.decimals(0, 40, places=3)),
    st.builds(Snapshot.of_baseline, memories),
    st.builds(Snapshot.of_build, st.integers(0, 2**36), st.integers(0, 2**36)),
)


@given(usages, memories, snapshots, tables)
def test_no_line_is_negative_and_low_total_high_are_in_order(
    usage: Usage, memory: int, snapshot: Snapshot, rates: Rates
) -> None:
    estimate = microvm_cost(usage, memory, snapshot, rates)
    assert all(line.quantity >= 0 and (line.usd is None or line.usd >= 0) for line in estimate.lines)
    assert 0 <= estimate.low <= estimate.total <= estimate.high
    assert estimate.burst_ceiling is None or estimate.burst_ceiling >= estimate.total


@given(usages, st.data(), memories, snapshots)
def test_splitting_never_changes_a_sum(
    usage: Usage, data: st.DataObject, memory: int, snapshot: Snapshot
) -> None:
    first = Usage(
        *(
            data.draw(st.integers(0, amount))
            for amount in (usage.running, usage.suspended, usage.launches, usage.suspends, usage.resumes)
        )
    )
    rest = Usage(
        usage.running - first.running,
        usage.suspended - first.suspended,
        usage.launches - first.launches,
        usage.suspends - first.suspends,
        usage.resumes - first.resumes,
    )
    whole = microvm_cost(usage, memory, snapshot, EAST)
    assert microvm_cost(first + rest, memory, snapshot, EAST) == whole
    parts = merged(microvm_cost(part, memory, snapshot, EAST) for part in (first, rest))
    assert abs(parts.total - whole.total) < Decimal("1e-20")


@given(usages, moments, moments, memories, snapshots, tables)
def test_estimates_grow_with_time(
    usage: Usage, running: int, suspended: int, memory: int, snapshot: Snapshot, rates: Rates
) -> None:
    before = microvm_cost(usage, memory, snapshot, rates)
    later = usage + Usage(running=running, suspended=suspended)
    after = microvm_cost(later, memory, snapshot, rates)
    assert after.total >= before.total
    assert after.high >= before.high
    assert after.low >= before.low


@given(st.lists(st.tuples(st.integers(0, 2**36), st.integers(0, 2**36)), max_size=4), moments, counts)
def test_images_keep_the_order_and_grow(builds: list[tuple[int, int]], kept: int, versions: int) -> None:
    stored = Stored.of_builds(builds)
    estimate = image_cost(stored, kept, versions, EAST)
    assert 0 <= estimate.low <= estimate.total <= estimate.high
    assert image_cost(stored, kept + HOUR, versions, EAST).total >= estimate.total
