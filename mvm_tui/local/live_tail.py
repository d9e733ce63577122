"""Live Tail sessions: what is ingested, once a second, at most 500 events at a time, for at most three hours.

Limits are those of the API reference, StartLiveTail (November 2026).
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mvm_tui.local.clock import Timing
from mvm_tui.local.log_events import LogEvent
from mvm_tui.local.log_store import LogGroup, LogStore
from mvm_tui.local.wire.errors import ServiceError

UPDATE_SECONDS = 1.0
MOST_EVENTS = 500
_BUFFERED_UPDATES = 10
_BUFFERED_EVENTS = 5_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a session shows. No names and no prefixes mean every stream."""

    groups: frozenset[str]
    matches: Callable[[str], bool]
    stream_names: frozenset[str] = frozenset()
    stream_prefixes: tuple[str, ...] = ()

    def takes(self, group: str, stream: str) -> bool:
        """Whether the session shows a stream of a group."""
        if group not in self.groups:
            return False
        if self.stream_names:
            return stream in self.stream_names
        return not self.stream_prefixes or stream.startswith(self.stream_prefixes)


@dataclass(frozen=True, slots=True)
class TailedEvent:
    """An event of a session and where it is."""

    group: str
    stream: str
    event: LogEvent


@dataclass(frozen=True, slots=True)
class Update:
    """What one second brought: all of it, or 500 events of more."""

    events: tuple[TailedEvent, ...]
    sampled: bool


class Sampler:
    """Collects what matches until it is taken: up to 500 events whole, of more an even sample."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - which events are shown, nothing secret
        self._kept: list[tuple[int, TailedEvent]] = []
        self._seen = 0

    def add(self, event: TailedEvent) -> None:
        self._seen += 1
        if len(self._kept) < MOST_EVENTS:
            self._kept.append((self._seen, event))
            return
        place = self._chance.randrange(self._seen)
        if place < MOST_EVENTS:
            self._kept[place] = (self._seen, event)

    def take(self) -> Update:
        """What was collected, in the order of its ingestion; begins anew."""
        events = tuple(event for _, event in sorted(self._kept, key=lambda pair: pair[0]))
        update = Update(events, self._seen > MOST_EVENTS)
        self._kept, self._seen = [], 0
        return update


class _Buffer:
    """Updates that the client has not read yet; of more than the service buffers the oldest are dropped."""

    def __init__(self) -> None:
        self._updates: deque[Update] = deque()
        self._filled = asyncio.Event()

    def put(self, update: Update) -> None:
        self._updates.append(update)
        while len(self._updates) > _BUFFERED_UPDATES or self._events() > _BUFFERED_EVENTS:
            self._updates.popleft()
        self._filled.set()

    async def get(self) -> Update:
        while not self._updates:
            self._filled.clear()
            await self._filled.wait()
        return self._updates.popleft()

    def _events(self) -> int:
        return sum(len(update.events) for update in self._updates)


class LiveTail:
    """The sessions of one region."""

    def __init__(self, store: LogStore, timing: Timing) -> None:
        self.store = store
        self.timing = timing
        self._numbers = itertools.count(1)
        self._open: set[Session] = set()

    def start(self, subscription: Subscription) -> Session:
        """Open a session; it shows what is ingested from now on.

        Raises:
            ServiceError: LimitExceededException when the account has as many as it may (code and text as
                users of the service met them: DefangLabs/defang issues 1694 and 2071).
        """
        if len(self._open) >= self.store.settings.live_tail_sessions:
            raise ServiceError("LimitExceededException", 400, "Rate exceeded")
        session = Session(self.store, self.timing, subscription, next(self._numbers), self._open.discard)
        self._open.add(session)
        return session


class Session:
    """An open session: yields an update a (real) second; `aclose` gives its place back, once or more often.

    Iterating raises ServiceError, SessionTimeoutException, once it has been open as long as it may.
    """

    def __init__(
        self,
        store: LogStore,
        timing: Timing,
        subscription: Subscription,
        number: int,
        on_close: Callable[[Session], None],
    ) -> None:
        self._store = store
        self._timing = timing
        self._subscription = subscription
        self._on_close = on_close
        self._sampler, self._buffer = Sampler(number), _Buffer()
        self._opened = timing.monotonic()
        store.watchers.add(self._watch)
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    def __aiter__(self) -> Session:
        return self

    async def __anext__(self) -> Update:
        if self._timing.service_seconds_since(self._opened) >= self._store.settings.live_tail_seconds:
            raise ServiceError("SessionTimeoutException", 400, "The Live Tail session has timed out.")
        return await self._buffer.get()

    async def aclose(self) -> None:
        """End the session."""
        self._ticking.cancel()
        self._store.watchers.discard(self._watch)
        self._on_close(self)

    def _watch(self, group: LogGroup, rows: list[tuple[str, LogEvent]]) -> None:
        for stream, event in rows:
            if self._subscription.takes(group.name, stream) and self._subscription.matches(event.message):
                self._sampler.add(TailedEvent(group.name, stream, event))

    async def _tick(self) -> None:
        while True:
            # A second of the client's time: `sleep` counts the service's.
            await self._timing.sleep(UPDATE_SECONDS * self._timing.speed)
            self._buffer.put(self._sampler.take())


def session_update(update: Update, identify: Callable[[str], str]) -> dict[str, Any]:
    """An update as the API describes it; `identify` gives a group's identifier by its name."""
    return {
        "sessionMetadata": {"sampled": update.sampled},
        "sessionResults": [
            {
                "logStreamName": tailed.stream,
                "logGroupIdentifier": identify(tailed.group),
                "message": tailed.event.message,
                "timestamp": tailed.event.timestamp,
                "ingestionTime": tailed.event.ingestion,
            }
            for tailed in update.events
        ],
    }
