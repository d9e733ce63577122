"""The billing rules of one kind of MicroVM as a few factors: for thousands of amounts at once.

A tariff gives the same totals as `mvm_tui.model.cost.microvm_cost`, without lines. What has no rate counts
nothing and `complete` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mvm_tui.model.cost import HOUR, MICROSECOND, WEEK, Snapshot, Usage, gigabytes, vcpus
from mvm_tui.model.estimate import ZERO
from mvm_tui.model.rates import Rates


@dataclass(frozen=True, slots=True)
class Tariff:
    """USD for a microsecond of running and of being suspended, for a read and for a write.

    Attributes:
        high_read, high_write, high_stay: What a read, a write and a stay of any length up to a week cost at
            most by rules that are not published.
        complete: Whether every rate is known.
    """

    memory_mib: int
    snapshot: Snapshot
    rates: Rates
    running: Decimal
    suspended: Decimal
    read: Decimal
    write: Decimal
    high_read: Decimal
    high_write: Decimal
    high_stay: Decimal
    complete: bool

    @property
    def runs_priced(self) -> bool:
        """Whether what running costs has its rates."""
        return self.rates.vcpu_second.usd is not None and self.rates.gb_second.usd is not None

    @property
    def stays_priced(self) -> bool:
        """Whether what being suspended costs has its rate."""
        return self.rates.snapshot_storage_gb_hour.usd is not None

    @property
    def running_per_hour(self) -> Decimal:
        """USD per hour while it runs."""
        return self.running * HOUR

    @property
    def suspended_per_hour(self) -> Decimal:
        """USD per hour while it is suspended."""
        return self.suspended * HOUR

    def price(self, usage: Usage) -> Decimal:
        """What this usage costs."""
        return (
            self.running * usage.running
            + self.suspended * usage.suspended
            + self.read * (usage.launches + usage.resumes)
            + self.write * usage.suspends
        )

    def high(self, usage: Usage) -> Decimal:
        """What it costs at most by rules that are not published."""
        stays = max(usage.suspends, 1 if usage.suspended else 0)
        return (
            self.running * usage.running
            + self.high_read * (usage.launches + usage.resumes)
            + self.high_write * usage.suspends
            + self.high_stay * stays
        )


def tariff(memory_mib: int, snapshot: Snapshot, rates: Rates) -> Tariff:
    """The factors of a baseline with its snapshot at these rates."""
    vcpu, gb, read, write, storage = (
        ZERO if rate.usd is None else rate.usd for rate in rates.by_name().values()
    )
    return Tariff(
        memory_mib,
        snapshot,
        rates,
        (vcpus(memory_mib) * vcpu + gigabytes(memory_mib) * gb) / MICROSECOND,
        snapshot.gb * storage / HOUR,
        snapshot.gb * read,
        snapshot.gb * write,
        snapshot.high_gb * read,
        snapshot.high_gb * write,
        snapshot.high_gb * storage / HOUR * WEEK,
        all(rate.usd is not None for rate in rates.by_name().values()),
    )
