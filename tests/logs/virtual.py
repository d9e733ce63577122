"""Following in virtual time: the local cloud's log store without the server, and a clock that waits move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mvm_tui.aws.budget import Budget
from mvm_tui.aws.logs import FILTER, FoundPage, LogReader
from mvm_tui.local.clock import Timing
from mvm_tui.local.log_events import Position, parse_position, position_id
from mvm_tui.local.log_load import LoadSpec, plan, stream_names
from mvm_tui.local.log_pages import filter_streams
from mvm_tui.local.log_store import LogLimits, LogStore
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.errors import GatewayFault, Problem, Throttled
from mvm_tui.model.log_event import LogEvent, LogSource, event_number, milliseconds

_ANSWER_SECONDS = 0.05
_END_OF_TIME = 1 << 60


class _Timing(Timing):
    """The store's time is that of the clock."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()


class VirtualLogs(LogReader):
    """Answers `FilterLogEvents` as the local cloud would at the clock's time, while a load comes in.

    Every so many calls fail, as `failures` says: the number of the call → the problem.
    """

    def __init__(
        self, clock: ManualClock, spec: LoadSpec, per_second: float, failures: dict[int, Problem]
    ) -> None:
        self.clock = clock
        self.spec = spec
        self.calls: list[float] = []
        self.ids: set[str] = set()
        self.budget = Budget(clock)
        self.budget.learn(FILTER, per_second)
        self._failures = failures
        self._start = milliseconds(clock.now())
        self._store = LogStore(_Timing(clock), limits=LogLimits(total_bytes=1 << 30))
        self._store.hold(spec.group)
        self._names = stream_names(spec, clock.now())
        self._sources = {(spec.group, name): LogSource.of(spec.group, name) for name in self._names}
        self._coming = sorted(plan(spec))[::-1]

    def now_ms(self) -> int:
        return milliseconds(self.clock.now())

    def find_events(
        self,
        group: str,
        *,
        streams: Sequence[str] = (),
        prefix: str = "",
        start: int | None = None,
        end: int | None = None,
        pattern: str = "",
        token: str = "",
        limit: int = 0,
        newest_first: bool = False,
    ) -> FoundPage:
        self.calls.append(self.clock.monotonic())
        self.clock.advance(_ANSWER_SECONDS)
        self._ingest()
        for every, problem in self._failures.items():
            if len(self.calls) % every == 0:
                raise problem
        place: Position | None = parse_position(token) if token else None
        page = filter_streams(
            self._store.groups[group].streams.values(),
            lambda _: True,
            start=start or 0,
            end=_END_OF_TIME if end is None else end,
            cursor=place,
        )
        found = [
            LogEvent(
                one.event.timestamp,
                one.event.ingestion,
                one.event.message,
                self._sources[group, one.stream],
                event_number(one.event.event_id),
            )
            for one in page.events
        ]
        return FoundPage(found, "" if page.cursor is None else position_id(page.cursor))

    def _ingest(self) -> None:
        elapsed = self.clock.monotonic()
        due = []
        while self._coming and self._coming[-1].due <= elapsed:
            due.append(self._coming.pop())
        rows = [(self._names[one.stream], self._start + one.timestamp, one.message) for one in due]
        arrivals = self._store.ingest(self.spec.group, rows)
        self.ids.update(
            position_id(Position(row[1], arrival)) for row, arrival in zip(rows, arrivals, strict=True)
        )


def usual_failures() -> dict[int, Problem]:
    """A throttle, a fault and an answer that breaks off, each now and then."""
    return {
        17: Throttled("Too many calls at once.", "Rate exceeded", code="ThrottlingException"),
        23: GatewayFault("The service failed at FilterLogEvents.", "503"),
        41: GatewayFault("The answer to FilterLogEvents could not be read.", "It ends in the middle."),
    }
