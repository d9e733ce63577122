"""The local cloud: how fast it lists, and what it costs while nobody asks anything of it."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from bench.figures import Figure
from mvm_tui.local.launch import start
from tests.cloud import client

PAGES, PAGE = 200, 50
ROUNDS = 7
IDLE_SECONDS = 20.0


def run() -> list[Figure]:
    """Seconds for 200 pages of 50 by boto3; CPU share of the cloud, its supervisors and guests at rest."""
    with start(seed=str(PAGES * PAGE), rates=False) as cloud:
        lister = client(cloud.facts)
        seconds = statistics.median(_list_all(lister) for _ in range(ROUNDS))
    with start(seed="demo") as cloud:
        time.sleep(5)
        share = cpu_share(cloud.process.pid)
    return [
        Figure("200 pages of 50 by boto3", seconds, "s", 0.6),
        Figure("idle CPU of the demo cloud with its guests", share, "%", 2.0),
    ]


def _list_all(lister: object) -> float:
    started = time.perf_counter()
    pages = lister.get_paginator("list_microvms").paginate(PaginationConfig={"PageSize": PAGE})  # type: ignore[attr-defined]
    count = sum(1 for _ in pages)
    if count < PAGES:
        raise RuntimeError(f"only {count} pages")
    return time.perf_counter() - started


def cpu_share(pid: int) -> float:
    """Percent of one core used by a process and all its descendants over the idle time (Linux)."""
    before = _ticks(pid)
    time.sleep(IDLE_SECONDS)
    used = _ticks(pid) - before
    return 100 * used / os.sysconf("SC_CLK_TCK") / IDLE_SECONDS


def _ticks(root: int) -> int:
    """Clock ticks of the processes that live now and hang below ``root``, itself included."""
    rows: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            rows[int(entry.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    total, level = 0, {root}
    while level:
        total += sum(rows[pid][1] for pid in level if pid in rows)
        level = {pid for pid, (parent, _) in rows.items() if parent in level}
    return total
