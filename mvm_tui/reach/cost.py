"""What a probe costs, said before it starts."""

from __future__ import annotations

from decimal import Decimal

from mvm_tui.model.cost import Snapshot, Usage, microvm_cost
from mvm_tui.model.rates import shipped
from mvm_tui.reach.limits import RequestRate
from mvm_tui.reach.probe import Plan

_SHOWN = Decimal("0.0001")


def request_words(plan: Plan, allowed: RequestRate) -> str:
    """What the requests are, and that they cost nothing by themselves."""
    return (
        f"{plan.requests} requests at {plan.rate:g}/s; at most {allowed.words}. "
        "They cost nothing of their own, but what they keep running is billed, and so is data out."
    )


def cycle_words(memory_mib: int | None, region: str, *, auto_resume: bool) -> str:
    """What suspending and resuming costs, by the rates we ship and the baseline for the snapshot's size."""
    if memory_mib is None:
        return "What the suspension costs is not known: the MicroVM's size is not."
    times = 2 if auto_resume else 1
    usage = Usage(suspends=times, resumes=times)
    estimate = microvm_cost(usage, memory_mib, Snapshot.of_baseline(memory_mib), shipped(region))
    if not estimate.total:
        return f"{times} × suspend and resume write and read its snapshot, at rates unknown for {region}."
    at_least = "at least " if estimate.at_least else ""
    dollars = estimate.total.quantize(_SHOWN)
    return f"{times} × suspend and resume write and read its snapshot: {at_least}about ${dollars}."
