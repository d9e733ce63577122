"""What a launch will cost, and whether that passes the budget of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from mvm_tui.model.cost import MICROSECOND, Usage
from mvm_tui.model.durations import plain_duration
from mvm_tui.model.idle import MAX_DURATION_SECONDS, IdlePolicy
from mvm_tui.model.money import dollars
from mvm_tui.model.tariff import Tariff
from mvm_tui.tui.costs import day_left

if TYPE_CHECKING:
    from mvm_tui.fleet.figures import Figures


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

    def question(self, figures: Figures | None, budget: Decimal | None, now: datetime) -> str:
        """What to ask before a launch that would pass the budget; empty where it would not."""
        if figures is None or not budget:
            return ""
        coming = figures.cost.today + figures.cost.per_hour * day_left(now)
        with_it = coming + self.today(now)
        if with_it <= budget:
            return ""
        spent, most = dollars(figures.cost.today), dollars(budget)
        return (
            f"Launch past the budget? {spent} of {most} is spent today, and with this one it will be "
            f"{dollars(with_it)} by midnight UTC if all goes on running."
        )
