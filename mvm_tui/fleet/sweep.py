"""Reads the whole listing again and again, one page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from mvm_tui.aws.budget import Slot
from mvm_tui.aws.microvms import pages
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.changes import PollStatus
from mvm_tui.fleet.store import Store
from mvm_tui.model.backoff import BackOff, jittered
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.microvm import Microvm

_OPERATION = "ListMicrovms"
# The least pause between two sweeps, however long they take.
_BREATH_SECONDS = 0.5


class Attention(Enum):
    """How closely somebody looks; the value is how much longer than usual the fleet may go unread."""

    ACTIVE = 1.0
    IDLE = 3.0
    HIDDEN = 12.0


class Sweeper:
    """One sweep after the other. `step` makes one call; the poller decides when.

    A sweep that the user asked for, and the first one, keep to the user's share of the rate.
    """

    def __init__(self, connection: Connection, store: Store, clock: Clock, seconds: float) -> None:
        self.attention = Attention.ACTIVE
        self.back_off = BackOff()
        self.pages = 0
        self.complete = False
        self.swept_at = 0.0
        self._connection = connection
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._started_at = 0.0
        self._jitter = 1.0
        self._asked = True
        self._reading: Iterator[list[Microvm]] | None = None
        self._first_ticket = 0
        self._slots = {
            background: Slot(connection.budget, _OPERATION, background=background)
            for background in (True, False)
        }
        self._background = False

    def ask(self) -> None:
        """Begin a sweep now, whatever failed before."""
        self._asked = True
        self._reading = None
        self.back_off.succeeded()

    def due_at(self, now: float) -> float:
        """The monotonic second from which `step` may be called."""
        if self._reading is not None or self._asked:
            background = self._background if self._reading is not None else False
            return max(self.back_off.until, self._slots[background].at(now))
        due = self._started_at + self._seconds * self._jitter * self.attention.value
        due = max(due, self.swept_at + _BREATH_SECONDS, self.back_off.until)
        return due if due > now else max(due, self._slots[True].at(now))

    def step(self, now: float) -> list[Microvm] | None:
        """Read the next page into the store; None once the sweep is over. Raises Problem."""
        if self._reading is None:
            self._begin(now)
        self._slots[self._background].use()
        assert self._reading is not None
        ticket = self._store.ticket()
        try:
            page = next(self._reading, None)
        except Problem as problem:
            self._reading = None
            self._asked = self._asked or not self._background
            self.back_off.failed(problem, self._clock.monotonic())
            raise
        if page is None:
            self._reading = None
            self.complete = True
            self.swept_at = self._clock.monotonic()
            return None
        self.pages += 1
        self.back_off.succeeded()
        self._store.apply_page(page, ticket)
        return page

    def missing(self) -> list[str]:
        """After a sweep: MicroVMs that the listing no longer holds, to be confirmed one by one."""
        return self._store.end_sweep(self._first_ticket)

    def status(self, now: float) -> PollStatus:
        return PollStatus(
            sweeping=self._reading is not None,
            pages=self.pages,
            complete=self.complete,
            swept_at=self.swept_at,
            back_off=max(self.back_off.until - now, 0.0) if self.back_off.problem else 0.0,
            problem=self.back_off.problem,
        )

    def _begin(self, now: float) -> None:
        self._background = not self._asked
        self._asked = False
        self._started_at = now
        self._jitter = jittered(1.0)
        self._first_ticket = self._store.ticket()
        self.pages = 0
        self._reading = pages(self._connection)
