"""Carries out one action on any number of MicroVMs, so that none is lost."""

from __future__ import annotations

import heapq
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mvm_tui.aws.microvms import get
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.perform import Deed, Result, called_off, judge, refused
from mvm_tui.fleet.store import Store
from mvm_tui.model.backoff import jittered
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Conflict, GatewayFault, Gone, Problem, Throttled, Unreachable

# How long a MicroVM may take to show the state it was asked for.
SETTLE_SECONDS = 90.0
_FIRST_LOOK_SECONDS = 0.4
_NEXT_LOOK_SECONDS = 0.8
# A conflict means that it is on its way to another state: look again after this, then ask once more.
_CONFLICT_SECONDS = 1.0
_ATTEMPTS = 8
_LONGEST_PAUSE_SECONDS = 20.0
# How soon a user who stops the action is heard.
_LISTEN_SECONDS = 0.1


@dataclass(slots=True)
class _Task:
    """One MicroVM on its way to its result."""

    id: str
    sent: bool = False
    attempts: int = 0
    asked_at: float = 0.0
    request_id: str = ""
    conflict: Problem | None = None
    asked_again: bool = False


class Bulk:
    """One run. Calls go out from a thread of their own, at the permitted pace; this one verifies."""

    def __init__(
        self,
        connection: Connection,
        store: Store,
        clock: Clock,
        deed: Deed,
        *,
        tell: Callable[[], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._connection = connection
        self._store = store
        self._clock = clock
        self._deed = deed
        self._tell = tell
        self._cancelled = cancelled
        self._stop = threading.Event()
        self._to_ask: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._asked: queue.SimpleQueue[tuple[_Task, Problem | None]] = queue.SimpleQueue()
        self._looks: list[tuple[float, str, _Task]] = []
        self._open: dict[str, _Task] = {}
        self._finished: deque[Result] = deque()

    def run(self, ids: Iterable[str], on_result: Callable[[Result], None]) -> list[Result]:
        """The results in the order in which they became known, each handed to `on_result` at once."""
        results: list[Result] = []
        for key in dict.fromkeys(ids):
            self._open[key] = _Task(key)
            self._to_ask.put(self._open[key])
        asker = threading.Thread(target=self._ask_all, name=f"ask-{self._deed.operation}", daemon=True)
        asker.start()
        try:
            while self._open:
                self._turn()
                while self._finished:
                    results.append(self._finished.popleft())
                    on_result(results[-1])
        finally:
            self._stop.set()
            self._to_ask.put(None)
        return results

    def _turn(self) -> None:
        """Take in what was asked meanwhile, and look at one MicroVM if one is due."""
        if self._cancelled():
            self._call_off()
            return
        now = self._clock.monotonic()
        due = self._looks[0][0] if self._looks else now + _LISTEN_SECONDS
        try:
            task, problem = self._asked.get(timeout=min(max(due - now, 0.0), _LISTEN_SECONDS))
            self._answered(task, problem)
        except queue.Empty:
            pass
        if self._looks and self._looks[0][0] <= self._clock.monotonic():
            self._look(heapq.heappop(self._looks)[2])

    def _answered(self, task: _Task, problem: Problem | None) -> None:
        """What the service calls a conflict may be settled; what it failed at may have been done."""
        task.conflict = problem if isinstance(problem, Conflict | GatewayFault | Unreachable) else None
        task.asked_again |= isinstance(problem, GatewayFault | Unreachable)
        if problem is None:
            task.asked_at = self._clock.monotonic()
            self._look_after(task, _FIRST_LOOK_SECONDS)
        elif task.conflict is not None:
            self._look_after(task, _CONFLICT_SECONDS)
        else:
            self._finish(refused(self._deed, task.id, problem))

    def _look(self, task: _Task) -> None:
        self._stop.wait(self._connection.budget.reserve("GetMicrovm", background=False))
        ticket = self._store.ticket()
        try:
            vm = get(self._connection, task.id)
        except Gone as problem:
            self._store.remove(task.id, ticket)
            self._finish(refused(self._deed, task.id, problem, task.request_id))
            return
        except Problem as problem:
            self._not_seen(task, problem)
            return
        self._store.apply(vm, ticket)
        self._tell()
        waited = self._clock.monotonic() - task.asked_at if task.asked_at else 0.0
        result = judge(self._deed, vm, task.request_id, waited, SETTLE_SECONDS)
        if result is not None:
            self._finish(result)
        elif task.conflict is None:
            self._look_after(task, _NEXT_LOOK_SECONDS)
        else:
            self._after_conflict(task, task.conflict, in_transition=vm.in_transition)

    def _after_conflict(self, task: _Task, conflict: Problem, *, in_transition: bool) -> None:
        task.attempts += 1
        if in_transition and task.attempts < SETTLE_SECONDS / _CONFLICT_SECONDS:
            self._look_after(task, _CONFLICT_SECONDS)
        elif task.asked_again:
            self._finish(refused(self._deed, task.id, conflict))
        else:
            task.asked_again = True
            task.attempts = 0
            self._to_ask.put(task)

    def _not_seen(self, task: _Task, problem: Problem) -> None:
        if task.conflict is not None and task.conflict.temporary:
            self._finish(refused(self._deed, task.id, task.conflict))
            return
        waited = self._clock.monotonic() - task.asked_at
        if problem.temporary and (not task.asked_at or waited < SETTLE_SECONDS):
            task.attempts += 1
            if task.asked_at or task.attempts < _ATTEMPTS:
                self._look_after(task, max(_NEXT_LOOK_SECONDS * 2, problem.retry_after or 0.0))
                return
        message = f"asked for, but could not be verified: {problem.what}"
        self._finish(Result(task.id, False, message, problem, task.request_id))

    def _look_after(self, task: _Task, seconds: float) -> None:
        heapq.heappush(self._looks, (self._clock.monotonic() + jittered(seconds), task.id, task))

    def _finish(self, result: Result) -> None:
        del self._open[result.id]
        self._store.set_pending([result.id], "")
        self._tell()
        self._finished.append(result)

    def _call_off(self) -> None:
        self._stop.set()
        while not self._asked.empty():
            self._answered(*self._asked.get())
        for task in list(self._open.values()):
            self._finish(called_off(task.id, task.request_id, sent=task.sent))

    def _ask_all(self) -> None:
        """The asking thread: one call after the other, each at its moment, throttled ones again."""
        while (task := self._to_ask.get()) is not None:
            pause = self._connection.budget.reserve(self._deed.operation, background=False)
            if self._stop.wait(pause):
                return
            problem = self._ask(task)
            if self._stop.is_set():
                return
            self._asked.put((task, problem))

    def _ask(self, task: _Task) -> Problem | None:
        """Ask until there is an answer that waiting does not mend."""
        for attempt in range(1, _ATTEMPTS + 1):
            task.sent = True
            try:
                task.request_id = self._deed.ask(self._connection, task.id)
                return None
            except Problem as problem:
                if isinstance(problem, Throttled):
                    self._connection.budget.throttled(self._deed.operation)
                if not problem.temporary or attempt == _ATTEMPTS:
                    return problem
                pause = jittered(min(2.0 ** (attempt - 1) * 0.5, _LONGEST_PAUSE_SECONDS))
                if self._stop.wait(max(pause, problem.retry_after or 0.0)):
                    return problem
        return None
