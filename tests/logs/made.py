"""Events made for tests."""

from __future__ import annotations

from collections.abc import Sequence

from mvm_tui.logs.order import Batch
from mvm_tui.model.log_event import LogEvent, LogSource

START = 1_795_646_901_000


def event(
    message: str, at: int = 0, *, stream: str = "s", number: int | str = "", delay: int = 0
) -> LogEvent:
    """An event `at` milliseconds after `START`, ingested `delay` milliseconds later."""
    moment = START + at
    return LogEvent(moment, moment + delay, message, LogSource.of("/g", stream), number)


def batch(*events: LogEvent, late: Sequence[LogEvent] = ()) -> Batch:
    return Batch(events, tuple(late))


def run(count: int, first: int = 0, step: int = 1) -> Batch:
    """So many events, `step` milliseconds apart."""
    return batch(*(event(f"line {n}", first + n * step, number=first + n + 1) for n in range(count)))
