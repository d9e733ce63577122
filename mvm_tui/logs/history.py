"""Events of the past: backwards page by page for whoever scrolls up, forwards for whoever reads a window."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator, Sequence

from mvm_tui.aws.logs import FILTER, GET, LogReader, StreamPage
from mvm_tui.logs.chain import Chain
from mvm_tui.logs.find import Sleep
from mvm_tui.logs.places import Place
from mvm_tui.logs.seen import Seen
from mvm_tui.model.backoff import BackOff
from mvm_tui.model.errors import Invalid, Problem
from mvm_tui.model.log_event import LogEvent

PAGE = 1_000
# How often a page is asked for again before the reading is given up.
_ATTEMPTS = 5
_REMEMBERED = 100_000
# 2024-01-01: the service searches backwards only down to there (API reference, FilterLogEvents).
_BACKWARDS_FROM = 1_704_067_200_000


class History:
    """The events of one place, newest first, one call at a time. For one thread at a time.

    Attributes:
        exhausted: Whether there is nothing older.
        oldest: The timestamp (milliseconds since 1970) of the oldest event that was read; None before any.
        forward: After the first page of a single stream: the token by which to read on from its end.
    """

    def __init__(
        self,
        reader: LogReader,
        place: Place,
        *,
        before: int | None = None,
        pattern: str = "",
        page: int = PAGE,
        sleep: Sleep = time.sleep,
    ) -> None:
        """`before`: only events before this moment, in milliseconds. `pattern`: CloudWatch's own filter.

        `page` is the number of events a call asks for; `sleep` waits for the next permitted call.
        """
        self.place = place
        self.exhausted = False
        self.oldest: int | None = None
        self.forward = ""
        self._reader = reader
        self._sleep = sleep
        self._before = before
        self._page = page
        self._backward = ""
        # Events that came the wrong way round, to be handed out from their end.
        self._pile: list[LogEvent] = []
        self._search: Chain | None = None
        if pattern or not place.single:
            end = None if before is None else before - 1
            self._search = Chain(
                reader, place, _BACKWARDS_FROM, end, pattern=pattern, newest_first=True, limit=page
            )

    def older(self) -> list[LogEvent]:
        """The next older events in their order; may be none although there are more. Raises Problem.

        After a Problem the same call may be made again.
        """
        self._sleep(self._reader.budget.reserve(GET if self._search is None else FILTER, background=False))
        events = self._stream_page() if self._search is None else self._search_page(self._search)
        if events:
            self.oldest = events[0].timestamp
        return events

    def _stream_page(self) -> list[LogEvent]:
        try:
            page = self._stream_answer()
        except Invalid:
            if not self._backward:
                raise
            # Tokens end after a day. Those of the oldest millisecond come again: a ring leaves them out.
            self._backward = ""
            self._before = self._before if self.oldest is None else self.oldest + 1
            page = self._stream_answer()
        self.forward = self.forward or page.forward
        # Empty pages are normal; only the token that comes back says that this was the last.
        self.exhausted = page.backward in ("", self._backward)
        self._backward = page.backward
        return page.events

    def _stream_answer(self) -> StreamPage:
        group, stream = self.place.group, self.place.single
        return self._reader.stream_events(
            group, stream, token=self._backward, end=self._before, limit=self._page
        )

    def _search_page(self, search: Chain) -> list[LogEvent]:
        if not search.done:
            events = search.read()
            ascending = len(events) > 1 and events[0].timestamp < events[-1].timestamp
            if not ascending and not self._pile:
                self.exhausted = search.done
                return events[::-1]
            # An endpoint that knows only one direction: its end is the newest.
            self._pile += events
            if not search.done:
                return []
        events, self._pile = self._pile[-self._page :], self._pile[: -self._page]
        self.exhausted = not self._pile
        return events


class Histories:
    """Several places at once: always the one is read that is least far back."""

    def __init__(self, histories: Sequence[History]) -> None:
        self._all = list(histories)

    @property
    def exhausted(self) -> bool:
        return all(history.exhausted for history in self._all)

    @property
    def oldest(self) -> int | None:
        """Down to this timestamp nothing is missing; None before every place was read once."""
        left = [history.oldest for history in self._all if not history.exhausted]
        known = [moment for moment in left if moment is not None]
        if left and len(known) == len(left):
            return max(known)
        everything = [history.oldest for history in self._all if history.oldest is not None]
        return min(everything, default=None) if not left else None

    def older(self) -> list[LogEvent]:
        """The next older events of one place, in their order; may be none. Raises Problem."""
        left = [history for history in self._all if not history.exhausted]
        if not left:
            return []
        return max(left, key=_least_far_back).older()


def _least_far_back(history: History) -> float:
    return float("inf") if history.oldest is None else history.oldest


def window(
    reader: LogReader,
    places: Sequence[Place],
    start: int | None,
    end: int | None,
    *,
    pattern: str = "",
    sleep: Sleep = time.sleep,
) -> Iterator[LogEvent]:
    """All events of the places from `start` to `end` (milliseconds, inclusive), in order of time.

    With their ids. Raises Problem.
    """
    readings = [_forwards(reader, place, start, end, pattern, sleep) for place in places]
    return heapq.merge(*readings, key=lambda event: (event.timestamp, event.ingestion))


def _forwards(
    reader: LogReader, place: Place, start: int | None, end: int | None, pattern: str, sleep: Sleep
) -> Iterator[LogEvent]:
    chain = Chain(reader, place, start, end, pattern=pattern)
    seen = Seen(limit=_REMEMBERED)
    while not chain.done:
        for event in _patiently(chain, reader, sleep):
            if event.number == "" or seen.admit(event):
                yield event


def _patiently(chain: Chain, reader: LogReader, sleep: Sleep) -> list[LogEvent]:
    """The next page, asked for again while what is wrong is temporary."""
    trouble = BackOff()
    for _ in range(_ATTEMPTS):
        sleep(reader.budget.reserve(FILTER, background=False))
        try:
            return chain.read()
        except Problem as problem:
            if not problem.temporary:
                raise
            trouble.failed(problem, 0.0)
            sleep(trouble.until)
    return chain.read()
