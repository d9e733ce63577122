"""What a way of working would cost, and what suspending saves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mvm_tui.model.cost import MICROSECOND, Snapshot, Usage, gigabytes, microvm_cost, vcpus
from mvm_tui.model.estimate import Estimate
from mvm_tui.model.idle import MAX_DURATION_SECONDS
from mvm_tui.model.rates import Rates

KEEP = "keep running"
SUSPEND = "suspend in between"
RELAUNCH = "terminate and relaunch"
_LIFETIME = MAX_DURATION_SECONDS * MICROSECOND


@dataclass(frozen=True, slots=True)
class Work:
    """Work that comes and goes: `cycles` times `active` and then `idle`, in microseconds.

    `idle_after` is the quiet time after which a MicroVM suspends itself; 0 suspends at once, by hand.
    """

    active: int
    idle: int
    cycles: int = 1
    idle_after: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do the work, what happens then, and what that costs."""

    name: str
    usage: Usage
    estimate: Estimate


def compare(work: Work, memory_mib: int, snapshot: Snapshot, rates: Rates) -> tuple[Way, Way, Way]:
    """Keep it running, suspend it in between, or terminate and relaunch it: in this order."""
    length = work.active + work.idle
    waits = min(work.idle, work.idle_after)
    suspends = work.cycles if work.idle > waits else 0
    # Suspended or not, a MicroVM ends eight hours after its launch.
    lives = max(-(-length * work.cycles // _LIFETIME), 1)
    usages = {
        KEEP: Usage(running=length * work.cycles, launches=lives),
        SUSPEND: Usage(
            running=(work.active + waits) * work.cycles,
            suspended=(work.idle - waits) * work.cycles,
            launches=lives,
            suspends=suspends,
            resumes=suspends,
        ),
        RELAUNCH: Usage(
            running=work.active * work.cycles,
            launches=work.cycles * max(-(-work.active // _LIFETIME), 1),
        ),
    }
    keep, suspend, relaunch = (
        Way(name, usage, microvm_cost(usage, memory_mib, snapshot, rates)) for name, usage in usages.items()
    )
    return keep, suspend, relaunch


def running_per_hour(memory_mib: int, rates: Rates) -> Decimal | None:
    """USD per hour of a baseline; None if its compute is not priced."""
    vcpu, gb = rates.vcpu_second.usd, rates.gb_second.usd
    if vcpu is None or gb is None:
        return None
    return (vcpus(memory_mib) * vcpu + gigabytes(memory_mib) * gb) * 3_600


def suspended_per_hour(snapshot: Snapshot, rates: Rates) -> Decimal | None:
    """USD per hour of keeping a snapshot; None if storage is not priced."""
    rate = rates.snapshot_storage_gb_hour.usd
    return None if rate is None else snapshot.gb * rate


def saving_per_hour(memory_mib: int, snapshot: Snapshot, rates: Rates) -> Decimal | None:
    """USD per hour that being suspended saves; None if that cannot be priced."""
    running, kept = running_per_hour(memory_mib, rates), suspended_per_hour(snapshot, rates)
    return None if running is None or kept is None else running - kept


def payback_seconds(memory_mib: int, snapshot: Snapshot, rates: Rates) -> Decimal | None:
    """How long it has to stay suspended to be worth the write and the read: 305.7 s for 2 GB at baseline.

    None if that cannot be priced, or if suspending never pays.
    """
    write, read = rates.snapshot_write_gb.usd, rates.snapshot_read_gb.usd
    saving = saving_per_hour(memory_mib, snapshot, rates)
    if write is None or read is None or saving is None or saving <= 0:
        return None
    return (write + read) * snapshot.gb * 3_600 / saving


def cycle_cost(snapshot: Snapshot, rates: Rates) -> Decimal | None:
    """USD of one suspend and one resume."""
    write, read = rates.snapshot_write_gb.usd, rates.snapshot_read_gb.usd
    return None if write is None or read is None else (write + read) * snapshot.gb
