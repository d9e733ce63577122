"""The one thread that reads the fleet, and tells the listener what changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from mvm_tui.aws.budget import Slot
from mvm_tui.aws.errors import explain
from mvm_tui.aws.microvms import get
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.fleet.closeups import Closeups
from mvm_tui.fleet.errands import Errands
from mvm_tui.fleet.memory import Memory
from mvm_tui.fleet.store import Store
from mvm_tui.fleet.sweep import Attention, Sweeper
from mvm_tui.model.backoff import BackOff
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Gone, NotSignedIn, Problem, SignInExpired

# Change sets while a long listing comes in: often enough to look alive, rare enough to leave the screen time.
_TELL_SECONDS = 0.25
# While the first listing comes in, every change set moves most of what is on screen.
_TELL_LOADING_SECONDS = 0.5
# Without a sign of the user for this long, sweeps become rarer.
_IDLE_AFTER_SECONDS = 120.0
_LONGEST_WAIT_SECONDS = 60.0

_log = logging.getLogger(__name__)

OnChange = Callable[[ChangeSet], None]


class Poller:
    """Chooses the most urgent call, makes it, and waits when nothing is due. One call at a time."""

    def __init__(
        self, connection: Connection, store: Store, memory: Memory, clock: Clock, sweep_seconds: float
    ) -> None:
        self.closeups = Closeups(store)
        self.errands = Errands(connection, store, memory)
        self.sweeper = Sweeper(connection, store, clock, sweep_seconds)
        self._connection = connection
        self._store = store
        self._memory = memory
        self._clock = clock
        self._get_slot = Slot(connection.budget, "GetMicrovm", background=True)
        self._get_back_off = BackOff()
        self._wake = threading.Event()
        self._telling = threading.Lock()
        self._stopped = False
        self._hidden = False
        self._refresh = False
        self._touched_at = clock.monotonic()
        self._told_at = 0.0
        self._told = PollStatus()
        self._on_change: OnChange | None = None
        self._generation = 0

    def start(self, on_change: OnChange, generation: int) -> None:
        self._on_change = on_change
        self._generation = generation
        threading.Thread(target=self._run, name=f"fleet-{generation}", daemon=True).start()

    def stop(self) -> None:
        """The thread ends after the call it is in; the listener hears nothing more."""
        self._stopped = True
        self._wake.set()

    def wake(self) -> None:
        """Look again at what is due, because the user did something."""
        self._touched_at = self._clock.monotonic()
        self._wake.set()

    def refresh(self) -> None:
        self._refresh = True
        self.wake()

    def set_hidden(self, hidden: bool) -> None:
        self._hidden = hidden
        self.wake()

    def tell(self) -> None:
        """Give the listener what changed. Never twice at once, and in order."""
        with self._telling:
            if self._stopped:
                return
            now = self._clock.monotonic()
            changes = self._store.take_changes()
            status = self.sweeper.status(now)
            self._told_at = now
            if changes.empty and status == self._told:
                return
            if not changes.empty or status.complete != self._told.complete:
                self.errands.count(now)
            self._told = status
            if self._on_change is not None:
                self._on_change(
                    ChangeSet(self._generation, changes.added, changes.changed, changes.gone, status)
                )
            self.closeups.follow(changes.moved, now)
            self._memory.record(changes.moved)

    def _run(self) -> None:
        while not self._stopped:
            try:
                seconds = self._turn()
            except Exception as error:  # noqa: BLE001 - a mistake must neither freeze the screen nor pass unseen
                _log.exception("the fleet could not be read")
                self.sweeper.back_off.failed(explain(error, "reading the fleet"), self._clock.monotonic())
                seconds = 1.0
            if seconds > 0 and self._wake.wait(seconds):
                self._wake.clear()

    def _turn(self) -> float:
        """Make the most urgent call that is due; seconds to wait before the next turn."""
        now = self._clock.monotonic()
        self._set_attention(now)
        if self._refresh:
            self._refresh = False
            self._get_back_off.succeeded()
            self.sweeper.ask()
        plans = [(due, step) for due, step in self._plans(now) if due is not None]
        due, step = min(plans, key=lambda plan: plan[0])
        if due > now:
            self._tell_in_time(now, due)
            return min(due - now, _LONGEST_WAIT_SECONDS)
        step(now)
        self._tell_in_time(now, now)
        return 0.0

    def _plans(self, now: float) -> list[tuple[float | None, Callable[[float], None]]]:
        """What could be done and when; of two that are due, the one that waits longer goes first."""
        return [
            (self._closeup_due(now), self._closeup),
            (self.sweeper.due_at(now), self._sweep),
            (self.errands.due_at(now), self.errands.step),
        ]

    def _closeup_due(self, now: float) -> float | None:
        due = self.closeups.due_at()
        if due is None:
            return None
        due = max(due, self._get_back_off.until)
        return due if due > now else self._get_slot.at(now)

    def _closeup(self, now: float) -> None:
        key = self.closeups.take(now)
        if key is None:
            return
        self._get_slot.use()
        ticket = self._store.ticket()
        try:
            self._store.apply(get(self._connection, key), ticket)
            self._get_back_off.succeeded()
        except Gone:
            self._store.remove(key, ticket)
        except (NotSignedIn, SignInExpired) as problem:
            self.sweeper.back_off.failed(problem, self._clock.monotonic())
            self._get_back_off.failed(problem, self._clock.monotonic())
        except Problem as problem:
            self._get_back_off.failed(problem, self._clock.monotonic())
            if problem.temporary:
                self.closeups.put_back(key)

    def _sweep(self, now: float) -> None:
        try:
            page = self.sweeper.step(now)
        except Problem:
            # The sweeper keeps it, and its status shows it.
            return
        if page is None:
            self.closeups.confirm(self.sweeper.missing())
            self._memory.looked()
        else:
            self._memory.recall(page)

    def _tell_in_time(self, now: float, next_due: float) -> None:
        """Tell at once when there is time or the first page is in, else now and then."""
        pause = _TELL_SECONDS if self.sweeper.complete else _TELL_LOADING_SECONDS
        if next_due - now > _TELL_SECONDS or now - self._told_at >= pause or not self._told.pages:
            self.tell()

    def _set_attention(self, now: float) -> None:
        if self._hidden:
            self.sweeper.attention = Attention.HIDDEN
        elif now - self._touched_at > _IDLE_AFTER_SECONDS:
            self.sweeper.attention = Attention.IDLE
        else:
            self.sweeper.attention = Attention.ACTIVE
