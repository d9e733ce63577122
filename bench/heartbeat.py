"""How late an event loop runs: a task that wants to wake every 2 ms and notes by how much it is late."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

INTERVAL = 0.002


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds by which the loop was late.

    `busy_p99` and `busy_maximum` are the processor time that the loop's own thread used between two
    beats: on a busy machine they tell our own work from waiting for a processor.
    """

    beats: int
    p50: float
    p99: float
    maximum: float
    busy_p99: float
    busy_maximum: float

    @classmethod
    def of(cls, late: Sequence[float], busy: Sequence[float]) -> Delays:
        """From the seconds of each beat, at least one."""
        count = len(late)
        middle, high = (count - 1) // 2, int((count - 1) * 0.99)
        delays, work = sorted(late), sorted(busy)
        figures = (delays[middle], delays[high], delays[-1], work[high], work[-1])
        return cls(count, *(seconds * 1e3 for seconds in figures))


class Heartbeat:
    """Beats while the block runs: ``async with Heartbeat() as beat: …; beat.take()``.

    A minute of beats takes half a megabyte: the memory of what is measured is measured too.
    """

    def __init__(self) -> None:
        self._late, self._busy = array("d"), array("d")
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Heartbeat:
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def take(self) -> Delays:
        """The delays since the last call."""
        late, busy = self._late, self._busy
        self._late, self._busy = array("d"), array("d")
        return Delays.of(late or [0.0], busy or [0.0])

    async def _beat(self) -> None:
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(INTERVAL)
            self._late.append(time.perf_counter() - before - INTERVAL)
            self._busy.append(time.thread_time() - used)
