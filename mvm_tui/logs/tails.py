"""The ends of logs: what is new in a group or a stream, one call at a time, nothing twice, nothing left out.

Events become readable in another order than that of their timestamps: each stream's come some seconds late,
and some up to half a minute. So the end of a group is read again and again with an overlap. Where the group
is quiet, the overlap is a whole minute and costs one page; where it is busy, the frequent readings overlap by
what its events are usually late, and a slower sweep goes over the whole minute between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mvm_tui.aws.logs import FILTER, GET, LogReader, StreamPage
from mvm_tui.logs.chain import Chain
from mvm_tui.logs.order import LATENESS_MS, Batch, sorted_batch
from mvm_tui.logs.places import Place
from mvm_tui.logs.seen import DEFAULT_LIMIT, Seen
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Denied, Invalid
from mvm_tui.model.log_event import LogEvent

OVERLAP_MS = 60_000
BUSY_SECONDS = 0.5
QUIET_SECONDS = 5.0
_SLOWING = 1.25
# While Live Tail brings the lines, polling only looks whether it left any out.
LIVE_SECONDS = 15.0
_SWEEP_SECONDS = 10.0
_QUIET_SWEEP_SECONDS = 30.0
# An overlap of so many events is read in one page; of so many, in two.
_ONE_PAGE = 5_000
_TWO_PAGES = 15_000
_SHORTEST_OVERLAP_MS = 1_500
# A stream is at its end when so many pages in a row were empty, whatever the token says.
_EMPTY_PAGES = 3
_FAR_BEHIND_MS = 10_000

Page = StreamPage | list[LogEvent]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one call brought, and the moment (milliseconds since 1970) up to which all has been read."""

    batch: Batch
    read_up_to: int


class Tail(Protocol):
    """The end of one place. `fetch` and `digest` belong together, `fetch` being the call.

    Attributes:
        place: Whose end it is.
        interval: Seconds between two readings, as they are now.
        read_up_to: Milliseconds since 1970 up to which everything that was readable has been read.
        settled: Milliseconds since 1970 before which nothing more comes that is not late.
        blind: Whether late events go unseen, for want of a permission.
    """

    place: Place
    interval: float
    read_up_to: int
    settled: int
    blind: bool

    @property
    def due(self) -> float:
        """The monotonic second from which the next call makes sense."""
        ...

    @property
    def operation(self) -> str:
        """The API operation of the next call."""
        ...

    def know(self, events: Sequence[LogEvent], token: str) -> None:
        """Note events that were read and shown before; `token` is that of their stream's end, if any."""
        ...

    def fetch(self) -> Page:
        """Make the next call. Raises Problem; then the same call is next again."""
        ...

    def digest(self, page: Page) -> Reading:
        """Take what `fetch` brought."""
        ...

    def hurry(self) -> None:
        """Read at once."""
        ...

    def grouped(self) -> GroupTail:
        """The same end, read by event ids from now on."""
        ...

    def expect_live(self) -> None:
        """Live Tail is about to bring the same lines without ids."""
        ...


class _Newest:
    """How far a place has been read, and how events come: how many, and how late.

    `settled` once what was there at the beginning has been read.
    """

    def __init__(self, since: int) -> None:
        self.timestamp = since
        self.rate = 0.0
        self.spread_ms = 0.0
        self.settled = False

    def settle(self) -> None:
        """What was there at the beginning has been read: from now on events can be late."""
        self.settled = True

    def take(self, events: Sequence[LogEvent], now_ms: int) -> Batch:
        """New events as a batch, those that are late apart."""
        batch = sorted_batch(events, self.timestamp if self.settled else None)
        if self.settled:
            self._learn_spread(events)
        newest = max((event.timestamp for event in events), default=0)
        # A guest whose clock is ahead must not take the overlap along into the future.
        self.timestamp = max(self.timestamp, min(newest, now_ms))
        return batch

    def learn_rate(self, events: int, seconds: float) -> None:
        """How many events a reading brought that comes so long after the one before."""
        if self.settled and seconds > 0:
            self.rate = 0.5 * self.rate + 0.5 * events / seconds

    def overlap_ms(self) -> int:
        """How far back a frequent reading goes: the whole overlap where that is one page."""
        if self.rate * OVERLAP_MS / 1_000 <= _ONE_PAGE:
            return OVERLAP_MS
        affordable = _TWO_PAGES / self.rate * 1_000
        return round(max(_SHORTEST_OVERLAP_MS, min(1.5 * self.spread_ms, affordable)))

    def _learn_spread(self, events: Sequence[LogEvent]) -> None:
        if not events:
            return
        behind = sorted(max(self.timestamp - event.timestamp, 0) for event in events)
        typical = min(behind[int(len(behind) * 0.95)], LATENESS_MS)
        self.spread_ms = max(typical, 0.8 * self.spread_ms + 0.2 * typical)


