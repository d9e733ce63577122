"""Things that fall due at a moment of wall time: one timer for any number of them."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mvm_tui.local.clock import Handle, Timing

# Timers stand still while a computer sleeps and wall time does not: so the clock is looked at this often.
LOOK_AGAIN = timedelta(minutes=1)

Due = tuple[datetime, int, Callable[..., object], tuple[object, ...]]


class Agenda:
    """Hard ends and expiries. Entries cannot be taken back: what they call looks at the state it finds.

    One timer, set for the next entry, so that tens of thousands of records cost a tuple each.
    """

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._due: list[Due] = []
        self._order = itertools.count()
        self._handle: Handle | None = None

    def add(self, when: datetime, fn: Callable[..., object], *args: object) -> None:
        """Call ``fn(*args)`` at `when`, or as soon as possible if that is past."""
        entry = (when, next(self._order), fn, args)
        heapq.heappush(self._due, entry)
        if self._due[0] is entry:
            self._arm()

    def close(self) -> None:
        self._due.clear()
        if self._handle is not None:
            self._handle.cancel()

    def _arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        look = min(self._due[0][0], self._timing.now() + LOOK_AGAIN)
        self._handle = self._timing.call_at_real(look, self._fire)

    def _fire(self) -> None:
        self._handle = None
        while self._due and self._due[0][0] <= self._timing.now():
            _, _, fn, args = heapq.heappop(self._due)
            fn(*args)
        if self._due:
            self._arm()
