"""A stretch of a group's time, read page by page."""

from __future__ import annotations

from collections.abc import Sequence

from mvm_tui.aws.logs import PAGE_EVENTS, SEARCHED_STREAMS, FoundPage, LogReader, lacks
from mvm_tui.logs.places import Place
from mvm_tui.model.errors import Gone, Invalid
from mvm_tui.model.log_event import LogEvent


class Chain:
    """One search by `FilterLogEvents`, to its last page; each page is one call.

    Attributes:
        start: Milliseconds since 1970, inclusive; None is the beginning of the log.
        begun: The service's time when the search began: what was ingested before it is found by it.
        done: Whether the last page has been read.
    """

    def __init__(
        self,
        reader: LogReader,
        place: Place,
        start: int | None,
        end: int | None = None,
        *,
        pattern: str = "",
        newest_first: bool = False,
        limit: int = 0,
    ) -> None:
        """`end` is inclusive. `limit` is the size of a page, 0 the service's largest."""
        self.start = start
        self.begun = reader.now_ms()
        self.done = False
        self._from = start
        self._reader = reader
        self._place = place
        self._end = end
        self._pattern = pattern
        self._newest_first = newest_first
        self._limit = limit
        self._token = ""
        # The timestamp up to which has been read, or down to which.
        self._passed: int | None = None
        self._begun_anew: tuple[int | None, int | None] | None = None
        # More streams than one search may name are picked out of the whole group.
        self._streams = place.streams if len(place.streams) <= SEARCHED_STREAMS else ()

    def read(self) -> list[LogEvent]:
        """The next page's events that belong to the place; often none. After a Problem it is still next.

        Where reading had to begin anew, events of the last millisecond come again, which whoever reads knows
        to expect.
        """
        try:
            page = self._page()
        except Invalid:
            if not self._token or not self._begin_anew():
                raise
            return []
        except Gone as problem:
            if lacks(problem) != "stream" or len(self._streams) < 2:
                raise
            # One of them was deleted, which must not hide the others: they are picked out of the group.
            self._streams, self._token = (), ""
            return []
        self._pass_over(page.events)
        if not page.token or page.token == self._token:
            self.done = not self._goes_on_after(page)
        self._token = page.token
        return [event for event in page.events if self._place.holds(event)]

    def _goes_on_after(self, page: FoundPage) -> bool:
        """Whether a full last page is to be read on from: emulators end with it and give no token."""
        if self._newest_first or page.token or len(page.events) < PAGE_EVENTS:
            return False
        last = page.events[-1].timestamp
        if self._from is not None and last <= self._from:
            return False
        self._from = last
        return True

    def _begin_anew(self) -> bool:
        """Go on without the token: it ends after a day, and an emulator forgets it when it is restarted.

        False where that was done here before and nothing came of it.
        """
        self._token = ""
        if self._passed is not None and self._newest_first:
            self._end = self._passed
        elif self._passed is not None:
            self._from = self._passed
        before, self._begun_anew = self._begun_anew, (self._from, self._end)
        return before != self._begun_anew

    def _pass_over(self, events: Sequence[LogEvent]) -> None:
        if not events:
            return
        first, last = events[0].timestamp, events[-1].timestamp
        # An endpoint that knows only one direction begins at the same end again.
        self._passed = None if self._newest_first and first < last else last

    def _page(self) -> FoundPage:
        return self._reader.find_events(
            self._place.group,
            streams=self._streams,
            prefix="" if self._streams else self._place.prefix,
            start=self._from,
            end=self._end,
            pattern=self._pattern,
            token=self._token,
            limit=self._limit,
            newest_first=self._newest_first,
        )
