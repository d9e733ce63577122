"""What a build logs: while it runs, and the last of it once it is over.

A build's text is uploaded at its end, and each MicroVM that takes part has a stream of its own, which begins
when it does: so the whole group is followed, and only streams of the version are taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from mvm_tui.aws import images
from mvm_tui.aws.logs import LogReader
from mvm_tui.aws.session import Connection
from mvm_tui.logs.builds import build_log
from mvm_tui.logs.find import Finder, Missing
from mvm_tui.logs.follow import Follower
from mvm_tui.logs.history import window
from mvm_tui.logs.order import Batch
from mvm_tui.logs.places import Place
from mvm_tui.logs.status import Status
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.log_event import LogEvent, milliseconds
from mvm_tui.model.microvm import image_name


class BuildLines:
    """Follows the log of one build in a thread of its own."""

    def __init__(
        self,
        connection: Connection,
        image_arn: str,
        version: str,
        clock: Clock,
        on_lines: Callable[[Sequence[LogEvent]], None],
    ) -> None:
        """`on_lines` is called from that thread, with events in the order of their times."""
        self._image_arn = image_arn
        self._version = version
        self._connection = connection
        self._on_lines = on_lines
        reader = LogReader(connection, clock)
        self._finder = Finder(reader, clock)
        # Its first line may be a little older than our knowing of it: the machines' clocks differ.
        since = milliseconds(clock.now()) - 60_000
        self._follower = Follower(reader, self._find, clock, self._take, _unheard, since=since)

    def start(self) -> None:
        self._follower.start()

    def stop(self) -> None:
        """After it has returned, `on_lines` is not called any more."""
        self._follower.stop()

    def _find(self) -> list[Place] | Missing:
        told = images.version(self._connection, self._image_arn, self._version).logging
        if told is not None and told.group:
            return [Place(told.group, (told.stream,) if told.stream else (), version="")]
        found = self._finder.image(image_name(self._image_arn))
        return found if isinstance(found, Missing) else [Place(found.group, version=self._version)]

    def _take(self, batch: Batch) -> None:
        events = sorted([*batch.events, *batch.late], key=lambda event: event.timestamp)
        if events:
            self._on_lines(events)


def last_lines(
    connection: Connection, image_arn: str, version: str, clock: Clock, count: int = 10
) -> list[str]:
    """The last lines of a build that is over, oldest first; none where they cannot be had. Blocking."""
    reader = LogReader(connection, clock)
    kept: deque[str] = deque(maxlen=count)
    try:
        found = build_log(Finder(reader, clock), reader, images.version(connection, image_arn, version))
        if isinstance(found, Missing):
            return []
        for event in window(reader, [found.place], None, None):
            kept.append(event.message)
    except Problem:
        # They are an extra: what is known without them is told all the same.
        return list(kept)
    return list(kept)


def _unheard(status: Status) -> None:
    """How the following goes is of no interest: the build's own states are told."""