class GroupTail:
    """The end of many streams, or of one where event ids are wanted, by `FilterLogEvents`."""

    def __init__(
        self, reader: LogReader, place: Place, clock: Clock, since: int, seen: Seen | None = None
    ) -> None:
        """`since`: milliseconds since 1970; nothing older is read."""
        self.place = place
        self.blind = False
        self._live = False
        self.interval = BUSY_SECONDS
        self.read_up_to = since
        self._reader = reader
        self._clock = clock
        self._since = since
        self._seen = seen or Seen()
        self._newest = _Newest(since)
        self._swept_at = since
        self.settled = since
        self._poll: Chain | None = None
        self._sweep: Chain | None = None
        self._sweeping = False
        self._found = 0
        self._polled_at = self._poll_due = clock.monotonic()
        self._sweep_due = math.inf

    @property
    def due(self) -> float:
        return min(self._poll_due, self._sweep_due)

    @property
    def operation(self) -> str:
        return FILTER

    def hurry(self) -> None:
        self._poll_due = min(self._poll_due, self._clock.monotonic())

    def know(self, events: Sequence[LogEvent], token: str) -> None:
        for event in events:
            self._seen.admit(event)
        self._newest.take(events, self._reader.now_ms())

    def grouped(self) -> GroupTail:
        return self

    def expect_live(self) -> None:
        self._seen.mix()

    def set_live(self, on: bool) -> None:
        """Whether Live Tail brings the lines, so that polling has only to fill its gaps."""
        self._live = on
        self.interval = LIVE_SECONDS if on else BUSY_SECONDS
        self.hurry()

    def fetch(self) -> Page:
        now = self._clock.monotonic()
        # In turn where both are due, as they are all the time while the budget is short.
        self._sweeping = self._sweep_due <= now and (self._poll_due > now or not self._sweeping)
        return self._chain().read()

    def digest(self, page: Page) -> Reading:
        assert isinstance(page, list)
        new = [event for event in page if self._seen.admit(event)]
        batch = self._newest.take(new, self._reader.now_ms())
        chain = self._chain()
        if self._sweeping:
            self._swept(chain)
        else:
            self._found += len(new)
            self._polled(chain, page)
        return Reading(batch, self.read_up_to)

    def take(self, events: Sequence[LogEvent]) -> Batch:
        """Take events that Live Tail brought."""
        new = [event for event in events if self.place.holds(event) and self._seen.admit(event)]
        self.read_up_to = max(self.read_up_to, self._reader.now_ms())
        return self._newest.take(new, self._reader.now_ms())

    def _chain(self) -> Chain:
        if self._sweeping:
            self._sweep = self._sweep or self._begin_sweep()
            return self._sweep
        self._poll = self._poll or self._begin_poll()
        return self._poll

    def _begin_poll(self) -> Chain:
        overlap = OVERLAP_MS if self._live else self._newest.overlap_ms()
        start = max(self._since, self._newest.timestamp - overlap, self._seen.floor)
        return Chain(self._reader, self.place, start)

    def _begin_sweep(self) -> Chain:
        # Back to where the last sweep may have missed something that was not late beyond the bound.
        now = self._reader.now_ms()
        start = max(self._since, min(now - OVERLAP_MS, self._swept_at - LATENESS_MS), self._seen.floor)
        # Up to where the frequent readings go back to, and to where nothing but late events is to come.
        end = max(self._newest.timestamp - self._newest.overlap_ms(), now - LATENESS_MS, start)
        return Chain(self._reader, self.place, start, end)

    def _polled(self, chain: Chain, page: list[LogEvent]) -> None:
        now = self._clock.monotonic()
        if not chain.done:
            if page:
                last = page[-1].timestamp
                self.read_up_to = max(self.read_up_to, min(last, chain.begun))
                if not self._newest.settled:
                    # The past comes in order: whoever holds lines back need not hold all of it.
                    self.settled = max(self.settled, min(last, chain.begun - LATENESS_MS))
            self._poll_due = now
            return
        self._poll = None
        self.read_up_to = max(self.read_up_to, chain.begun)
        if chain.start is not None and chain.start <= max(chain.begun - OVERLAP_MS, self._since):
            self._sweep_ended(chain)
        self._newest.learn_rate(self._found, now - self._polled_at)
        self._newest.settle()
        self._polled_at = now
        self._poll_due = now + self._next_interval(self._found)
        self._found = 0
        if self._newest.overlap_ms() < OVERLAP_MS and not self._live:
            self._sweep_due = min(self._sweep_due, now + _SWEEP_SECONDS)
        elif self._sweep is None:
            self._sweep_due = math.inf

    def _swept(self, chain: Chain) -> None:
        now = self._clock.monotonic()
        if not chain.done:
            self._sweep_due = now
            return
        self._sweep = None
        self._sweep_due = now + _SWEEP_SECONDS
        self._sweep_ended(chain)

    def _next_interval(self, found: int) -> float:
        slower = min(self.interval * _SLOWING, QUIET_SECONDS)
        self.interval = LIVE_SECONDS if self._live else BUSY_SECONDS if found else slower
        return self.interval

    def _sweep_ended(self, chain: Chain) -> None:
        """All that is less late than the bound has been read up to the search's beginning."""
        self._swept_at = chain.begun
        self.settled = max(self.settled, chain.begun - LATENESS_MS)
        # What no reading will go back to.
        oldest = min(self._newest.timestamp - OVERLAP_MS, self._swept_at - LATENESS_MS - OVERLAP_MS)
        self._seen.forget_before(oldest)


