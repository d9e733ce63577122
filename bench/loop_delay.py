"""How garbage collection and the interpreter's thread switches delay the loop under a full table.

A thread parses pages of 50 MicroVMs as the poller does and hands them to the loop: 10,000 rows while
loading, then a sweep over the same rows without pause in which 100 of them change each time. Each policy
runs in a process of its own, side by side with the others in one run.

``python -m bench.loop_delay [POLICY]`` prints one policy's delays as JSON, or all of them in words.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime

import boto3

from bench.figures import Figure
from bench.fleet_sample import NOW, sample_rows
from bench.heartbeat import Delays, Heartbeat
from bench.table import Host
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.fleet_table import FleetTable

ROWS = 10_000
PAGE = 50
STEADY_SECONDS = 8.0
# Pages between two freezes while loading: 1,000 rows.
FREEZE_EVERY = 20
LOADING, STEADY = 25.0, 16.0
P99 = 12.0


def _freeze() -> None:
    """Take what is alive out of the collector's sight. Young garbage goes first, else it would stay."""
    gc.collect(1)
    gc.freeze()


def _collect_and_freeze() -> None:
    gc.collect()
    gc.freeze()


def _nothing() -> None:
    pass


class Policy:
    """What is done after the start, after some pages, and after the load."""

    def __init__(
        self,
        start: Callable[[], None] = _nothing,
        pages: Callable[[], None] = _nothing,
        loaded: Callable[[], None] = _nothing,
        *,
        switch: float = 0.005,
    ) -> None:
        self.start, self.pages, self.loaded, self.switch = start, pages, loaded, switch


POLICIES = {
    "default": Policy(),
    "freeze": Policy(_collect_and_freeze, _nothing, _collect_and_freeze),
    "freeze-pages": Policy(_collect_and_freeze, _freeze, _freeze),
    "freeze-pages-switch-1ms": Policy(_collect_and_freeze, _freeze, _freeze, switch=0.001),
}
# What the application does.
CHOSEN = "freeze-pages-switch-1ms"


def run() -> list[Figure]:
    """Loading and steady delays of every policy; the limits are for the one that is in use."""
    figures = []
    for name in POLICIES:
        command = [sys.executable, "-m", "bench.loop_delay", name]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        for phase, delays in json.loads(done.stdout).items():
            limit = LOADING if phase == "loading" else STEADY
            used = name == CHOSEN
            p99 = f"own work {delays['busy_p99']:.3g} ms, {delays['beats']:,} beats"
            most = f"own work {delays['busy_maximum']:.3g} ms"
            figures += [
                Figure(f"{name}, {phase}: p99", delays["p99"], "ms", P99 if used else None, p99),
                Figure(f"{name}, {phase}: max", delays["maximum"], "ms", limit if used else None, most),
            ]
    return figures


async def measure(policy: Policy) -> dict[str, Delays]:
    """Delays while loading and afterwards."""
    sys.setswitchinterval(policy.switch)
    # The collector's work is in proportion to what is loaded: the application has boto3 in memory.
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    table = FleetTable(clock=SystemClock())
    pages = [_encode(page) for page in _pages(sample_rows(ROWS))]
    app = Host(table)
    async with app.run_test(size=(200, 50)) as pilot, Heartbeat() as beat:
        await pilot.pause()
        policy.start()
        await pilot.pause(0.2)
        beat.take()
        await asyncio.to_thread(_load, app, table, pages, policy)
        loading = beat.take()
        policy.loaded()
        await pilot.pause(0.2)
        beat.take()
        await asyncio.to_thread(_sweep, app, table, pages)
        steady = beat.take()
    client.close()
    return {"loading": loading, "steady": steady}


def _pages(rows: list[FleetRow]) -> Iterator[list[FleetRow]]:
    for at in range(0, len(rows), PAGE):
        yield rows[at : at + PAGE]


def _encode(rows: list[FleetRow]) -> tuple[str, list[FleetRow]]:
    """A page as it comes over the wire, and the rest of its rows."""
    members = [{"microvmId": row.id, "state": row.vm.state, "startedAt": str(NOW)} for row in rows]
    return json.dumps({"items": members}), rows


def _decode(page: tuple[str, list[FleetRow]]) -> list[FleetRow]:
    """New rows, as parsing gives them."""
    items = json.loads(page[0])["items"]
    return [
        replace(
            row, vm=replace(row.vm, state=item["state"], started_at=datetime.fromisoformat(item["startedAt"]))
        )
        for item, row in zip(items, page[1], strict=True)
    ]


def _load(app: Host, table: FleetTable, pages: list[tuple[str, list[FleetRow]]], policy: Policy) -> None:
    for number, page in enumerate(pages):
        change = ChangeSet(0, tuple(_decode(page)), status=PollStatus(sweeping=True, pages=number))
        app.call_from_thread(table.apply, change)
        if number % FREEZE_EVERY == FREEZE_EVERY - 1:
            app.call_from_thread(policy.pages)
        time.sleep(0.01)


def _sweep(app: Host, table: FleetTable, pages: list[tuple[str, list[FleetRow]]]) -> None:
    end = time.monotonic() + STEADY_SECONDS
    turn = 0
    while time.monotonic() < end:
        rows = [row for page in pages[turn % 7 :: 20] for row in _decode(page)]
        state = ("RUNNING", "SUSPENDED")[turn % 2]
        changed = tuple(replace(row, vm=row.vm.with_state(state)) for row in rows[::5][:100])
        app.call_from_thread(table.apply, ChangeSet(0, changed=changed, status=PollStatus(complete=True)))
        turn += 1
        time.sleep(0.05)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        found = asyncio.run(measure(POLICIES[sys.argv[1]]))
        print(json.dumps({phase: asdict(delays) for phase, delays in found.items()}))
    else:
        for measured in run():
            print(f"{measured.name:45} {measured.value:8.2f} {measured.unit}  {measured.note}")
