"""The way of a log line into its stream: readable a while after it was written, as CloudWatch Logs does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mvm_tui.local.clock import Timing
from mvm_tui.local.log_events import event_size
from mvm_tui.local.log_settings import DELAYS, LogSettings

# Group and stream.
StreamKey = tuple[str, str]
# Milliseconds since 1970, and the message.
Line = tuple[int, str]


@dataclass(slots=True, eq=False)
class _Batch:
    """Lines of one stream that become readable together."""

    key: StreamKey
    lines: list[Line] = field(default_factory=list)
    bytes: int = 0
    gone: bool = False


class Ingestion:
    """Holds lines back and hands them on in batches.

    :param hand_on: takes a stream's lines when they are due.
    :param is_new: whether a stream holds no event yet.
    :param lateness: real seconds by which the next line comes later than its turn (the fault ``late``).
    """

    def __init__(
        self,
        timing: Timing,
        settings: LogSettings,
        hand_on: Callable[[StreamKey, list[Line]], None],
        is_new: Callable[[StreamKey], bool],
        lateness: Callable[[], float],
    ) -> None:
        self._timing = timing
        self._settings = settings
        self._hand_on = hand_on
        self._is_new = is_new
        self._lateness = lateness
        self._delays = itertools.cycle(DELAYS)
        self._open: dict[StreamKey, _Batch] = {}
        self._late: dict[StreamKey, set[_Batch]] = {}
        self.bytes = 0

    def take(self, key: StreamKey, lines: Iterable[Line], *, most_bytes: int, most_lines: int) -> None:
        """Take lines; what waits beyond `most_bytes` in all or `most_lines` in a stream goes on at once."""
        for line in lines:
            late = self._lateness()
            if late and self.bytes <= most_bytes:
                self._hold(_Batch(key), line, late * self._timing.speed)
                continue
            batch = self._open.get(key)
            if batch is None:
                batch = self._open[key] = _Batch(key)
                self._later(batch, 0.0)
            self._add(batch, line)
        waiting = self._open.get(key)
        if waiting is not None:
            full = self.bytes > most_bytes or len(waiting.lines) > most_lines
            if full or self._settings.delay == 0:
                self._publish(waiting)

    def forget(self, key: StreamKey) -> None:
        """Drop what waits for a stream."""
        for batch in (self._open.get(key), *self._late.get(key, ())):
            if batch is not None:
                self._close(batch)

    def _hold(self, batch: _Batch, line: Line, seconds: float) -> None:
        self._late.setdefault(batch.key, set()).add(batch)
        self._add(batch, line)
        self._later(batch, seconds)

    def _add(self, batch: _Batch, line: Line) -> None:
        size = event_size(line[1])
        batch.lines.append(line)
        batch.bytes += size
        self.bytes += size

    def _later(self, batch: _Batch, extra: float) -> None:
        if self._is_new(batch.key):
            delay = self._settings.first_delay()
        else:
            delay = next(self._delays) if self._settings.delay is None else self._settings.delay
        if delay + extra:
            self._timing.call_later(delay + extra, self._publish, batch)

    def _publish(self, batch: _Batch) -> None:
        if not batch.gone:
            self._close(batch)
            self._hand_on(batch.key, batch.lines)

    def _close(self, batch: _Batch) -> None:
        """Take a batch out of the waiting, once: its timer may still come."""
        batch.gone = True
        self.bytes -= batch.bytes
        if self._open.get(batch.key) is batch:
            del self._open[batch.key]
        late = self._late.get(batch.key)
        if late is not None:
            late.discard(batch)
            if not late:
                del self._late[batch.key]
