"""How fast each operation may be called: what runs by itself leaves most of the rate to the user."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from mvm_tui.model.clock import Clock

# Calls per second of an account that Service Quotas says nothing else of (Lambda Developer Guide, MicroVM
# limits, November 2026).
PUBLISHED_RATES = {
    "RunMicrovm": 5.0,
    "ResumeMicrovm": 5.0,
    "SuspendMicrovm": 2.0,
    "TerminateMicrovm": 10.0,
    "GetMicrovm": 100.0,
    "CreateMicrovmAuthToken": 50.0,
    "CreateMicrovmShellAuthToken": 5.0,
}
BACKGROUND_SHARE = 0.25
USER_SHARE = 0.8
# Where no rate is published, all background calls together keep to this many per second. The user's
# own keep, with those of the background, under what Lambda's other control calls have: 15 per second.
UNPUBLISHED_BACKGROUND_RATE = 4.0
UNPUBLISHED_USER_RATE = 10.0
_LARGEST_BURST = 25.0
# New accounts have one launch per second (measured by the author of microvm-ctl).
_LOWEST_RATE = 0.5
_CHANGING = frozenset({"RunMicrovm", "ResumeMicrovm", "SuspendMicrovm", "TerminateMicrovm"})


@dataclass(slots=True)
class _Bucket:
    """A token bucket that lends: the balance may go below zero, and the debt is the wait."""

    rate: float
    burst: float
    balance: float
    filled_at: float

    def take(self, now: float) -> float:
        self.balance = min(self.burst, self.balance + (now - self.filled_at) * self.rate) - 1
        self.filled_at = now
        return max(-self.balance / self.rate, 0.0)


class Budget:
    """Paces calls per operation. Reserving never sleeps: the caller waits, and may be interrupted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._applied: dict[str, float] = {}
        self._taught: dict[str, float] = {}
        self._buckets: dict[tuple[str, bool], _Bucket] = {}

    def reserve(self, operation: str, *, background: bool) -> float:
        """Take the next slot of an operation; seconds to wait before the call may be made."""
        with self._lock:
            return self._bucket(operation, background).take(self._clock.monotonic())

    def rate(self, operation: str, *, background: bool) -> float:
        """Calls per second that `reserve` keeps to."""
        applied = self._applied.get(operation, PUBLISHED_RATES.get(operation))
        if applied is None:
            return UNPUBLISHED_BACKGROUND_RATE if background else UNPUBLISHED_USER_RATE
        return applied * (BACKGROUND_SHARE if background else USER_SHARE)

    def learn(self, operation: str, per_second: float) -> None:
        """Set the rate that Service Quotas says is applied to an operation; nonsense is ignored."""
        if per_second <= 0:
            return
        with self._lock:
            self._applied[operation] = per_second
            for background in (True, False):
                if bucket := self._buckets.get((operation, background)):
                    bucket.rate = self.rate(operation, background=background)

    def throttled(self, operation: str) -> None:
        """The service refused a call as one too many: what is applied must be less than was thought."""
        before = self._applied.get(operation, PUBLISHED_RATES.get(operation))
        if before is None:
            return
        lower = max(before / 2, _LOWEST_RATE)
        self.learn(operation, lower)
        with self._lock:
            self._taught[operation] = lower

    def taught(self) -> dict[str, float]:
        """Operation → the rate that refusals taught us."""
        with self._lock:
            return dict(self._taught)

    def _bucket(self, operation: str, background: bool) -> _Bucket:
        # One bucket for all background calls without a published rate: they keep to it together.
        shared = background and operation not in PUBLISHED_RATES
        key = ("" if shared else operation, background)
        if key not in self._buckets:
            rate = self.rate(operation, background=background)
            # What reads may go out in a burst, as a screenful does; what changes something may not.
            burst = 1.0 if operation in _CHANGING else min(rate, _LARGEST_BURST)
            self._buckets[key] = _Bucket(rate, burst, burst, self._clock.monotonic())
        return self._buckets[key]


class Slot:
    """The next permitted moment of an operation, kept until it is used."""

    def __init__(self, budget: Budget, operation: str, *, background: bool) -> None:
        self._budget = budget
        self._operation = operation
        self._background = background
        self._at: float | None = None

    def at(self, now: float) -> float:
        """The monotonic second from which the operation may be called."""
        if self._at is None:
            self._at = now + self._budget.reserve(self._operation, background=self._background)
        return self._at

    def use(self) -> None:
        """The call is made now; the next one needs a moment of its own."""
        self._at = None
