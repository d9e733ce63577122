"""`probe`: how fast a MicroVM's app answers, and how fast it comes back from suspension."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from typing import Any

import click

from mvm_tui.aws import microvms
from mvm_tui.cli import exits
from mvm_tui.cli.asking import confirm, yes_option
from mvm_tui.cli.durations import Duration
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_object, progress, say, write
from mvm_tui.cli.reaching import Reached, checked_path, port_option, reached, resume_option
from mvm_tui.cli.session import Session
from mvm_tui.fleet.actions import BY_ID, Ask
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean
from mvm_tui.reach.call import Caller
from mvm_tui.reach.cost import cycle_words, request_words
from mvm_tui.reach.limits import request_rate
from mvm_tui.reach.probe import Findings, Levers, Plan, Sample, Step, cycle, probe

_BAR = 40


@verb(
    "probe",
    help="Measure how long a MicroVM's app takes to answer, at a steady rate that leaves it room. With "
    "--suspend-resume also how long suspension, resumption and the first answer after it take. Says what it "
    "costs before it starts. Exit code 1 where no request was answered.",
    examples="""
    mvm-tui probe web-1
    mvm-tui probe web-1 --path /health --rate 20 --for 1m -o json
    mvm-tui probe web-1 --suspend-resume --yes
    """,
)
@click.argument("microvm", metavar="VM")
@click.option("--path", default="/", metavar="PATH", help="What is asked for: /.")
@click.option("--rate", type=float, default=5.0, metavar="N", help="Requests a second: 5.")
@click.option("--for", "seconds", type=Duration(), default="30s", metavar="TIME", help="How long: 30s.")
@click.option("--suspend-resume", "moves", is_flag=True, help="Suspend and resume it too.")
@port_option
@resume_option
@yes_option
def probe_verb(session: Session, microvm: str, **options: Any) -> None:
    plan = Plan(checked_path(options["path"]), options["rate"], options["seconds"])
    moves: bool = options["moves"]
    if moves:
        session.refuse_read_only(BY_ID["microvm.suspend"])
    to = reached(session, microvm, options["port"], resume=options["resume"])
    allowed = request_rate(to.row.memory_mib)
    plan.check(allowed)
    say(request_words(plan, allowed))
    if moves:
        say(cycle_words(to.row.memory_mib, session.connection.region, auto_resume=_auto_resumes(to)))
        confirm(Ask((to.row.id,), f"Suspend and resume {clean(to.row.name or to.row.id)}?"), options["yes"])
    findings, steps = Findings(), list[Step]()
    try:
        asyncio.run(_probe(session, to, plan, findings, steps, moves=moves))
    except (KeyboardInterrupt, Problem):
        # What was measured until then took its time, and is told all the same.
        if findings.samples:
            _emit(session, to, plan, findings, steps)
        raise
    _emit(session, to, plan, findings, steps)
    answered = any(sample.ok for sample in findings.samples)
    click.get_current_context().exit(exits.DONE if answered else exits.FAILED)


def _auto_resumes(to: Reached) -> bool:
    policy = to.row.vm.details.idle_policy if to.row.vm.details else None
    return policy is not None and policy.auto_resume


async def _probe(
    session: Session, to: Reached, plan: Plan, findings: Findings, steps: list[Step], *, moves: bool
) -> None:
    """Measure into `findings` and `steps`, which have what there is if it is broken off."""

    def count(sample: Sample) -> None:
        findings.samples.append(sample)
        progress(f"{len(findings.samples)}/{plan.requests} requests")

    async with Caller(to.target, to.access, session.clock) as caller:
        await caller.waking.awake()
        try:
            await probe(caller, plan, session.clock, count)
        finally:
            progress("")
        if moves:
            await _cycle(session, to, caller, plan.path, steps)


async def _cycle(session: Session, to: Reached, caller: Caller, path: str, steps: list[Step]) -> None:
    connection, vm_id = session.connection, to.row.id

    def done(step: Step) -> None:
        steps.append(step)
        say(f"{step.name}: {step.seconds:.2f} s")

    levers = Levers(lambda: microvms.suspend(connection, vm_id), lambda: microvms.resume(connection, vm_id))
    try:
        await cycle(caller, path, levers, session.clock, auto_resume=_auto_resumes(to), on_step=done)
    except (asyncio.CancelledError, Problem):
        say(f"It was broken off on the way: it may stay suspended. mvm-tui resume {vm_id} resumes it.")
        raise


def _emit(session: Session, to: Reached, plan: Plan, findings: Findings, steps: Sequence[Step]) -> None:
    if session.form == TABLE:
        write("".join(f"{line}\n" for line in _lines(findings, steps)))
        return
    times = {name: findings.percentile(share) for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))}
    record = {
        "id": to.row.id,
        "path": plan.path,
        "rate": plan.rate,
        "requests": len(findings.samples),
        "errors": findings.errors,
        **{f"{name}_seconds": None if time is None else round(time, 6) for name, time in times.items()},
        "histogram": [
            {"below_seconds": None if math.isinf(bound) else bound, "count": count}
            for bound, count in findings.histogram()
        ],
        "steps": [
            {"name": step.name, "seconds": round(step.seconds, 6), "refused": step.refused} for step in steps
        ],
    }
    emit_object(session.form, record, ())


def _lines(findings: Findings, steps: Sequence[Step]) -> Iterator[str]:
    times = [findings.percentile(share) for share in (0.5, 0.95, 1.0)]
    yield f"requests  {len(findings.samples)}"
    yield f"errors    {findings.errors}"
    if first := next((sample for sample in findings.samples if not sample.ok), None):
        why = first.problem.what if first.problem else f"HTTP {first.status}"
        yield f"          the first: {clean(why)}"
    for name, time in zip(("p50", "p95", "max"), times, strict=True):
        yield f"{name:<9} {'—' if time is None else f'{time * 1000:.1f} ms'}"
    yield from histogram_lines(findings)
    for step in steps:
        refused = f", refused {step.refused} times before" if step.refused else ""
        yield f"{step.name:<30} {step.seconds:.2f} s{refused}"


def histogram_lines(findings: Findings, width: int = _BAR) -> Iterator[str]:
    """One bar for each bucket of times."""
    buckets = findings.histogram()
    most = max((count for _, count in buckets), default=1)
    for bound, count in buckets:
        label = "more" if math.isinf(bound) else f"≤ {bound * 1000:g} ms"
        yield f"{label:>10}  {'█' * math.ceil(count / most * width)} {count}"
