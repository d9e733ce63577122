"""CloudWatch Logs: groups, streams and pages of events. Every call is made once and may raise Problem.

Whoever follows a log retries by itself, so that a throttle is seen and waited out in sight of the user:
nothing here retries or sleeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import listing, text, whole
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.log_event import LogEvent, LogSource, event_number, in_bounds, milliseconds

FILTER = "FilterLogEvents"
GET = "GetLogEvents"
DESCRIBE_STREAMS = "DescribeLogStreams"
DESCRIBE_GROUPS = "DescribeLogGroups"
LIVE_TAIL = "StartLiveTail"
# The most a page of events and a page of names hold, and the most streams a search may name (API reference).
PAGE_EVENTS = 10_000
PAGE_NAMES = 50
SEARCHED_STREAMS = 100

# Calls per second by region, and elsewhere; none of them adjustable (CloudWatch Logs quotas, November 2026).
_RATES: dict[str, tuple[dict[str, float], float]] = {
    FILTER: (
        {
            "us-east-1": 25,
            "eu-central-1": 5,
            "ap-northeast-3": 5,
            "ap-southeast-3": 5,
            "ca-west-1": 5,
            "il-central-1": 5,
        },
        10,
    ),
    GET: ({"us-west-2": 10, "eu-west-1": 10, "eu-central-1": 10, "eu-west-3": 30}, 25),
    LIVE_TAIL: ({}, 5),
}
# A clock that differs by less is right: the service's own is told in whole seconds.
_SAME_CLOCK_MS = 2_000


@dataclass(frozen=True, slots=True)
class FoundPage:
    """An answer of `FilterLogEvents`: events in order, and the token of the next page, empty at the end."""

    events: list[LogEvent]
    token: str


@dataclass(frozen=True, slots=True)
class StreamPage:
    """An answer of `GetLogEvents`, oldest event first. A token that comes back unchanged is the end."""

    events: list[LogEvent]
    forward: str
    backward: str


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A stream of a group; times in milliseconds since 1970, None before its first event."""

    name: str
    created: int | None
    last_event: int | None


class LogReader:
    """Reads the log groups of one connection. Safe to use from any thread.

    `budget` is what all readers of the connection share: whoever calls reserves a slot there first.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self.budget = connection.budget
        self._clock = clock
        self._ahead_ms = 0
        self._sources: dict[tuple[str, str], LogSource] = {}
        for operation, (regional, elsewhere) in _RATES.items():
            self.budget.learn(operation, regional.get(connection.region, elsewhere))

    def now_ms(self) -> int:
        """The service's time in milliseconds since 1970, as far as its answers tell it."""
        return milliseconds(self._clock.now()) + self._ahead_ms

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
        """One page of `FilterLogEvents`. `start` and `end` are inclusive; `streams` at most 100."""
        wanted = {
            "logGroupName": group,
            "logStreamNames": list(streams),
            "logStreamNamePrefix": prefix,
            "startTime": start,
            "endTime": end,
            "filterPattern": pattern,
            "nextToken": token,
            "limit": limit,
        }
        parameters = {name: value for name, value in wanted.items() if value not in (None, "", [], 0)}
        if newest_first:
            parameters["startFromHead"] = False
        answer = self._call(FILTER, "filter_log_events", parameters)
        found = [self._event(group, text(item, "logStreamName"), item) for item in _items(answer, "events")]
        return FoundPage(found, text(answer, "nextToken"))

    def stream_events(
        self,
        group: str,
        stream: str,
        *,
        start: int | None = None,
        end: int | None = None,
        token: str = "",
        limit: int = 0,
        from_head: bool = False,
    ) -> StreamPage:
        """One page of `GetLogEvents`. `start` is inclusive, `end` exclusive. Raises Gone, see `lacks`."""
        wanted = {
            "logGroupName": group,
            "logStreamName": stream,
            "startTime": start,
            "endTime": end,
            "nextToken": token,
            "limit": limit,
        }
        parameters = {name: value for name, value in wanted.items() if value not in (None, "", 0)}
        answer = self._call(GET, "get_log_events", {**parameters, "startFromHead": from_head})
        events = [self._event(group, stream, item) for item in _items(answer, "events")]
        return StreamPage(events, text(answer, "nextForwardToken"), text(answer, "nextBackwardToken"))

    def stream_names(
        self, group: str, prefix: str = "", *, newest_first: bool = False
    ) -> Iterator[list[StreamFacts]]:
        """The streams of a group, page by page: those of a prefix, or all with the latest event first."""
        wanted: dict[str, Any] = {"logGroupName": group, "limit": PAGE_NAMES}
        if prefix:
            wanted["logStreamNamePrefix"] = prefix
        elif newest_first:
            # The service cannot combine this order with a prefix.
            wanted |= {"orderBy": "LastEventTime", "descending": True}
        for page in self._listing(DESCRIBE_STREAMS, "describe_log_streams", wanted, "logStreams"):
            yield [
                StreamFacts(
                    text(item, "logStreamName"),
                    whole(item, "creationTime"),
                    whole(item, "lastEventTimestamp"),
                )
                for item in page
            ]

    def group_names(self, prefix: str) -> Iterator[list[str]]:
        """The names of the groups of a prefix, page by page."""
        wanted = {"logGroupNamePrefix": prefix, "limit": PAGE_NAMES}
        for page in self._listing(DESCRIBE_GROUPS, "describe_log_groups", wanted, "logGroups"):
            yield [text(item, "logGroupName") for item in page]

    def _listing(
        self, operation: str, method: str, wanted: dict[str, Any], items: str
    ) -> Iterator[list[dict[str, Any]]]:
        return listing(operation, lambda more: self._call(operation, method, {**wanted, **more}), items)

    def _call(self, operation: str, method: str, parameters: dict[str, Any]) -> Mapping[str, Any]:
        client = self.connection.client("logs", retries=False)
        with explained(operation):
            answer: Mapping[str, Any] = getattr(client, method)(**parameters)
        self._set_clock(answer)
        return answer

    def _set_clock(self, answer: Mapping[str, Any]) -> None:
        headers = (answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
        try:
            ahead = milliseconds(parsedate_to_datetime(headers["date"])) - milliseconds(self._clock.now())
        except (KeyError, TypeError, ValueError):
            return
        self._ahead_ms = ahead if abs(ahead) > _SAME_CLOCK_MS else 0

    def _event(self, group: str, stream: str, item: Mapping[str, Any]) -> LogEvent:
        source = self._sources.get((group, stream))
        if source is None:
            source = self._sources[group, stream] = LogSource.of(group, stream)
        return event_of(item, source, event_number(text(item, "eventId")))


def event_of(item: Mapping[str, Any], source: LogSource, number: int | str = "") -> LogEvent:
    """An event as answers of this service describe it."""
    timestamp = in_bounds(whole(item, "timestamp") or 0)
    ingestion = whole(item, "ingestionTime")
    taken_in = timestamp if ingestion is None else in_bounds(ingestion)
    return LogEvent(timestamp, taken_in, text(item, "message"), source, number)


def lacks(problem: Problem) -> str:
    """What a `Gone` of this service is about: ``"group"``, ``"stream"``, or empty for any other problem."""
    if not isinstance(problem, Gone):
        return ""
    # Names have no spaces: one that is quoted cannot read so.
    return "stream" if "log stream" in problem.why.lower() else "group"


def _items(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = answer.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
