"""Which lines belong to the one before: a trace is one event per line, but one thing to its reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mvm_tui.model.log_event import LogEvent

_CONTINUATION = re.compile(r"(?:\s+\S|Caused by: |\.\.\. \d+ (?:more|common frames)|at \S+\s?\(|\}|\]|\))")
_TRACEBACK = re.compile(r"(?:Traceback \(most recent call last\)|During handling of the above exception)")
# The last line of a Python trace, and the blank one between two of them.
_PYTHON_END = re.compile(
    r"[\w.]+(?:Error|Exception|Exit|Interrupt|Warning|Iteration|Group)\b.*|\s*", re.DOTALL
)
# Lines further apart were not written together.
_APART_MS = 1_000


class Grouper:
    """Tells, line by line in their order, whether a line goes on with the one before of its stream."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, bool]] = {}

    def joins(self, event: LogEvent) -> bool:
        """Whether this line belongs to its stream's line before. To be asked once for each line."""
        last = self._last.get(event.stream)
        python = _TRACEBACK.match(event.message) is not None
        joined = False
        if last is not None and event.timestamp - last[0] <= _APART_MS:
            in_trace = last[1]
            joined = _CONTINUATION.match(event.message) is not None
            if in_trace and not joined:
                joined = _PYTHON_END.fullmatch(event.message) is not None
                in_trace = not joined or not event.message.strip()
            python = python or in_trace
        self._last[event.stream] = (event.timestamp, python)
        return joined


def grouped(events: Iterable[LogEvent]) -> list[list[LogEvent]]:
    """The events in groups of lines that belong together; a group stands where its first line does."""
    grouper = Grouper()
    groups: list[list[LogEvent]] = []
    last: dict[str, list[LogEvent]] = {}
    for event in events:
        if grouper.joins(event):
            last[event.stream].append(event)
        else:
            last[event.stream] = [event]
            groups.append(last[event.stream])
    return groups
