"""A tariff is the rules in short: the same totals as the lines give."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.cost import HOUR, Snapshot, Usage, microvm_cost
from mvm_tui.model.rates import ARCHITECTURES, Rates, regions, shipped
from mvm_tui.model.tariff import tariff

lives = st.integers(0, 8 * HOUR)
counts = st.integers(0, 20)
usages = st.builds(Usage, lives, lives, counts, counts, counts)
memories = st.sampled_from([512, 1024, 2048, 4096, 8192])
tables = st.builds(shipped, st.sampled_from(regions()), st.sampled_from(ARCHITECTURES))
snapshots = st.one_of(
    st.builds(Snapshot.of_baseline, memories),
    st.builds(Snapshot.of_build, st.integers(0, 2**34), st.integers(0, 2**34)),
)


@given(usages, memories, snapshots, tables)
def test_totals_and_highs_are_those_of_the_lines(
    usage: Usage, memory: int, snapshot: Snapshot, rates: Rates
) -> None:
    lines, short = microvm_cost(usage, memory, snapshot, rates), tariff(memory, snapshot, rates)
    assert abs(lines.total - short.price(usage)) < Decimal("1e-15")
    assert abs(lines.high - short.high(usage)) < Decimal("1e-15")
    assert not (short.complete and lines.unpriced)


def test_hourly_factors() -> None:
    found = tariff(2048, Snapshot.of_baseline(2048), shipped("us-east-1"))
    assert abs(found.running_per_hour - Decimal("0.12610008")) < Decimal("1e-20")
    assert abs(found.suspended_per_hour - Decimal("0.0002222222")) < Decimal("1e-20")
    assert found.complete
    assert not tariff(2048, Snapshot.of_baseline(2048), shipped("eu-south-2")).complete
