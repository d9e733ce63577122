"""What working out costs takes: a change of 100 MicroVMs, the whole view of 10,000, an estimate."""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bench.figures import Figure, interleaved
from mvm_tui.fleet.books import Books, Seen
from mvm_tui.fleet.prices import Prices
from mvm_tui.fleet.spend import Forgotten, Hours, Ranking, fleet_cost, hours
from mvm_tui.fleet.tariffs import Place, Tariffs, Version
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.cost import HOUR
from mvm_tui.model.intervals import microseconds
from tools import peers

_NOW = microseconds(datetime(2026, 11, 1, 12, tzinfo=UTC))
_FLEET, _CHANGED, _ROUNDS = 10_000, 100, 9
_STATES = ("RUNNING", "RUNNING", "RUNNING", "SUSPENDED", "TERMINATED")
_ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:"
_VERSIONS: list[Version] = [
    (_ARN + name, f"{number}.0") for name in ("web", "worker", "devbox") for number in range(1, 13)
]


def run() -> list[Figure]:
    """Median milliseconds of the thread's own time, and its longest slice: others get their turn between."""
    with tempfile.TemporaryDirectory() as folder:
        books, tariffs, seen = _fleet(Path(folder))
        return [*_changes(books, seen), *_views(books, tariffs), *_estimates(Path(folder))]


def _fleet(folder: Path) -> tuple[Books, Tariffs, list[Seen]]:
    """Ten thousand MicroVMs first seen in the middle of their lives, as a start of the program finds them."""
    chance = random.Random(7)
    tariffs = Tariffs(Prices(folder, ManualClock()), Place("us-east-1"))
    tariffs.learn({version: chance.choice((512, 1024, 2048, 4096)) for version in _VERSIONS})
    books = Books(tariffs.of)
    books.look(_NOW)
    seen = [
        Seen(
            f"microvm-{number:08x}-0000-4000-8000-000000000000",
            chance.choice(_VERSIONS),
            chance.choice(_STATES),
            _NOW - chance.randint(1, 8 * HOUR),
            None,
        )
        for number in range(_FLEET)
    ]
    books.see(seen, _NOW)
    return books, tariffs, seen


def _changes(books: Books, seen: list[Seen]) -> list[Figure]:
    """Each turn another hundred, of those that live, is seen in another state."""
    times = []
    alive = [one for one in seen if one.state != "TERMINATED"]
    for turn in range(2 * _ROUNDS):
        changed = [
            one._replace(state="RUNNING" if one.state == "SUSPENDED" else "SUSPENDED")
            for one in alive[turn * _CHANGED : (turn + 1) * _CHANGED]
        ]
        now = _NOW + (turn + 1) * 1_000_000
        books.look(now)
        started = time.thread_time()
        books.see(changed, now)
        times.append((time.thread_time() - started) * 1e3)
    return [Figure(f"a change of {_CHANGED} MicroVMs", statistics.median(times), "ms", 5)]


def _views(books: Books, tariffs: Tariffs) -> list[Figure]:
    now = _NOW + 60_000_000
    figures = []
    works: tuple[tuple[str, float | None, Callable[[], Iterator[None]]], ...] = (
        ("the whole view", 150, lambda: _view(books, tariffs, now)),
        ("the costs of 24 hours", None, lambda: hours(books, tariffs, now, Hours(now))),
        ("all accounts anew", None, lambda: books.rebuild(now)),
    )
    for name, limit, work in works:
        whole, slices = zip(*(_sliced(work()) for _ in range(_ROUNDS)), strict=True)
        figures.append(Figure(f"{name}, {_FLEET:,}", statistics.median(whole), "ms", limit))
        figures.append(Figure(f"… its longest slice, {_FLEET:,}", statistics.median(slices), "ms"))
    return figures


def _view(books: Books, tariffs: Tariffs, now: int) -> Iterator[None]:
    """What the cost screen shows: sums by size, state and region, what costs most, what may be forgotten."""
    fleet_cost(books, tariffs, now)
    yield
    yield from Ranking(100).fill(books, tariffs, now)
    yield from Forgotten(2 * HOUR).fill(books, tariffs, now, {})


def _sliced(work: Iterator[None]) -> tuple[float, float]:
    """(milliseconds in all, those of the longest slice)."""
    times = [time.thread_time(), *(time.thread_time() for _ in work), time.thread_time()]
    return (times[-1] - times[0]) * 1e3, max(right - left for left, right in pairwise(times)) * 1e3


def _estimates(home: Path) -> list[Figure]:
    """The command line: an estimate beside microvm-ctl's, which makes no call either."""
    mine = str(Path(sys.executable).with_name("mvm-tui"))
    ours = [mine, "cost", "estimate", "--region", "us-east-1", "--running", "30m", "-o", "json"]
    theirs = [str(peers.mvm()), "cost", "--memory-gb", "2", "--active", "30", "--cycles", "0"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    times = interleaved({"mvm-tui": ours, "mvm": theirs}, 7, environment)
    figures = [Figure(f"{name}: an estimate", seconds, "s") for name, seconds in times.items()]
    return [*figures, Figure("ratio to mvm", times["mvm-tui"] / times["mvm"], "×")]
