"""One log being read for the screen: its follower, its ring, and what the lines tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mvm_tui.logs.builds import stream_roles
from mvm_tui.logs.order import Batch
from mvm_tui.logs.ring import Ring
from mvm_tui.logs.status import Phase, Status
from mvm_tui.model.errors import Problem
from mvm_tui.model.log_event import LogEvent
from mvm_tui.model.microvm import Microvm
from mvm_tui.tui.background import post_safely
from mvm_tui.tui.log_pipeline import Pipeline
from mvm_tui.tui.log_reading import Following, LogsLike, Older
from mvm_tui.tui.log_subject import Kind, Reading, Subject
from mvm_tui.tui.messages import Answered

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


# The logs are found: Live Tail can begin.
_FOUND = (Phase.CATCHING_UP, Phase.FOLLOWING)


class LogSession:
    """Reads one subject at a time. Belongs to the UI's thread.

    Attributes:
        pipeline: What was read, on its way to the view.
        reading: What is read; None before anything was chosen.
        status: How reading goes.
        reading_older: Whether older lines are being read.
        at_beginning: Whether there is nothing older.
        roles: What each stream of a build is of, as far as its lines tell.
        searched: CloudWatch's own pattern that the older lines on screen were read by; empty for all of them.
    """

    def __init__(self, desk: Desk, wake: Callable[[], None], told: Callable[[], None]) -> None:
        """`wake`: there is something to take from the pipeline; `told`: the status changed."""
        self._desk = desk
        self._wake = wake
        self._told = told
        settings = desk.options.settings.logs
        self.ring = Ring(settings.keep_lines, settings.keep_megabytes << 20)
        self._live_at_once = settings.live_tail
        self.pipeline = Pipeline(self._post_wake, self.ring)
        self.reading: Reading | None = None
        self.status = Status()
        self.reading_older = False
        self.at_beginning = False
        self.searched = ""
        self.roles: dict[str, str] = {}
        self._follower: Following | None = None
        self._older: Older | None = None
        self._live_wanted = False
        # Whether everything up to now has been read once.
        self._caught_up = False
        # Once for each subject: whoever switches it off means it.
        self._live_tried = False
        # Answers to what was asked for an earlier subject are dropped.
        self._turn = 0

    def open(self, reading: Reading, logs: LogsLike) -> None:
        """Read something else; what was read goes."""
        self.close()
        self.reading = reading
        turn = self._turn
        follower = logs.follow(
            reading,
            lambda: self.vms(reading.subject),
            lambda batch: self._take(logs, batch),
            lambda status: self._post(lambda: self._take_status(turn, status)),
        )
        self._follower = follower
        follower.start()

    def close(self) -> None:
        """Stop reading and forget what was read."""
        if self._follower is not None:
            self._follower.stop()
            self._follower = None
        self._turn += 1
        self.reading = None
        self.status = Status()
        self._older = None
        self.reading_older = self.at_beginning = False
        self._live_wanted = self._live_tried = self._caught_up = False
        self.searched = ""
        self.roles = {}
        self.pipeline.clear()

    def refresh(self) -> None:
        """Read at once."""
        if self._follower is not None:
            self._follower.refresh()

    def vms(self, subject: Subject) -> list[Microvm]:
        """The MicroVMs meant, as they are known now. Safe to call from any thread."""
        fleet = self._desk.fleet
        if fleet is None:
            return []
        rows = fleet.rows()
        if subject.kind in (Kind.FLEET, Kind.BUILD):
            return [row.vm for row in rows.values()]
        return [rows[microvm_id].vm for microvm_id in subject.ids if microvm_id in rows]

    def number_at(self, timestamp: int) -> int:
        """The sequence number of the first line held at or after a moment, in milliseconds since 1970."""
        at = self.ring.place_of_time(timestamp)
        rows = self.ring.rows(at, at + 1)
        bounds = self.ring.bounds()
        return rows[0].number if rows else bounds[1] + 1 if bounds else 0

    # Live Tail

    @property
    def live(self) -> bool:
        """Whether Live Tail is switched on, or being switched on."""
        return self._live_wanted

    @property
    def live_seconds(self) -> float:
        """How long Live Tail has run for this subject."""
        return self._follower.live_seconds() if self._follower else 0.0

    def set_live(self, on: bool) -> None:
        follower = self._follower
        if on and self.status.phase is Phase.LOOKING:
            self._desk.say("Live Tail can begin once the logs are found.", "warning")
        elif follower is not None:
            self._live_wanted = on
            follower.set_live(on)
            self._told()

    def _take_status(self, turn: int, status: Status) -> None:
        if turn != self._turn:
            return
        if self.status.live and not status.live:
            self._live_wanted = False
        if status.note and status.note != self.status.note:
            self._live_wanted = False
            self._desk.say(status.note, "warning")
        self.status = status
        self._caught_up = self._caught_up or status.phase is Phase.FOLLOWING
        if self._live_at_once and not self._live_tried and status.phase in _FOUND:
            self._live_tried = True
            self.set_live(True)
        self._told()

    # Older lines

    def read_older(self, before: int | None, pattern: str) -> None:
        """Read what is before the oldest line (its time in milliseconds; None if there is none yet).

        `pattern` is CloudWatch's own filter: lines that it leaves out are then missing above.
        """
        reading, follower = self.reading, self._follower
        if reading is None or follower is None or self.reading_older or self.at_beginning:
            return
        if not self._caught_up and follower.history is not None:
            # The follower still reads the newest lines by it, and it is for one thread at a time.
            return
        if pattern != self.searched:
            self._older, self.searched = None, pattern
        logs = self._desk.logs()
        if logs is None:
            return
        self.reading_older = True
        turn, older, known = self._turn, self._older, follower.history

        def read() -> tuple[Older, list[LogEvent]]:
            source = older
            if source is None:
                source = known if known is not None and not pattern else None
            if source is None:
                limit = logs.now_ms() if before is None else before
                source = logs.older(reading, lambda: self.vms(reading.subject), limit, pattern)
            return source, _some(source)

        self._desk.ask(read, lambda answer: self._take_older(turn, answer))
        self._told()

    def _take_older(self, turn: int, answer: tuple[Older, list[LogEvent]] | Problem) -> None:
        if turn != self._turn:
            return
        self.reading_older = False
        if isinstance(answer, Problem):
            self._desk.report(answer, "Older lines")
        else:
            self._older, events = answer
            self.at_beginning = self._older.exhausted
            self.pipeline.add_older(events)
        self._told()

    # From threads

    def _take(self, logs: LogsLike, batch: Batch) -> None:
        logs.snapshots.take(batch)
        reading = self.reading
        if reading is not None and reading.subject.kind is Kind.BUILD:
            # Put in its place at once: another thread reads it.
            self.roles = {**self.roles, **stream_roles(batch.events)}
        self.pipeline.add(batch)

    def _post_wake(self) -> None:
        self._post(self._wake)

    def _post(self, call: Callable[[], None]) -> None:
        message = Answered(self._desk.accounts.generation, lambda _: call(), None)
        post_safely(self._desk.app.post_message, message)


# Pages without a line of ours are normal: so many are read before the user has to ask again.
_MOST_PAGES = 20


def _some(source: Older) -> list[LogEvent]:
    """The next older events; none only after many empty pages or at the beginning. Raises Problem."""
    events: Sequence[LogEvent] = ()
    for _ in range(_MOST_PAGES):
        events = source.older()
        if events or source.exhausted:
            break
    return list(events)
