"""What the screens say of money: lines of the fact sheet, the burn in the header, the budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content

from mvm_tui.fleet.spend import by_midnight
from mvm_tui.model.durations import short_duration
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import RUNNING
from mvm_tui.model.money import dollars
from mvm_tui.model.outlook import outlook
from mvm_tui.model.tariff import Tariff
from mvm_tui.model.whatif import payback_seconds, saving_per_hour

if TYPE_CHECKING:
    from mvm_tui.fleet.figures import Figures
    from mvm_tui.fleet.spend import VmCost
    from mvm_tui.model.estimate import Estimate
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.words import Fact

# Items of an estimate as a user calls them; vCPU and memory are one.
_WORDS = {
    "running_vcpu": "running",
    "running_memory": "running",
    "launch_read": "launch",
    "suspend_write": "suspends",
    "resume_read": "resumes",
    "suspended_storage": "suspended",
}
# Of the budget for a day: from here on the header warns.
NEARLY_SPENT = Decimal("0.8")


def cost_facts(desk: Desk, row: FleetRow) -> list[Fact]:
    """What a MicroVM costs, has cost and will cost; nothing while that is not known."""
    fleet = desk.fleet
    cost = desk.cost_of(row.id)
    found = fleet.spend.tariff((row.vm.image_arn, row.vm.image_version)) if fleet else None
    if cost is None or found is None:
        return []
    estimate = fleet.spend.estimate(row.id) if fleet else None
    return list(_facts(row, cost, found, desk.now, estimate))


def _facts(
    row: FleetRow, cost: VmCost, found: Tariff, now: datetime, estimate: Estimate | None
) -> Iterator[Fact]:
    spent = cost.words
    if row.vm.ended:
        yield "cost", Content(f"{spent} in all")
        yield from _lines(estimate)
        return
    rate = "no rate known" if cost.per_hour is None else f"{dollars(cost.per_hour)}/h"
    yield "cost", Content.assemble(rate, ("  so far ", "$text-muted"), spent)
    yield from _lines(estimate)
    coming = outlook(row.vm, found, now)
    if coming.to_end is not None:
        yield "", _more(coming.to_end, "to its end, as it is")
    if coming.if_idle is not None:
        words = "to its end without traffic"
        if coming.suspends_in is not None:
            words = f"if no traffic comes: suspends in {short_duration(coming.suspends_in)} or sooner"
        yield "", _more(coming.if_idle, words)
    if row.vm.state == RUNNING and (words := suspending(found)):
        yield "", Content(words)
    if not cost.complete:
        yield "", Content.styled("At least: not all rates of this region are known.", "$text-warning")


def _lines(estimate: Estimate | None) -> Iterator[Fact]:
    """``running $0.150, launch $0.0011``: what it was spent on, where that is more than one thing."""
    sums: dict[str, Decimal] = {}
    for line in estimate.lines if estimate else ():
        word = _WORDS.get(line.item, line.item.replace("_", " "))
        sums[word] = sums.get(word, Decimal(0)) + (line.usd or 0)
    spent = [f"{word} {dollars(amount)}" for word, amount in sums.items() if amount]
    if len(spent) > 1:
        yield " ", Content.styled(", ".join(spent), "$text-muted")


def _more(amount: Decimal, words: str) -> Content:
    return Content.assemble(f"{dollars(amount)} more ", (words, "$text-muted"))


def suspending(found: Tariff) -> str:
    """``suspend now saves $0.126/h, pays back after 5 min 6 s``; empty where that cannot be priced."""
    saving = saving_per_hour(found.memory_mib, found.snapshot, found.rates)
    payback = payback_seconds(found.memory_mib, found.snapshot, found.rates)
    if saving is None or payback is None:
        return ""
    return f"Suspend now saves {dollars(saving)}/h, pays back after {minutes(payback)}."


def minutes(seconds: Decimal) -> str:
    """``5 min 6 s``, rounded to the second."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def burn(figures: Figures | None) -> str:
    """``$0.25/h``; empty while it is not known."""
    if figures is None:
        return ""
    return f"{figures.cost.least}{dollars(figures.cost.per_hour)}/h"


def today(figures: Figures | None) -> str:
    """``~$1.14``: what this machine knows of what was spent since midnight UTC; empty while unknown."""
    if figures is None:
        return ""
    mark = figures.cost.least or ("~" if figures.cost.assumed else "")
    return f"{mark}{dollars(figures.cost.today)}"


def alarm(figures: Figures | None, budget: Decimal | None, now: datetime) -> str:
    """``error`` once the budget of the day is spent, ``warning`` when it nearly is or will be; else empty."""
    if figures is None or not budget:
        return ""
    spent = figures.cost.today
    if spent >= budget:
        return "error"
    coming = by_midnight(figures.cost, now)
    return "warning" if spent >= budget * NEARLY_SPENT or coming >= budget else ""
