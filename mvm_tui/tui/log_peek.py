"""The last lines of the MicroVM under the cursor, for the pane beside the table.

One MicroVM is followed at a time, and only once the cursor has rested on it. What reads logs is loaded then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.timer import Timer

from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean
from mvm_tui.tui.background import post_safely
from mvm_tui.tui.messages import Answered
from mvm_tui.tui.widgets.cells import shorten_end

if TYPE_CHECKING:
    from mvm_tui.logs.order import Batch
    from mvm_tui.logs.status import Status
    from mvm_tui.model.log_event import LogEvent
    from mvm_tui.model.microvm import Microvm
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.log_reading import Following, LogsLike

# Seconds for which the cursor has to rest on a MicroVM before its log is read.
REST = 0.5
# Seconds until it is looked again for a log that was not there.
_AGAIN = 15.0
# Lines held: as many as the tallest pane shows.
HELD = 60
# Seconds in which what came in is shown at once.
_BREATH = 0.1
# With less room than a title and two lines nothing is shown.
_SMALLEST = 3


class Peek:
    """Follows one MicroVM's log. Belongs to the UI's thread.

    Attributes:
        row: The MicroVM whose log is shown, or about to be; None for none.
        missing: Why there are no lines: a sentence, untrusted; empty while there are or may be.
    """

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        """`changed` is called when there is something else to show."""
        self._desk = desk
        self._changed = changed
        self.row: FleetRow | None = None
        self.missing = ""
        self._lines: deque[LogEvent] = deque(maxlen=HELD)
        self._resting: Timer | None = None
        self._telling: Timer | None = None
        self._follower: Following | None = None
        self._logs: LogsLike | None = None
        # What an earlier MicroVM's reading brings is dropped.
        self._turn = 0

    @property
    def lines(self) -> Sequence[LogEvent]:
        """The last lines, oldest first."""
        return self._lines

    @property
    def reading(self) -> bool:
        """Whether lines may still come."""
        return self._follower is not None

    def watch(self, row: FleetRow | None) -> None:
        """The cursor is on this MicroVM now; None is on none, or nobody looks."""
        if (row.id if row else "") == (self.row.id if self.row else ""):
            self.row = row
            return
        self.stop()
        self.row = row
        if row is not None:
            self._resting = self._desk.app.set_timer(REST, self._begin)

    def stop(self) -> None:
        """Read nothing any more."""
        self._turn += 1
        self.row = None
        self.missing = ""
        self._lines.clear()
        if self._resting is not None:
            self._resting.stop()
            self._resting = None
        if self._follower is not None:
            self._follower.stop()
            self._follower = None

    def forget(self) -> None:
        """Another account follows."""
        self.stop()
        self._logs = None

    def snapshot(self, microvm_id: str) -> tuple[str, frozenset[str]]:
        """The snapshot that a MicroVM came from, untrusted, and the ids of others known to share it."""
        if self._logs is None:
            return "", frozenset()
        return self._logs.snapshots.of(microvm_id), self._logs.snapshots.mates(microvm_id)

    def words(self, width: int, height: int) -> Content:
        """The last lines, or why there are none, in so many cells and lines; empty if there is nothing."""
        if self.row is None or height < _SMALLEST:
            return Content("")
        title = Content.styled("log", "$text-muted")
        if not self._lines:
            words = clean(self.missing, width) or ("reading…" if self.reading else "")
            return Content("\n").join([title, Content.styled(words, "$text-muted")]) if words else Content("")
        return Content("\n").join([title, *self._rows(width, height - 1)])

    def _rows(self, width: int, height: int) -> list[Content]:
        rows = []
        for event in list(self._lines)[-height:]:
            when = f"{event.when.astimezone():%H:%M:%S} "
            text = clean(event.message.strip(), width)
            fitted = shorten_end(text, max(width - len(when), 1))
            rows.append(Content.assemble((when, "$text-muted"), fitted))
        return rows

    def _begin(self) -> None:
        self._resting = None
        account, turn = self._desk.accounts.account, self._turn
        if account is not None and self.row is not None:
            # In a thread: the first time it loads all that reads logs.
            self._desk.ask(account.logs, lambda answer: self._follow(turn, answer))

    def _follow(self, turn: int, answer: LogsLike | Problem) -> None:
        row = self.row
        if turn != self._turn or row is None or isinstance(answer, Problem):
            return
        from mvm_tui.tui.log_subject import Kind, Reading, Span, Subject

        self._logs = logs = answer
        microvm_id = row.id
        self._follower = logs.follow(
            Reading(Subject(Kind.MICROVMS, (microvm_id,)), Span("newest lines", newest=HELD)),
            lambda: self._vm(microvm_id),
            lambda batch: self._came(turn, logs, batch),
            lambda status: self._post(lambda: self._take_status(turn, status)),
        )
        self._follower.start()
        vm = row.vm
        self._desk.ask(lambda: logs.learn_snapshot(vm), lambda _: self._tell())

    def _vm(self, microvm_id: str) -> list[Microvm]:
        fleet = self._desk.fleet
        row = fleet.row(microvm_id) if fleet else None
        return [row.vm] if row else []

    def _came(self, turn: int, logs: LogsLike, batch: Batch) -> None:
        """In the follower's thread."""
        logs.snapshots.take(batch)
        events = [*batch.events, *batch.late][-HELD:]
        self._post(lambda: self._take(turn, events))

    def _take(self, turn: int, events: Sequence[LogEvent]) -> None:
        if turn == self._turn:
            self._lines.extend(events)
            self.missing = ""
            self._tell()

    def _take_status(self, turn: int, status: Status) -> None:
        if turn != self._turn:
            return
        absent = status.missing or status.problem
        if absent is not None and not self._lines:
            self.missing = absent.what
            if status.missing is not None and self._follower is not None:
                # Looking again and again is for who opens the log: here it is done seldom.
                self._follower.stop()
                self._follower = None
                self._resting = self._desk.app.set_timer(_AGAIN, self._begin)
        self._tell()

    def _tell(self) -> None:
        if self._telling is None:
            self._telling = self._desk.app.set_timer(_BREATH, self._told)

    def _told(self) -> None:
        self._telling = None
        self._changed()

    def _post(self, call: Callable[[], None]) -> None:
        message = Answered(self._desk.accounts.generation, lambda _: call(), None)
        post_safely(self._desk.app.post_message, message)
