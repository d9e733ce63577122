"""What a MicroVM will cost from now on, in the ways its life may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mvm_tui.model.cost import MICROSECOND
from mvm_tui.model.estimate import ZERO
from mvm_tui.model.microvm import SUSPENDED, Microvm
from mvm_tui.model.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Outlook:
    """More USD from now on; None where the end, the policy or a rate that is needed is not known.

    Attributes:
        to_end: Until the hard end, staying as it is.
        if_idle: Until its end without any traffic from now on: it suspends itself and is terminated in time.
        suspends_in: Seconds until it suspends itself without traffic; None if it does not.
    """

    to_end: Decimal | None
    if_idle: Decimal | None
    suspends_in: int | None


def outlook(vm: Microvm, found: Tariff, now: datetime) -> Outlook:
    """Both projections of a MicroVM that lives."""
    left = None if vm.ends_at is None else max((vm.ends_at - now) // timedelta(microseconds=1), 0)
    if left is None or vm.ended:
        return Outlook(None, None, None)
    if vm.state == SUSPENDED:
        return Outlook(found.suspended * left if found.stays_priced else None, None, None)
    if not found.runs_priced:
        return Outlook(None, None, None)
    to_end = found.running * left
    policy = vm.details.idle_policy if vm.details else None
    if policy is None:
        return Outlook(to_end, None, None)
    runs = min(policy.max_idle_seconds * MICROSECOND, left)
    stays = min(policy.suspended_seconds * MICROSECOND, left - runs)
    if stays and (not found.stays_priced or found.rates.snapshot_write_gb.usd is None):
        return Outlook(to_end, None, None)
    writes = found.write if stays else ZERO
    if_idle = found.running * runs + writes + found.suspended * stays
    return Outlook(to_end, if_idle, policy.max_idle_seconds if policy.suspended_seconds else None)
