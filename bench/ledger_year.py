"""The ledger after a year of a fleet of a hundred MicroVMs: how large it is and how fast it opens."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.figures import Figure
from mvm_tui.fleet.history import History, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.model.intervals import microseconds
from mvm_tui.model.scope import Scope

SCOPE = Scope("aws", "000000000000", "us-east-1")
_ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_FLEET, _LIVES_A_DAY, _DAYS = 100, 3, 365
# A life of eight hours with two suspensions, each state as it is seen.
_STATES = (
    ("PENDING", 0),
    ("RUNNING", 2),
    ("SUSPENDING", 7_000),
    ("SUSPENDED", 7_002),
    ("RUNNING", 14_000),
    ("SUSPENDING", 20_000),
    ("SUSPENDED", 20_002),
    ("RUNNING", 26_000),
    ("TERMINATING", 28_800),
    ("TERMINATED", 28_803),
)


def run() -> list[Figure]:
    """Megabytes of the file, and milliseconds to open it and to read the day."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        ledger = Ledger(path)
        for day in range(_DAYS):
            History(ledger).observe(SCOPE, _day(day))
        ledger.close()
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        opening, reading = zip(*(_timed(path) for _ in range(9)), strict=True)
    return [
        Figure("a year of 100 MicroVMs", size, "MB", 50),
        Figure("open it", statistics.median(opening) * 1e3, "ms", 50),
        Figure("read the lives of the last day", statistics.median(reading) * 1e3, "ms"),
    ]


def _day(day: int) -> Iterator[Transition]:
    for life in range(_LIVES_A_DAY):
        start = _BEGIN + timedelta(days=day, hours=8 * life)
        for number in range(_FLEET):
            # Ids as long as the service's, and as random to an index.
            key = f"microvm-{(day * 1_000_003 + life * 7_919 + number * 104_729) % 2**32:08x}"
            key += f"-0000-4000-8000-{day:04x}{life:04x}{number:04x}"
            for state, seconds in _STATES:
                seen = start + timedelta(seconds=seconds, milliseconds=number)
                yield Transition(key, state, seen, _ARN, f"{day % 50}.0", start)


def _timed(path: Path) -> tuple[float, float]:
    started = time.perf_counter()
    ledger = Ledger(path)
    opened = time.perf_counter()
    last = microseconds(_BEGIN + timedelta(days=_DAYS - 1))
    deque(History(ledger).lives(SCOPE, last), maxlen=0)
    History(ledger).looks(SCOPE, last)
    read = time.perf_counter()
    ledger.close()
    return opened - started, read - opened