class StreamTail:
    """The end of one stream by `GetLogEvents`, cheap and quick; now and then a search finds late events."""

    def __init__(self, reader: LogReader, place: Place, clock: Clock, since: int) -> None:
        """`since`: milliseconds since 1970; nothing older is read, unless it is made known first."""
        assert place.single, "one stream only"
        self.place = place
        self.interval = BUSY_SECONDS
        self.read_up_to = since
        self.seen = Seen(mixed=True)
        # Set once the user may read streams but not search them.
        self.blind = False
        self._reader = reader
        self._clock = clock
        self._since = since
        self._token = ""
        # From where the stream is read without a token, and the last timestamp, of a guest's clock.
        self._from = since
        self._last = since - 1
        self._newest = _Newest(since)
        self._empty = 0
        self._begun = since
        # Since when late events have not been searched for.
        self._swept_at: int | None = None
        self.settled = since
        self._sweep: Chain | None = None
        self._sweeping = False
        self._poll_due = clock.monotonic()
        self._sweep_due = self._poll_due + _SWEEP_SECONDS

    @property
    def due(self) -> float:
        return min(self._poll_due, self._sweep_due)

    @property
    def operation(self) -> str:
        return FILTER if self._is_sweep_next() else GET

    def hurry(self) -> None:
        now = self._clock.monotonic()
        self._poll_due = min(self._poll_due, now)
        if not self.blind:
            self._sweep_due = min(self._sweep_due, now)

    def know(self, events: Sequence[LogEvent], token: str) -> None:
        for event in events:
            self.seen.admit(event)
        self._newest.take(events, self._reader.now_ms())
        self._last = max((self._last, *(event.timestamp for event in events)))
        self._token = token

    def fetch(self) -> Page:
        self._sweeping = self._is_sweep_next()
        if self._sweeping:
            return self._search()
        self._begun = self._reader.now_ms()
        if self._swept_at is None:
            self._swept_at = self._begun
        try:
            return self._read_on()
        except Invalid:
            if not self._token:
                raise
            # Tokens end after a day. Without ids nothing may be read twice: a search brings what is left.
            self._token, self._from = "", self._last + 1
            self.hurry()
            return self._read_on()

    def digest(self, page: Page) -> Reading:
        events = page if isinstance(page, list) else page.events
        self._last = max((self._last, *(event.timestamp for event in events)))
        new = [event for event in events if self.seen.admit(event)]
        batch = self._newest.take(new, self._reader.now_ms())
        if isinstance(page, list):
            self._swept()
        else:
            self._polled(page)
        return Reading(batch, self.read_up_to)

    def expect_live(self) -> None:
        """What this tail reads is matched with what has no ids from its beginning."""

    def grouped(self) -> GroupTail:
        tail = GroupTail(self._reader, self.place, self._clock, self._search_start(), self.seen)
        tail.read_up_to = self.read_up_to
        return tail

    def _read_on(self) -> StreamPage:
        group, stream = self.place.group, self.place.single
        start = None if self._token else self._from
        return self._reader.stream_events(group, stream, start=start, token=self._token, from_head=True)

    def _is_sweep_next(self) -> bool:
        return self._sweep_due <= self._clock.monotonic() < self._poll_due

    def _search_start(self) -> int:
        """From where a search finds all that is not late beyond the bound, also where nothing could be read
        for long: the stream has gone on since then, and what was late for its token has not been seen."""
        start = self._newest.timestamp - OVERLAP_MS
        if self._swept_at is not None:
            start = min(start, self._swept_at - LATENESS_MS)
        return max(self._since, start, self.seen.floor)

    def _search(self) -> Page:
        if self._sweep is None:
            self._sweep = Chain(self._reader, self.place, self._search_start())
        try:
            return self._sweep.read()
        except Denied:
            self.blind = True
            self._sweep.done = True
            return []

    def _swept(self) -> None:
        now = self._clock.monotonic()
        if self._sweep is not None and not self._sweep.done:
            self._sweep_due = now
            return
        if self._sweep is not None:
            self.settled = max(self.settled, self._sweep.begun - LATENESS_MS)
            self._swept_at = self._sweep.begun
        self._sweep = None
        quiet = self.interval >= QUIET_SECONDS
        self._sweep_due = (
            math.inf if self.blind else now + (_QUIET_SWEEP_SECONDS if quiet else _SWEEP_SECONDS)
        )
        self.seen.forget_before(min(self._newest.timestamp - OVERLAP_MS, self._search_start()) - OVERLAP_MS)

    def _polled(self, page: StreamPage) -> None:
        now = self._clock.monotonic()
        self._empty = 0 if page.events else self._empty + 1
        at_end = page.forward == self._token or (not self._token and not page.events)
        self._token = page.forward or self._token
        behind = bool(page.events) and page.events[-1].timestamp < self._begun - _FAR_BEHIND_MS
        if not at_end and self._empty < _EMPTY_PAGES and (behind or not page.events):
            if page.events:
                self.read_up_to = max(self.read_up_to, page.events[-1].timestamp)
            self._poll_due = now
            return
        self.read_up_to = max(self.read_up_to, self._begun)
        self._newest.settle()
        slower = min(self.interval * _SLOWING, QUIET_SECONDS)
        self.interval = BUSY_SECONDS if page.events else slower
        self._poll_due = now + self.interval


def tail_of(reader: LogReader, place: Place, clock: Clock, since: int, *, ids: bool, share: int = 1) -> Tail:
    """The tail that suits a place; with `ids` one that tells event ids. `share`: of how many it is one."""
    if place.single and not ids:
        return StreamTail(reader, place, clock, since)
    return GroupTail(reader, place, clock, since, Seen(limit=max(DEFAULT_LIMIT // share, 50_000)))
