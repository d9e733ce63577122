"""How late an event loop runs: a task that wants to wake every 2 ms and notes by how much it is late."""

from __future__ import annotations

import asyncio
import time
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
    def of(cls, beats: Sequence[tuple[float, float]]) -> Delays:
        """From (late, busy) in seconds, at least one."""
        late = sorted(beat[0] * 1e3 for beat in beats)
        busy = sorted(beat[1] * 1e3 for beat in beats)
        middle, high = (len(beats) - 1) // 2, int((len(beats) - 1) * 0.99)
        return cls(len(beats), late[middle], late[high], late[-1], busy[high], busy[-1])


class Heartbeat:
    """Beats while the block runs: ``async with Heartbeat() as beat: …; beat.take()``."""

    def __init__(self) -> None:
        self._beats: list[tuple[float, float]] = []
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
        beats, self._beats = self._beats, []
        return Delays.of(beats or [(0.0, 0.0)])

    async def _beat(self) -> None:
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(INTERVAL)
            late = time.perf_counter() - before - INTERVAL
            self._beats.append((late, time.thread_time() - used))
