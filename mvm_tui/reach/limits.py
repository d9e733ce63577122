"""How many requests a second a MicroVM is sent: three quarters of what its size takes."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from mvm_tui.model.clock import Clock
from mvm_tui.model.size import size_of

# What is left is for others who use the MicroVM.
SHARE = 0.75
# Where nothing is published; the two published figures (40/s for 4 peak vCPUs, 160/s for 16) both give it.
ASSUMED_PER_PEAK_VCPU = 10


@dataclass(frozen=True, slots=True)
class RequestRate:
    """Requests a second: what the size takes, and whether that is published or assumed."""

    of_size: float
    published: bool

    @property
    def allowed(self) -> float:
        return self.of_size * SHARE

    @property
    def words(self) -> str:
        """``30 requests/s, three quarters of the 40 published for its size``."""
        basis = "published" if self.published else "assumed"
        return f"{self.allowed:g} requests/s, three quarters of the {self.of_size:g} {basis} for its size"


def request_rate(memory_mib: int | None) -> RequestRate:
    """The rate of a size (Lambda Developer Guide, MicroVM limits); the smallest where it is not known."""
    size = size_of(memory_mib or 512)
    if memory_mib and size.requests_per_second:
        return RequestRate(size.requests_per_second, published=True)
    return RequestRate(ASSUMED_PER_PEAK_VCPU * size.peak_vcpu, published=False)


class Pace:
    """Keeps requests to a rate: no second has more than its share, which may come all at once.

    A rate below one a second has one in as many seconds as that takes.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._clock = clock
        count = max(int(per_second), 1)
        self._period = max(1.0, count / per_second)
        # When the latest turns are, oldest first: the next one is a period after the first of them.
        self._turns: deque[float] = deque(maxlen=count)

    def reserve(self) -> float:
        """Take the next turn; the seconds until it comes."""
        wait = self.backlog
        self._turns.append(self._clock.monotonic() + wait)
        return wait

    @property
    def backlog(self) -> float:
        """The seconds that the next turn would be away."""
        if len(self._turns) < (self._turns.maxlen or 1):
            return 0.0
        return max(self._turns[0] + self._period - self._clock.monotonic(), 0.0)

    async def turn(self) -> float:
        """Wait for one's turn; the seconds that were waited."""
        wait = self.reserve()
        if wait:
            await asyncio.sleep(wait)
        return wait
