"""The local cloud's time: durations may run faster, timestamps never do."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

# How often a manual advance lets the event loop turn, so that tasks started by a timer reach their next wait.
_TURNS = 20


class Handle(Protocol):
    """A call that is due later and can be taken back."""

    def cancel(self) -> None: ...


class Timing:
    """Wall time, monotonic time and timers.

    `speed` divides durations of the service (builds, starts, idle windows). Timestamps, token expiries and
    hard ends stay in real time.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("the speed must be greater than 0")
        self.speed = speed

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Real seconds that never go backwards; only differences mean anything."""
        return time.monotonic()

    def service_seconds_since(self, reading: float) -> float:
        """How much of the service's time has gone by since a reading of `monotonic`."""
        return (self.monotonic() - reading) * self.speed

    def call_later(self, seconds_of_service_time: float, fn: Callable[..., object], *args: object) -> Handle:
        """Call `fn` after a duration of the service, that is after ``seconds / speed``."""
        return self._call_after(max(seconds_of_service_time, 0.0) / self.speed, fn, *args)

    def call_at_real(self, when: datetime, fn: Callable[..., object], *args: object) -> Handle:
        """Call `fn` at a moment of wall time, whatever the speed."""
        return self._call_after(max((when - self.now()).total_seconds(), 0.0), fn, *args)

    async def sleep(self, seconds_of_service_time: float) -> None:
        """Wait for a duration of the service."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        handle = self.call_later(seconds_of_service_time, _wake, woken)
        try:
            await woken
        finally:
            handle.cancel()

    def _call_after(self, real_seconds: float, fn: Callable[..., object], *args: object) -> Handle:
        return asyncio.get_running_loop().call_later(real_seconds, fn, *args)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


class _ManualHandle:
    __slots__ = ("args", "cancelled", "fn")

    def __init__(self, fn: Callable[..., object], args: tuple[object, ...]) -> None:
        self.fn = fn
        self.args = args
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class ManualTiming(Timing):
    """A clock that stands still until a test moves it; timers fire while it moves, in their order."""

    def __init__(
        self, start: datetime = datetime(2026, 11, 1, 12, 0, tzinfo=UTC), *, speed: float = 1.0
    ) -> None:
        super().__init__(speed)
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _ManualHandle]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move on by real seconds, calling what falls due on the way."""
        end = self._elapsed + seconds
        while self._timers and self._timers[0][0] <= end:
            self._fire_next()
        self._elapsed = end

    async def run(self, seconds: float) -> None:
        """Like `advance`, but tasks that a timer starts get to run before the next timer fires."""
        end = self._elapsed + seconds
        await self._settle()
        while self._timers and self._timers[0][0] <= end:
            self._fire_next()
            await self._settle()
        self._elapsed = end
        await self._settle()

    def _fire_next(self) -> None:
        due, _, handle = heapq.heappop(self._timers)
        self._elapsed = max(self._elapsed, due)
        if not handle.cancelled:
            handle.fn(*handle.args)

    async def _settle(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    def _call_after(self, real_seconds: float, fn: Callable[..., object], *args: object) -> Handle:
        handle = _ManualHandle(fn, args)
        heapq.heappush(self._timers, (self._elapsed + real_seconds, next(self._order), handle))
        return handle
