"""`cost estimate`: what something would cost, from the rates at hand and without a call."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click

from mvm_tui.cli.cost_records import LINE_HEADINGS, estimate_record, line_cells, rates_record, sums
from mvm_tui.cli.durations import Duration
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_list, emit_object
from mvm_tui.cli.session import Session
from mvm_tui.model.cost import (
    MICROSECOND,
    Burst,
    Snapshot,
    Stored,
    Usage,
    image_cost,
    lifetime_assumptions,
    microvm_cost,
    rate_assumptions,
)
from mvm_tui.model.estimate import Assumption, Estimate, merged
from mvm_tui.model.rates import ARCHITECTURES, ARM64
from mvm_tui.model.size import DEFAULT_MEMORY_MIB, PEAK_FACTOR

_HOME_REGION = "us-east-1"
_LARGEST_MEMORY = 1 << 20


class Amount(click.ParamType[Decimal]):
    """A decimal number from 0 on, taken exactly as it is written."""

    name = "number"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Decimal:
        if isinstance(value, Decimal):
            return value
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", parameter, context)
        if not number.is_finite() or not 0 <= number < _LARGEST_MEMORY:
            self.fail(f"{value} is not between 0 and {_LARGEST_MEMORY}", parameter, context)
        return number


@verb(
    "estimate",
    help="What a way of working would cost, line by line. Makes no call: the rates are those read last from "
    "the Price List, else the table in the program. Times read 1800s, 30m, 8h, 7d.",
    examples="""
    mvm-tui cost estimate --memory 2048 --running 1h
    mvm-tui cost estimate --memory 2048 --running 30m --suspended 8h --launches 1 --suspends 1 --resumes 1
    mvm-tui cost estimate --region eu-west-1 --running 2h --burst-vcpu 3 --burst-gb 6 --burst-for 15m
    mvm-tui cost estimate --image-gb 2 --image-kept 30d --image-versions 10 -o json
    """,
)
@click.option(
    "--memory",
    type=click.IntRange(1, _LARGEST_MEMORY),
    default=DEFAULT_MEMORY_MIB,
    metavar="MIB",
    help=f"Baseline memory: {DEFAULT_MEMORY_MIB}.",
)
@click.option("--arch", type=click.Choice(ARCHITECTURES), default=ARM64, help=f"Architecture: {ARM64}.")
@click.option("--running", type=Duration(), default=0, metavar="TIME", help="Time running, in all.")
@click.option("--suspended", type=Duration(), default=0, metavar="TIME", help="Time suspended, in all.")
@click.option("--launches", type=click.IntRange(0), default=0, metavar="N", help="Launches: each reads once.")
@click.option("--suspends", type=click.IntRange(0), default=0, metavar="N", help="Suspends: each writes.")
@click.option("--resumes", type=click.IntRange(0), default=0, metavar="N", help="Resumes: each reads.")
@click.option("--snapshot-gb", type=Amount(), metavar="GB", help="Memory snapshot: the baseline memory.")
@click.option("--burst-vcpu", type=Amount(), default=0, metavar="N", help="vCPUs used above the baseline.")
@click.option("--burst-gb", type=Amount(), default=0, metavar="GB", help="Memory used above the baseline.")
@click.option("--burst-for", type=Duration(), default=0, metavar="TIME", help="How long that is used.")
@click.option("--image-gb", type=Amount(), default=0, metavar="GB", help="Snapshots of one image version.")
@click.option("--image-kept", type=Duration(), default=0, metavar="TIME", help="How long versions are kept.")
@click.option("--image-versions", type=click.IntRange(0), default=1, metavar="N", help="How many: 1.")
def estimate_verb(session: Session, memory: int, arch: str, **options: Any) -> None:
    from mvm_tui.fleet.prices import Prices

    region = session.target.region
    endpoint = session.target.endpoint_url or ""
    rates = Prices(session.paths.state_dir, session.clock).rates(region or _HOME_REGION, arch, endpoint)
    parts = [_microvm(memory, rates, options)]
    if options["image_gb"]:
        kept = options["image_kept"] * MICROSECOND
        parts.append(image_cost(Stored.of_gb(options["image_gb"]), kept, options["image_versions"], rates))
    estimate = merged(parts).assuming(*rate_assumptions(rates, session.clock.now().date()))
    if region is None:
        text = f"No region was named: {_HOME_REGION} is taken."
        estimate = estimate.assuming(Assumption("region-is-us-east-1", text))
    _show(session, estimate, rates)


def _microvm(memory: int, rates: Any, options: dict[str, Any]) -> Estimate:
    given = options["snapshot_gb"]
    snapshot = Snapshot.of_baseline(memory) if given is None else Snapshot.of_gb(given)
    usage = Usage(
        options["running"] * MICROSECOND,
        options["suspended"] * MICROSECOND,
        options["launches"],
        options["suspends"],
        options["resumes"],
    )
    burst = Burst(options["burst_vcpu"], options["burst_gb"], options["burst_for"] * MICROSECOND)
    estimate = microvm_cost(usage, memory, snapshot, rates, burst)
    return estimate.assuming(*lifetime_assumptions(usage), *_burst_notes(memory, usage, burst))


def _burst_notes(memory: int, usage: Usage, burst: Burst) -> list[Assumption]:
    """What is computed as asked although no MicroVM does it."""
    notes = []
    beyond_gb, beyond_vcpu = (Decimal(memory) * (PEAK_FACTOR - 1) / divisor for divisor in (1024, 2048))
    if burst.gb > beyond_gb or burst.vcpu > beyond_vcpu:
        notes.append(Assumption("beyond-peak", "This bursts above the peak of the size, which is 4 times."))
    if burst.time > usage.running:
        notes.append(Assumption("burst-beyond-running", "The burst is longer than the time running."))
    return notes


def _show(session: Session, estimate: Estimate, rates: Any) -> None:
    if session.form == TABLE:
        emit_list(TABLE, (), LINE_HEADINGS, line_cells(estimate.lines, precise=True))
        said = f"{rates.region}, {rates.arch}, of {rates.as_of.isoformat()} ({rates.source})"
        emit_object(TABLE, {}, [*sums(estimate, precise=True), ("rates", said)])
        return
    record = {"region": rates.region, "arch": rates.arch, "rates": rates_record(rates)}
    emit_object(session.form, record | estimate_record(estimate), ())
