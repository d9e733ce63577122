"""The billing rules: from what a MicroVM or an image version did to what that costs.

Sources: the AWS Lambda pricing page and Developer Guide (November 2026), a bill of 15 September 2026
published by the author of rayito, measurements by the authors of microvms-agentd. docs/cost.md explains
each rule. Time is in microseconds as int and memory in GB as Decimal, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mvm_tui.model.estimate import Assumption, Charge, Estimate, priced
from mvm_tui.model.idle import MAX_DURATION_SECONDS
from mvm_tui.model.rates import DERIVED, PRICE_LIST, Rates
from mvm_tui.model.size import MIB_PER_GB, PEAK_FACTOR

MICROSECOND = 1_000_000
HOUR = 3_600 * MICROSECOND
WEEK = 168 * HOUR
_BINARY_GB = Decimal(2**30)
_DECIMAL_GB = Decimal(10**9)

GB_IS_BINARY = Assumption(
    "gb-is-2^30",
    "Bytes become GB by 2^30. The unit is not published: 10^9 makes 7.4 % more: that is in high.",
)
SNAPSHOT_IS_BASELINE = Assumption(
    "snapshot-is-baseline",
    "The size of the memory snapshot is not known: the baseline memory is taken. Measured ones were smaller.",
)
SNAPSHOT_OF_BUILD = Assumption(
    "snapshot-of-build",
    "A suspend is taken to write the build's memory snapshot; measured were 0.95 to 1.0 of it.",
)
DISK_ON_SUSPEND = Assumption(
    "disk-on-suspend",
    "Whether the disk snapshot is charged with the memory snapshot is not published: with it is in high.",
)
WEEK_ON_SUSPEND = Assumption(
    "week-minimum-on-suspend",
    "Whether the one-week minimum of storage covers a suspended MicroVM's snapshot is not published: "
    "without it is the total, with it is in high.",
)
BUILDS_ARE_SUMMED = Assumption(
    "builds-are-summed",
    "An image version has a snapshot for each processor generation; that all are stored is the total, "
    "only the largest is in low.",
)
BURST_IS_UNSEEN = Assumption(
    "burst-not-included",
    "Use above the baseline is billed and cannot be seen from outside; burst_ceiling_usd is the peak "
    "for all the time it ran.",
)
NOT_INCLUDED = Assumption("not-included", "Data transfer and the compute of image builds are not included.")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How much a suspend writes, a resume or launch reads, and storage keeps. In GB.

    Attributes:
        gb: What the estimate takes.
        high_gb: The most it may be: the other unit, and the disk snapshot with it.
        assumptions: What was assumed for it.
    """

    gb: Decimal
    high_gb: Decimal
    assumptions: tuple[Assumption, ...] = ()

    @staticmethod
    def of_gb(gb: Decimal) -> Snapshot:
        """A size that is given."""
        return Snapshot(gb, gb)

    @staticmethod
    def of_baseline(memory_mib: int) -> Snapshot:
        """The baseline memory, for want of better."""
        gb = gigabytes(memory_mib)
        return Snapshot(gb, gb, (SNAPSHOT_IS_BASELINE,))

    @staticmethod
    def of_build(memory_bytes: int, disk_bytes: int = 0) -> Snapshot:
        """`memorySnapshotSizeInBytes` and `diskSnapshotSizeInBytes` of an image build."""
        return Snapshot(
            memory_bytes / _BINARY_GB,
            (memory_bytes + disk_bytes) / _DECIMAL_GB,
            (SNAPSHOT_OF_BUILD, GB_IS_BINARY, *((DISK_ON_SUSPEND,) if disk_bytes else ())),
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What a MicroVM did. Adding two gives what both did, whichever way the time was cut."""

    running: int = 0
    suspended: int = 0
    launches: int = 0
    suspends: int = 0
    resumes: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.running + other.running,
            self.suspended + other.suspended,
            self.launches + other.launches,
            self.suspends + other.suspends,
            self.resumes + other.resumes,
        )


@dataclass(frozen=True, slots=True)
class Burst:
    """Use above the baseline: vCPU and GB for a time."""

    vcpu: Decimal
    gb: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Snapshots of one image version, in GB: what the estimate takes and the range it lies in."""

    gb: Decimal
    low_gb: Decimal
    high_gb: Decimal
    assumptions: tuple[Assumption, ...] = ()

    @staticmethod
    def of_gb(gb: Decimal) -> Stored:
        return Stored(gb, gb, gb)

    @staticmethod
    def of_builds(snapshots: list[tuple[int, int]]) -> Stored:
        """(memory bytes, disk bytes) of each build of the version."""
        sums = [memory + disk for memory, disk in snapshots]
        several = (BUILDS_ARE_SUMMED,) if len(sums) > 1 else ()
        return Stored(
            sum(sums) / _BINARY_GB,
            max(sums, default=0) / _BINARY_GB,
            sum(sums) / _DECIMAL_GB,
            (GB_IS_BINARY, *several),
        )


def gigabytes(memory_mib: int) -> Decimal:
    """GB of a baseline in MiB, exactly."""
    return Decimal(memory_mib) / MIB_PER_GB


def vcpus(memory_mib: int) -> Decimal:
    """Baseline vCPUs of a baseline in MiB: half a vCPU per GB."""
    return gigabytes(memory_mib) / 2


def microvm_cost(
    usage: Usage, memory_mib: int, snapshot: Snapshot, rates: Rates, burst: Burst | None = None
) -> Estimate:
    """What a MicroVM of this baseline costs for what it did. No amount is negative."""
    charges = [*_compute(usage, memory_mib, rates)]
    if burst is not None:
        charges += _burst(burst, rates)
    charges += _moves(usage, snapshot, rates)
    charges.append(_kept(usage, snapshot, rates))
    return priced(charges, _microvm_assumptions(usage, snapshot))


def image_cost(stored: Stored, kept: int, versions: int, rates: Rates) -> Estimate:
    """Storage of `versions` image versions of one size, each kept for `kept` microseconds.

    A version costs a week at least, whether it can be launched or not.
    """
    hours = Decimal(max(kept, WEEK)) / HOUR * versions
    quantity, low, high = (gb * hours for gb in (stored.gb, stored.low_gb, stored.high_gb))
    rate = rates.snapshot_storage_gb_hour
    charge = Charge("image_storage", "GB-hour", rate, quantity, low, high)
    return priced([charge], (*stored.assumptions, NOT_INCLUDED))


def rate_assumptions(rates: Rates, today: date) -> tuple[Assumption, ...]:
    """What is to be said of the rates themselves."""
    found = []
    if rates.is_old(today):
        text = f"The rates are of {rates.oldest.isoformat()}, more than 90 days ago: prices may have changed."
        found.append(Assumption("rates-are-old", text))
    derived = [name for name, rate in rates.by_name().items() if rate.confidence == DERIVED]
    if derived:
        text = f"Derived and not read from the {PRICE_LIST}: {', '.join(derived)}."
        found.append(Assumption("rates-are-derived", text))
    return tuple(found)


def lifetime_assumptions(usage: Usage) -> tuple[Assumption, ...]:
    """A note on time that no single MicroVM can live."""
    lived = usage.running + usage.suspended
    if lived <= MAX_DURATION_SECONDS * MICROSECOND * max(usage.launches, 1):
        return ()
    text = "A MicroVM ends 8 hours after its launch, suspended or not: this takes several launches."
    return (Assumption("beyond-8h", text),)


def _compute(usage: Usage, memory_mib: int, rates: Rates) -> Iterator[Charge]:
    """The baseline is charged every second, idle or not."""
    seconds = Decimal(usage.running) / MICROSECOND
    for item, unit, rate, amount in (
        ("running_vcpu", "vCPU-second", rates.vcpu_second, vcpus(memory_mib)),
        ("running_memory", "GB-second", rates.gb_second, gigabytes(memory_mib)),
    ):
        quantity = amount * seconds
        yield Charge(item, unit, rate, quantity, quantity, quantity, PEAK_FACTOR)


def _burst(burst: Burst, rates: Rates) -> Iterator[Charge]:
    """Use above the baseline has the same unit rates. At peak it is part of what the factor covers."""
    seconds = Decimal(burst.time) / MICROSECOND
    for item, unit, rate, amount in (
        ("burst_vcpu", "vCPU-second", rates.vcpu_second, burst.vcpu),
        ("burst_memory", "GB-second", rates.gb_second, burst.gb),
    ):
        quantity = amount * seconds
        yield Charge(item, unit, rate, quantity, quantity, quantity, 0)


def _moves(usage: Usage, snapshot: Snapshot, rates: Rates) -> Iterator[Charge]:
    """A launch and a resume read the snapshot, a suspend writes it."""
    for item, rate, times in (
        ("launch_read", rates.snapshot_read_gb, usage.launches),
        ("suspend_write", rates.snapshot_write_gb, usage.suspends),
        ("resume_read", rates.snapshot_read_gb, usage.resumes),
    ):
        quantity = snapshot.gb * times
        yield Charge(item, "GB", rate, quantity, quantity, snapshot.high_gb * times)


def _kept(usage: Usage, snapshot: Snapshot, rates: Rates) -> Charge:
    """While suspended the snapshot is stored. The most is a week for each, however the time is shared."""
    stays = max(usage.suspends, 1 if usage.suspended else 0)
    most = (stays - 1) * WEEK + max(usage.suspended, WEEK) if stays else 0
    quantity = snapshot.gb * usage.suspended / HOUR
    rate = rates.snapshot_storage_gb_hour
    return Charge("suspended_storage", "GB-hour", rate, quantity, quantity, snapshot.high_gb * most / HOUR)


def _microvm_assumptions(usage: Usage, snapshot: Snapshot) -> Iterator[Assumption]:
    if usage.launches or usage.suspends or usage.resumes or usage.suspended:
        yield from snapshot.assumptions
    if usage.suspends or usage.suspended:
        yield WEEK_ON_SUSPEND
    if usage.running:
        yield BURST_IS_UNSEEN
    yield NOT_INCLUDED
