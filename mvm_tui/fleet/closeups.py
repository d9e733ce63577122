"""Which MicroVM to read by itself next: what was acted on, what is on screen, what is in transition…"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mvm_tui.fleet.store import Store
from mvm_tui.model.backoff import jittered
from mvm_tui.model.fleet_row import FleetRow

# A MicroVM in transition is read often while its end may come any second, then less and less.
_FAST_SECONDS, _FAST_FOR = 0.5, 10.0
_STEADY_SECONDS, _STEADY_FOR = 1.0, 60.0
_SLOW_SECONDS = 5.0
# How long after an action its MicroVM is watched even if no transition is seen.
_WATCHED_FOR = 20.0
# In transition at once and watched; the rest of a larger number waits for the sweeps.
_MOST_WATCHED = 50


@dataclass(slots=True)
class _Watch:
    since: float
    due: float
    acted: bool


class Closeups:
    """Hands out ids in the order of their urgency. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._watched: dict[str, _Watch] = {}
        self._vanished: deque[str] = deque()
        self._on_screen: deque[str] = deque()
        self._wanted: deque[str] = deque()
        self._asked_for = 0
        self._busy: set[str] = set()

    def watch(self, ids: Iterable[str], now: float) -> None:
        """Follow MicroVMs that were just acted on."""
        with self._lock:
            for key in ids:
                self._watched[key] = _Watch(now, now, acted=True)

    def follow(self, moved: Iterable[FleetRow], now: float) -> None:
        """Follow those that were seen to go into a transition."""
        with self._lock:
            for row in moved:
                vm = row.vm
                if vm.in_transition and vm.id not in self._watched and len(self._watched) < _MOST_WATCHED:
                    self._watched[vm.id] = _Watch(now, now + jittered(_FAST_SECONDS), acted=False)

    def confirm(self, ids: Iterable[str]) -> None:
        """Look whether MicroVMs that are no longer listed are still there."""
        with self._lock:
            self._vanished.extend(ids)

    def want(self, ids: Sequence[str], *, on_screen: bool) -> None:
        """Replace the MicroVMs whose details are wanted."""
        with self._lock:
            if on_screen:
                self._on_screen = deque(ids)
            else:
                # Those whose details are known fall out when their turn comes: going through a large fleet
                # here would hold up the caller.
                self._wanted = deque(ids)
                self._asked_for = len(ids)

    def progress(self) -> tuple[int, int]:
        """(read, wanted) of those wanted for sorting and filtering."""
        with self._lock:
            return self._asked_for - len(self._wanted), self._asked_for

    def set_busy(self, ids: Iterable[str], busy: bool) -> None:
        """Leave MicroVMs alone while an action reads them itself."""
        with self._lock:
            if busy:
                self._busy.update(ids)
            else:
                self._busy.difference_update(ids)

    def due_at(self) -> float | None:
        """The monotonic second from which something is to be read; None if nothing is."""
        with self._lock:
            if self._vanished or self._on_screen or self._wanted:
                return 0.0
            return min((one.due for one in self._watched.values()), default=None)

    def take(self, now: float) -> str | None:
        """The id to read now, None if nothing is due after all."""
        with self._lock:
            urgent = self._due(now, acted=True)
            if urgent is not None:
                return urgent
            if (key := self._pop(self._on_screen)) is not None:
                return key
            if self._vanished:
                return self._vanished.popleft()
            moving = self._due(now, acted=False)
            return moving if moving is not None else self._pop(self._wanted)

    def put_back(self, key: str) -> None:
        """A reading failed for a reason that passes: it is still wanted."""
        with self._lock:
            self._on_screen.appendleft(key)

    def _due(self, now: float, *, acted: bool) -> str | None:
        due = [(one.due, key) for key, one in self._watched.items() if one.acted is acted and one.due <= now]
        if not due:
            return None
        _, key = min(due)
        self._reschedule(key, now)
        return None if key in self._busy else key

    def _reschedule(self, key: str, now: float) -> None:
        one = self._watched[key]
        age = now - one.since
        row = self._store.row(key)
        settled = row is None or not (row.vm.in_transition or row.pending)
        if settled and not (one.acted and age < _WATCHED_FOR and row is not None):
            del self._watched[key]
            return
        pause = _FAST_SECONDS if age < _FAST_FOR else _STEADY_SECONDS if age < _STEADY_FOR else _SLOW_SECONDS
        one.due = now + jittered(pause)

    def _pop(self, queue: deque[str]) -> str | None:
        while queue:
            key = queue.popleft()
            if self._store.needs_details(key) and key not in self._busy:
                return key
        return None
