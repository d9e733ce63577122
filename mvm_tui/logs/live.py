"""Live Tail as an option: switched on by the user, ended by the user or by the service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from mvm_tui.aws.errors import explain
from mvm_tui.aws.live_tail import MOST_GROUPS, MOST_STREAMS, LiveSession, LiveUpdate, SessionOver
from mvm_tui.aws.session import Connection
from mvm_tui.logs.places import Place
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Denied, Invalid, Problem

_POLLING = "Polling goes on."


class Live:
    """One Live Tail session in a thread of its own, from now on."""

    def __init__(
        self,
        connection: Connection,
        places: Sequence[Place],
        clock: Clock,
        *,
        on_start: Callable[[Live], None],
        on_update: Callable[[Live, LiveUpdate], None],
        on_end: Callable[[Live, str], None],
    ) -> None:
        """The callbacks come from the session's thread; `on_end` with a sentence, and not after `stop`."""
        self._connection = connection
        self._places = places
        self._clock = clock
        self._on_start = on_start
        self._on_update = on_update
        self._on_end = on_end
        self._began: float | None = None
        self._ended: float | None = None
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="live-tail", daemon=True).start()

    def stop(self) -> None:
        """End the session with its next update, which comes within a second; returns at once."""
        self._stopped.set()

    def seconds(self) -> float:
        """How long the session has run."""
        if self._began is None:
            return 0.0
        return (self._ended or self._clock.monotonic()) - self._began

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 - whatever ends a session, polling must know
            if not self._stopped.is_set():
                self._on_end(self, f"{_why_ended(explain(error))} {_POLLING}")

    def _follow(self) -> None:
        session = self._open()
        self._began = self._clock.monotonic()
        try:
            self._on_start(self)
            for update in session:
                if self._stopped.is_set():
                    return
                self._on_update(self, update)
        finally:
            self._ended = self._clock.monotonic()
            session.close()

    def _open(self) -> LiveSession:
        groups = list(dict.fromkeys(place.group for place in self._places))
        if len(groups) > MOST_GROUPS:
            raise Invalid(f"Live Tail takes {MOST_GROUPS} log groups, and these are {len(groups)}.")
        if len(self._places) > 1:
            return LiveSession(self._connection, groups)
        place = self._places[0]
        streams = place.streams if len(place.streams) <= MOST_STREAMS else ()
        return LiveSession(self._connection, groups, streams, place.prefix)


def _why_ended(problem: Problem) -> str:
    if isinstance(problem, SessionOver):
        return "Live Tail has ended after its three hours."
    if problem.code == "LimitExceededException":
        return "All of the account's Live Tail sessions are in use."
    if isinstance(problem, Denied):
        return f"Live Tail is not permitted. {problem.why}"
    return f"Live Tail has ended: {problem.what} {problem.why}".rstrip()
