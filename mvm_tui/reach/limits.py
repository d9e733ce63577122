"""How many requests a second a MicroVM is sent: three quarters of what its size takes."""

from __future__ import annotations

import asyncio
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
    """Spreads requests so that no second has more than its share; a burst of a second's worth may pass."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._per_second = per_second
        self._burst = max(per_second, 1.0)
        self._credit = self._burst
        self._clock = clock
        self._counted_at = clock.monotonic()

    def reserve(self) -> float:
        """Take the next turn; the seconds until it comes."""
        now = self._clock.monotonic()
        self._credit = min(self._burst, self._credit + (now - self._counted_at) * self._per_second)
        self._counted_at = now
        self._credit -= 1
        return max(-self._credit / self._per_second, 0.0)

    @property
    def backlog(self) -> float:
        """The seconds that the next turn would be away."""
        return max((1 - self._credit) / self._per_second, 0.0)

    async def turn(self) -> float:
        """Wait for one's turn; the seconds that were waited."""
        wait = self.reserve()
        if wait:
            await asyncio.sleep(wait)
        return wait
