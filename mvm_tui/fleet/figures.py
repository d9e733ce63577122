"""What the bookkeeper hands out: one look at what the fleet costs, made in its thread, read in any."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mvm_tui.fleet.spend import FleetCost, Projection, VmCost
from mvm_tui.fleet.storage import VersionCost
from mvm_tui.model.errors import Problem
from mvm_tui.model.rates import Rates


@dataclass(frozen=True, slots=True)
class Details:
    """What is worked out only while somebody looks at the costs.

    Attributes:
        dearest: Ids and costs of what cost most so far, dearest first.
        forgotten: Of what runs for long and will not suspend by itself.
        hours: USD of each of the last 24 hours, the present one last.
        month: The month's end as a range; None until the storage of images is known.
        versions: Image versions with what storing them costs; None until they are read.
        problem: Why they could not be read; None if they could.
        unread: How many versions have snapshots whose size is still being read.
        rates: The rates in use, by architecture.
    """

    dearest: tuple[tuple[str, VmCost], ...]
    forgotten: tuple[tuple[str, VmCost], ...]
    hours: tuple[Decimal, ...]
    month: Projection | None
    versions: tuple[VersionCost, ...] | None
    problem: Problem | None
    unread: int
    rates: tuple[Rates, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole fleet now; `details` only while somebody wants them."""

    cost: FleetCost
    details: Details | None = None
