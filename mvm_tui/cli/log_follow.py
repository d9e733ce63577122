"""`logs --follow`: lines as they come, until the user or the reader of a pipe has enough."""

from __future__ import annotations

import gc
import queue
import select
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from mvm_tui.aws.logs import LogReader
from mvm_tui.cli.log_output import LogWriter
from mvm_tui.cli.log_places import LogPlaces
from mvm_tui.cli.logs import tell_missing
from mvm_tui.cli.output import ReaderGone, say
from mvm_tui.cli.session import Session
from mvm_tui.logs.find import Absence, Missing
from mvm_tui.logs.follow import Follower
from mvm_tui.logs.order import Batch, Holder
from mvm_tui.logs.places import Place
from mvm_tui.logs.status import Status
from mvm_tui.model.errors import Problem, Unexpected, sentences
from mvm_tui.model.log_event import LogEvent

# Batches that wait for a slow reader of ours; beyond them nothing more is read.
_WAITING = 64
_LISTEN_SECONDS = 0.5


@dataclass(slots=True)
class _Inbox:
    """What the follower's thread hands to the main one."""

    items: queue.Queue[Batch | Status] = field(default_factory=lambda: queue.Queue(_WAITING))
    closed: threading.Event = field(default_factory=threading.Event)

    def put(self, item: Batch | Status) -> None:
        """Wait for room: what is not read by our reader is not read from the service."""
        while not self.closed.is_set():
            with suppress(queue.Full):
                self.items.put(item, timeout=_LISTEN_SECONDS)
                return

    def get(self) -> Batch | Status | None:
        try:
            return self.items.get(timeout=_LISTEN_SECONDS)
        except queue.Empty:
            return None


def follow_logs(
    session: Session, reader: LogReader, places: LogPlaces, writer: LogWriter, *, since: int, ordered: bool
) -> None:
    """Write what comes, for ever. `since`: milliseconds since 1970.

    Raises:
        ReaderGone: Whoever read our stdout has gone.
        Problem: There is nothing to follow, or the thread that follows died.
    """
    gc.enable()
    inbox = _Inbox()
    found = places.find()
    if isinstance(found, Missing):
        _tell_waiting(found)

    def find() -> list[Place] | Missing:
        return places.find() if isinstance(found, Missing) else found

    follower = Follower(reader, find, session.clock, inbox.put, inbox.put, since=since, ids=True)
    printer = _Printer(session, writer, Holder() if ordered else None, found)
    follower.start()
    try:
        while True:
            item = inbox.get()
            if item is not None:
                printer.take(item)
            elif _reader_is_gone():
                raise ReaderGone
    except (KeyboardInterrupt, Problem):
        printer.let_go()
        raise
    finally:
        inbox.closed.set()
        follower.stop()
        printer.say_late()


class _Printer:
    """Writes batches, and says what a user should know."""

    def __init__(
        self, session: Session, writer: LogWriter, holder: Holder | None, found: list[Place] | Missing
    ) -> None:
        """`found` is what has been told of already."""
        self._session = session
        self._writer = writer
        self._holder = holder
        self._late = 0
        self._said: str = ""
        self._absence = found.absence if isinstance(found, Missing) else None

    def take(self, item: Batch | Status) -> None:
        if isinstance(item, Batch):
            return self._take_batch(item)
        if self._holder is not None and item.settled is not None:
            self._write(self._holder.release(item.settled))
        return self._take_status(item)

    def let_go(self) -> None:
        """Write what is held back: nothing more comes."""
        if self._holder is not None:
            self._write(self._holder.flush())

    def say_late(self) -> None:
        if self._late:
            say(f"{self._late:,} lines came more than 30 s after their time: they stand where they came.")

    def _take_batch(self, batch: Batch) -> None:
        self._late += len(batch.late)
        if self._holder is None:
            return self._write(sorted([*batch.events, *batch.late], key=lambda event: event.timestamp))
        overtaken = self._holder.add([*batch.events, *batch.late])
        self._late += sum(event not in batch.late for event in overtaken)
        return self._write(list(overtaken))

    def _write(self, events: list[LogEvent]) -> None:
        self._writer.write(events, self._session.clock.now())

    def _take_status(self, status: Status) -> None:
        if status.missing is not None and status.missing.absence is not self._absence:
            self._absence = status.missing.absence
            _tell_waiting(status.missing)
        if status.phase.name == "STOPPED" and status.problem is not None:
            raise _died(status.problem)
        told = self._sentence(status)
        if told != self._said:
            self._said = told
            if told:
                say(told)

    def _sentence(self, status: Status) -> str:
        if status.problem is not None:
            return sentences(status.problem.what, status.problem.why, "Reading goes on.")
        if status.blind:
            return "Late lines are not looked for: you may not call logs:FilterLogEvents."
        return ""


def _tell_waiting(missing: Missing) -> None:
    """Say why there is nothing to follow yet. Raises a Problem where there never will be."""
    if missing.absence is Absence.NO_GROUP:
        say(sentences(missing.what, missing.why, "Looking for it goes on."))
    else:
        tell_missing(missing)


def _died(problem: Problem) -> Unexpected:
    return Unexpected("Following the logs has ended.", str(problem), "Start it again.")


def _reader_is_gone() -> bool:
    """Whether the other end of our pipe is closed, which writing would only tell with the next line."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(happened & (select.POLLERR | select.POLLHUP) for _, happened in poll.poll(0))
    except (OSError, ValueError, AttributeError):
        return False
