"""CloudWatch Logs Live Tail: lines as they are ingested, one update a second, paid for by the minute.

Limits (API reference and quotas, November 2026): at most 10 groups a session, 15 sessions an account, three
hours each; of more than 500 matching lines in a second a sample is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.logs import LIVE_TAIL, event_of
from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import text
from mvm_tui.model.errors import Problem, Unexpected
from mvm_tui.model.log_event import LogEvent, LogSource

MOST_GROUPS = 10
MOST_STREAMS = 10
LONGEST_SECONDS = 3 * 3_600


class SessionOver(Problem):
    """The session has reached its three hours."""


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """What came within a second. `sampled`: there was more than the service sends."""

    events: list[LogEvent]
    sampled: bool = False


class LiveSession:
    """One running session. Iterating blocks until the next update; `close` ends it from any thread."""

    def __init__(
        self, connection: Connection, groups: Sequence[str], streams: Sequence[str] = (), prefix: str = ""
    ) -> None:
        """Open a session. Streams or a prefix only with one group. Blocking; raises Problem.

        `Throttled` with the code ``LimitExceededException`` means that all sessions are in use.
        """
        self._names = {_arn(connection, group): group for group in groups}
        wanted: dict[str, Any] = {"logGroupIdentifiers": list(self._names)}
        if streams:
            wanted["logStreamNames"] = list(streams)
        elif prefix:
            wanted["logStreamNamePrefixes"] = [prefix]
        with explained(LIVE_TAIL):
            client = connection.client("logs", retries=False)
            self._stream = client.start_live_tail(**wanted)["responseStream"]

    def __iter__(self) -> Iterator[LiveUpdate]:
        """The updates, to the end of the session. Raises SessionOver and other problems."""
        try:
            with explained(LIVE_TAIL):
                for message in self._stream:
                    if "sessionUpdate" in message:
                        yield self._update(message["sessionUpdate"])
        except Problem as problem:
            if problem.code == "SessionTimeoutException":
                why = problem.why or "One lasts three hours at most."
                raise SessionOver("The Live Tail session has ended.", why, code=problem.code) from None
            raise
        raise Unexpected("The Live Tail session has ended.", "The service closed it.")

    def close(self) -> None:
        """End the session, and with it what it costs."""
        self._stream.close()

    def _update(self, members: dict[str, Any]) -> LiveUpdate:
        results = members.get("sessionResults") or ()
        metadata = members.get("sessionMetadata") or {}
        events = [self._event(item) for item in results if isinstance(item, dict)]
        return LiveUpdate(events, bool(metadata.get("sampled")))

    def _event(self, item: dict[str, Any]) -> LogEvent:
        group = _group(text(item, "logGroupIdentifier"), self._names)
        return event_of(item, LogSource.of(group, text(item, "logStreamName")))


def _arn(connection: Connection, group: str) -> str:
    account = connection.identity().account
    return f"arn:{connection.partition}:logs:{connection.region}:{account}:log-group:{group}"


def _group(identifier: str, names: dict[str, str]) -> str:
    """The group's name: identifiers come as ``account:name`` or as ARNs."""
    bare = identifier.removesuffix(":*")
    return names.get(bare) or bare.rpartition(":")[2]
