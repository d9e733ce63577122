"""How fast a MicroVM's app answers: requests at a steady, bounded rate, and what suspending it costs in time.

A request's time counts from when it was due, so that an app that stalls is not measured less for it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Invalid, Problem
from mvm_tui.model.microvm import RUNNING, SUSPENDED
from mvm_tui.reach.call import Caller, Request
from mvm_tui.reach.limits import RequestRate

# Requests under way at most: the smallest size takes 8 connections, and others use it too.
AT_ONCE = 6
_REQUEST_SECONDS = 30.0
_FIRST_ANSWER_SECONDS = 60.0
# Between two tries for the first answer of one that comes back.
_TRY_SECONDS = 0.1
BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `rate` in requests a second, `seconds` how long."""

    path: str = "/"
    rate: float = 5.0
    seconds: float = 30.0

    def check(self, allowed: RequestRate) -> None:
        """Raises Invalid for a rate that the MicroVM is not to be sent, or none at all."""
        if not 0 < self.rate <= allowed.allowed:
            why = f"This MicroVM is sent at most {allowed.words}."
            raise Invalid(f"A rate of {self.rate:g}/s is not possible.", why, "Name a smaller --rate.")

    @property
    def requests(self) -> int:
        return max(1, round(self.rate * self.seconds))


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. `seconds` from when it was due to the end of its answer; `status` None for no answer."""

    due: float
    seconds: float
    status: int | None
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None and self.status is not None and self.status < 500


@dataclass(slots=True)
class Findings:
    """What was measured so far. Times in seconds."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(not sample.ok for sample in self.samples)

    def percentile(self, share: float) -> float | None:
        """The time within which that share of the good answers came; None without any."""
        times = sorted(sample.seconds for sample in self.samples if sample.ok)
        if not times:
            return None
        return times[max(math.ceil(share * len(times)), 1) - 1]

    def histogram(self) -> list[tuple[float, int]]:
        """(upper bound, good answers below it and not below the one before), first to last that has any."""
        counts = [0] * (len(BUCKETS) + 1)
        for sample in self.samples:
            if sample.ok:
                counts[next((at for at, bound in enumerate(BUCKETS) if sample.seconds <= bound), -1)] += 1
        filled = [at for at, count in enumerate(counts) if count]
        if not filled:
            return []
        bounds = (*BUCKETS, float("inf"))
        return [(bounds[at], counts[at]) for at in range(filled[0], filled[-1] + 1)]


async def probe(
    caller: Caller, plan: Plan, clock: Clock, on_sample: Callable[[Sample], None] = lambda sample: None
) -> Findings:
    """Send the plan's requests and measure them. Cancel it to stop early; `on_sample` has what there is.

    What waited while the app stalled is made up for at the rate of the MicroVM's size, and never faster.
    """
    findings = Findings()
    places = asyncio.Semaphore(AT_ONCE)
    began = clock.monotonic()

    async def one(due: float) -> None:
        async with places:
            await caller.pace.turn()
            sample = await _measured(caller, plan.path, began + due, due, clock)
        findings.samples.append(sample)
        on_sample(sample)

    async with asyncio.TaskGroup() as group:
        for due in _turns(plan):
            wait = began + due - clock.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            group.create_task(one(due))
    return findings


def _turns(plan: Plan) -> Iterator[float]:
    return (number / plan.rate for number in range(plan.requests))


async def _measured(caller: Caller, path: str, due_at: float, due: float, clock: Clock) -> Sample:
    try:
        async with caller.send(Request(path, seconds=_REQUEST_SECONDS)) as answer:
            async for _ in answer.pieces:
                pass
            status, problem = answer.status, answer.refusal
    except Problem as failure:
        status, problem = None, failure
    return Sample(due, clock.monotonic() - due_at, status, problem)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a suspension and what follows, and the seconds it took."""

    name: str
    seconds: float
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Levers:
    """How the MicroVM is suspended and resumed. Both block and raise Problem."""

    suspend: Callable[[], object]
    resume: Callable[[], object]


async def cycle(
    caller: Caller,
    path: str,
    levers: Levers,
    clock: Clock,
    *,
    auto_resume: bool,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Sequence[Step]:
    """Suspend and resume it, then the same by traffic where its idle policy allows that.

    Costs one or two writes and reads of its snapshot. Raises Problem where a step does not come about.
    """
    steps: list[Step] = []

    def done(name: str, seconds: float, refused: int = 0) -> None:
        steps.append(Step(name, seconds, refused))
        on_step(steps[-1])

    done("suspend", await _asked(levers.suspend, SUSPENDED, caller, clock))
    done("resume", await _asked(levers.resume, RUNNING, caller, clock))
    done("first answer after the resume", *await _first_answer(caller, path, clock))
    if auto_resume:
        await _asked(levers.suspend, SUSPENDED, caller, clock)
        done("first answer by auto-resume", *await _first_answer(caller, path, clock))
    return steps


async def _asked(ask: Callable[[], object], state: str, caller: Caller, clock: Clock) -> float:
    began = clock.monotonic()
    await asyncio.to_thread(ask)
    await caller.waking.reached(state)
    return clock.monotonic() - began


async def _first_answer(caller: Caller, path: str, clock: Clock) -> tuple[float, int]:
    """Seconds until the app itself answers, and how often the proxy said no before."""
    began = clock.monotonic()
    refused = 0
    while True:
        await caller.pace.turn()
        left = _FIRST_ANSWER_SECONDS - (clock.monotonic() - began)
        try:
            async with caller.send(Request(path, seconds=max(left, 0.1))) as answer:
                if answer.refusal is None:
                    return clock.monotonic() - began, refused
                problem = answer.refusal
        except Problem as failure:
            problem = failure
        refused += 1
        if clock.monotonic() - began > _FIRST_ANSWER_SECONDS:
            raise problem
        await asyncio.sleep(_TRY_SECONDS)
