"""Follows one or many places in a thread of its own, and never stops on an error."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mvm_tui.aws.errors import explain
from mvm_tui.aws.live_tail import LiveUpdate
from mvm_tui.aws.logs import LogReader
from mvm_tui.logs.find import Missing
from mvm_tui.logs.history import Histories, History
from mvm_tui.logs.live import Live
from mvm_tui.logs.order import Batch, sorted_batch
from mvm_tui.logs.places import Place
from mvm_tui.logs.status import Phase, Status
from mvm_tui.logs.tails import OVERLAP_MS, GroupTail, Page, Tail, tail_of
from mvm_tui.model.backoff import BackOff
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem

OnBatch = Callable[[Batch], None]
OnStatus = Callable[[Status], None]
Find = Callable[[], Sequence[Place] | Missing]

# How often a place that is not there yet is looked for: at first, and after a minute.
_LOOK_SECONDS = 3.0
_LOOK_LATER_SECONDS = 15.0
_FIRST_LOOKS = 20
# How often it is looked whether there are more places: of MicroVMs that were launched, or had logged nothing.
_AGAIN_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 20.0
_SAMPLED_SECONDS = 60.0
# Beyond a quiet interval and a slow answer, following is catching up.
_BEHIND_MS = 15_000
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Followed:
    """A tail and its trouble; each place has its own, so that one that fails does not hold up the others.

    `first` is the reading of the newest events that comes before all else; None once it was made.
    """

    tail: Tail
    first: History | None = None
    trouble: BackOff = field(default_factory=lambda: BackOff(_LONGEST_PAUSE_SECONDS))

    @property
    def due(self) -> float:
        return max(self.tail.due, self.trouble.until)


class Follower:
    """Hands over what is new, as it comes.

    `on_batch` and `on_status` are called from other threads, never two calls at once, and should return soon:
    reading waits for them, and so do `stop`, `set_live` and `refresh`. So they must not wait for a thread
    that calls these. After `stop` has returned neither is called any more.
    """

    def __init__(
        self,
        reader: LogReader,
        find: Find,
        clock: Clock,
        on_batch: OnBatch,
        on_status: OnStatus,
        *,
        since: int | None = None,
        first: int = 0,
        ids: bool = False,
        again: float = _AGAIN_SECONDS,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Nothing happens before `start`.

        Args:
            find: Gives the places, or why there are none. Asked again until there are, and then, from another
                thread, whether there are more. Blocking, may raise.
            since: Milliseconds since 1970 from which on everything is read; None is from now on.
            first: How many of the newest events come at once, whatever their age; older ones are then read
                by `history`. 0 is none. Not together with `since`.
            ids: Whether each event must have its id; a single stream is read more cheaply without.
            again: Seconds between two looks for more places.
            wait: Waits so many seconds, or shorter if woken; for tests with a clock of their own.
        """
        self._reader = reader
        self._find = find
        self._clock = clock
        self._on_batch = on_batch
        self._on_status = on_status
        self._since = since
        self._first = first
        self._ids = ids
        self._again = again
        self._begun = 0
        self._woken = threading.Event()
        self._wait = wait or self._woken.wait
        self._virtual = wait is not None
        self._stopped = threading.Event()
        # Held while events are taken in and handed over: polling and Live Tail are two threads.
        self._lock = threading.RLock()
        self._followed: list[_Followed] = []
        self._status = Status()
        self._live: Live | None = None
        self._live_seconds = 0.0
        self._sampled_at = -math.inf
        self._firsts: list[History] = []
        self._history: Histories | None = None
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End following. Waits for a callback that is under way, not for a call to the service."""
        self._stopped.set()
        self._woken.set()
        self.set_live(False)
        with self._lock:
            self._status = replace(self._status, phase=Phase.STOPPED, live=False)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, for at most a call's time-out."""
        self._thread.join(timeout)

    @property
    def status(self) -> Status:
        """The latest status."""
        return self._status

    @property
    def history(self) -> Histories | None:
        """What is older than the `first` events; None before these were read. For one other thread."""
        return self._history

    def refresh(self) -> None:
        """Read at once, whatever the interval and whatever failed last."""
        with self._lock:
            for followed in self._followed:
                followed.trouble.succeeded()
                followed.tail.hurry()
        self._woken.set()

    def live_seconds(self) -> float:
        """How long Live Tail has run in all; it is paid for by the minute."""
        live = self._live
        return self._live_seconds + (live.seconds() if live else 0.0)

    def set_live(self, on: bool) -> None:
        """Switch Live Tail on or off. Nothing happens while the logs are still looked for."""
        with self._lock:
            if (self._live is not None) is on or (on and not self._followed):
                return
            self._end_live("")
            if on and not self._stopped.is_set():
                for followed in self._followed:
                    followed.tail.expect_live()
                places = [followed.tail.place for followed in self._followed]
                self._live = Live(
                    self._reader.connection,
                    places,
                    self._clock,
                    on_start=self._live_started,
                    on_update=self._live_came,
                    on_end=self._live_ended,
                )

    def _run(self) -> None:
        try:
            if self._look():
                if not self._virtual:
                    threading.Thread(target=self._look_again, name="logs-places", daemon=True).start()
                while not self._stopped.is_set():
                    self._turn()
        except Exception as error:  # noqa: BLE001 - a thread that dies must say so
            _log.exception("following logs failed")
            self._tell(phase=Phase.STOPPED, problem=explain(error))

    def _look(self) -> bool:
        """Find the places; False when stopped meanwhile."""
        looks, trouble = 0, BackOff(_LONGEST_PAUSE_SECONDS)
        while not self._stopped.is_set():
            try:
                found = self._find()
            except Problem as problem:
                trouble.failed(problem, self._clock.monotonic())
                self._tell(phase=Phase.BACKING_OFF, problem=problem, retry_at=trouble.until)
                self._sleep(trouble.until - self._clock.monotonic())
                continue
            if not isinstance(found, Missing):
                self._begin(found)
                return True
            looks += 1
            self._tell(phase=Phase.LOOKING, missing=found, problem=None)
            self._sleep(_LOOK_SECONDS if looks <= _FIRST_LOOKS else _LOOK_LATER_SECONDS)
        return False

    def _begin(self, places: Sequence[Place]) -> None:
        since = self._reader.now_ms() - OVERLAP_MS if self._since is None else self._since
        self._begun = since
        firsts: list[History] = []
        with self._lock:
            for place in places:
                tail = tail_of(self._reader, place, self._clock, since, ids=self._ids, share=len(places))
                self._followed.append(_Followed(tail))
                if self._first:
                    history = History(self._reader, place, page=self._first, sleep=self._pause)
                    self._followed[-1].first = history
                    firsts.append(history)
        self._firsts = firsts
        self._tell(phase=Phase.CATCHING_UP, missing=None, problem=None)

    def _look_again(self) -> None:
        """Take in places that come later, while those that are known are read."""
        while not self._stopped.wait(self._again):
            try:
                found = self._find()
            except Exception as error:  # noqa: BLE001 - it is asked again, and reading goes on meanwhile
                _log.debug("looking for more logs failed", extra={"kind": type(error).__name__})
                continue
            if not isinstance(found, Missing):
                self._take_in(found)

    def _take_in(self, places: Sequence[Place]) -> None:
        with self._lock:
            known = {followed.tail.place.group: followed for followed in self._followed}
            before = [followed.tail.place for followed in self._followed]
            for place in places:
                followed = known.get(place.group)
                if followed is None:
                    share = len(self._followed) + 1
                    tail = tail_of(self._reader, place, self._clock, self._begun, ids=self._ids, share=share)
                    self._followed.append(_Followed(tail))
                elif (wider := followed.tail.place.widened(place)) != followed.tail.place:
                    followed.tail = followed.tail.grouped()
                    followed.tail.place = wider
                    followed.tail.hurry()
            if before != [followed.tail.place for followed in self._followed]:
                if self._live is not None:
                    # A session's groups and streams are those it was opened with.
                    self.set_live(False)
                    self.set_live(True)
                self._woken.set()

    def _turn(self) -> None:
        """One call to the service, for whatever is due first."""
        followed = min(self._followed, key=lambda one: one.due)
        if (pause := followed.due - self._clock.monotonic()) > 0:
            # Woken or not: what is due first may have changed meanwhile.
            return self._sleep(pause)
        tail = followed.tail
        try:
            if followed.first is not None:
                self._take_first(followed, followed.first)
            else:
                self._sleep(self._reader.budget.reserve(tail.operation, background=False))
                if not self._stopped.is_set():
                    self._take(followed, tail, tail.fetch())
        except Problem as problem:
            followed.trouble.failed(problem, self._clock.monotonic())
        else:
            followed.trouble.succeeded()
        return self._tell_progress()

    def _take(self, followed: _Followed, tail: Tail, page: Page) -> None:
        with self._lock:
            # Live Tail may have put another tail in its place, which reads again what this one brings.
            if followed.tail is tail:
                self._hand_over(tail.digest(page).batch)

    def _take_first(self, followed: _Followed, history: History) -> None:
        events = history.older()
        with self._lock:
            followed.first = None if events or history.exhausted else history
            followed.tail.know(events, history.forward)
            self._hand_over(sorted_batch(events, None))
            if all(one.first is None for one in self._followed):
                self._history = Histories(self._firsts)

    def _hand_over(self, batch: Batch) -> None:
        if len(batch) and not self._stopped.is_set():
            self._status = replace(
                self._status,
                events=self._status.events + len(batch),
                late=self._status.late + len(batch.late),
            )
            self._on_batch(batch)

    def _tell_progress(self) -> None:
        now = self._clock.monotonic()
        read_up_to = min(followed.tail.read_up_to for followed in self._followed)
        troubled = [followed.trouble for followed in self._followed if followed.trouble.problem]
        behind = self._reader.now_ms() - read_up_to > _BEHIND_MS
        phase = Phase.BACKING_OFF if troubled else Phase.CATCHING_UP if behind else Phase.FOLLOWING
        self._tell(
            phase=phase,
            read_up_to=read_up_to,
            settled=min(followed.tail.settled for followed in self._followed),
            interval=min(followed.tail.interval for followed in self._followed),
            problem=troubled[0].problem if troubled else None,
            retry_at=min((trouble.until for trouble in troubled), default=0.0),
            blind=any(followed.tail.blind for followed in self._followed),
            live=self._live is not None and self._status.live,
            sampled=now - self._sampled_at < _SAMPLED_SECONDS,
        )

    def _tell(self, **changes: Any) -> None:
        with self._lock:
            if not self._stopped.is_set():
                self._status = replace(self._status, **changes)
                self._on_status(self._status)

    def _sleep(self, seconds: float) -> None:
        """Wait, or shorter when woken."""
        if seconds > 0 and not self._stopped.is_set():
            self._wait(seconds)
            self._woken.clear()

    def _pause(self, seconds: float) -> None:
        """Wait on any thread; only `stop` cuts it short."""
        (self._wait if self._virtual else self._stopped.wait)(seconds)

    def _live_started(self, live: Live) -> None:
        """From now on polling only fills gaps, by event ids: Live Tail tells none."""
        with self._lock:
            if live is self._live:
                for followed in self._followed:
                    followed.tail = tail = followed.tail.grouped()
                    tail.set_live(True)
                self._tell(live=True, note="")

    def _live_came(self, live: Live, update: LiveUpdate) -> None:
        with self._lock:
            if live is not self._live:
                return
            if update.sampled:
                self._sampled_at = self._clock.monotonic()
            for followed in self._followed:
                here = [event for event in update.events if event.group == followed.tail.place.group]
                if followed.first is None and isinstance(followed.tail, GroupTail):
                    self._hand_over(followed.tail.take(here))
                if update.sampled:
                    followed.tail.hurry()
            self._tell_progress()

    def _live_ended(self, live: Live, note: str) -> None:
        with self._lock:
            if live is self._live:
                self._end_live(note)

    def _end_live(self, note: str) -> None:
        live, self._live = self._live, None
        if live is None:
            return
        live.stop()
        self._live_seconds += live.seconds()
        for followed in self._followed:
            if isinstance(followed.tail, GroupTail):
                followed.tail.set_live(False)
        self._woken.set()
        self._tell(live=False, sampled=False, note=note)
