"""What a launch will cost, and whether that passes the budget of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mvm_tui.fleet.spend import FleetCost, by_midnight, day_left
from mvm_tui.model.cost import MICROSECOND, Usage
from mvm_tui.model.durations import plain_duration
from mvm_tui.model.idle import MAX_DURATION_SECONDS, IdlePolicy
from mvm_tui.model.money import dollars
from mvm_tui.model.tariff import Tariff


@dataclass(frozen=True, slots=True)
class LaunchPrice:
    """A launch of this tariff with its policy; `maximum` in seconds, None for the service's own."""

    tariff: Tariff
    policy: IdlePolicy | None = None
    maximum: int | None = None

    @property
    def _longest(self) -> int:
        return MAX_DURATION_SECONDS if self.maximum is None else self.maximum

    @property
    def at_most(self) -> Decimal:
        """USD if it runs until its hard end."""
        return self.tariff.price(Usage(running=self._longest * MICROSECOND, launches=1))

    @property
    def if_idle(self) -> Decimal | None:
        """USD if no traffic ever comes; None without an idle policy."""
        if self.policy is None:
            return None
        runs = min(self.policy.max_idle_seconds, self._longest)
        stays = min(self.policy.suspended_seconds, self._longest - runs)
        usage = Usage(runs * MICROSECOND, stays * MICROSECOND, 1, 1 if stays else 0)
        return self.tariff.price(usage)

    def words(self) -> str:
        """``$0.126/h, $0.0031 for the launch, $1.01 in its 8h, $0.046 without traffic``."""
        if not self.tariff.runs_priced:
            rates = self.tariff.rates
            return f"What it costs is not known: no rates are for {rates.arch} in {rates.region}."
        least = "" if self.tariff.complete else "at least "
        parts = [
            f"{least}{dollars(self.tariff.running_per_hour)}/h",
            f"{dollars(self.tariff.read)} for the launch",
            f"{dollars(self.at_most)} if it runs for its {plain_duration(self._longest)}",
        ]
        if self.if_idle is not None:
            parts.append(f"{dollars(self.if_idle)} without any traffic")
        return f"Costs {', '.join(parts)}."

    def today(self, now: datetime) -> Decimal:
        """USD until midnight UTC if it runs until then."""
        hours = min(day_left(now), Decimal(self._longest) / 3_600)
        return self.tariff.read + self.tariff.running_per_hour * hours


def over_budget(
    cost: FleetCost | None, price: LaunchPrice | None, budget: Decimal | None, now: datetime, why: str = ""
) -> str:
    """What to ask before a launch that would pass the budget of the day; empty where it would not.

    Where that cannot be told, because today's spend (`cost`; `why` says why not) or the price of the launch
    is not known, it is asked as well: what is unknown is not nothing.
    """
    if not budget:
        return ""
    if cost is None:
        unknown = why or "What was spent today is not known yet."
        return f"{unknown} Whether this passes the budget of {dollars(budget)} a day is not known. Launch?"
    spent, coming = dollars(cost.today), by_midnight(cost, now)
    if price is None or not price.tariff.runs_priced:
        return (
            f"What this costs is not known. {spent} of {dollars(budget)} is spent today, and it will be "
            f"{dollars(coming)} by midnight UTC without this one, if all goes on running. Launch?"
        )
    with_it = coming + price.today(now)
    if with_it <= budget:
        return ""
    return (
        f"Launch past the budget? {spent} of {dollars(budget)} is spent today, and with this one it will be "
        f"{dollars(with_it)} by midnight UTC if all goes on running."
    )
