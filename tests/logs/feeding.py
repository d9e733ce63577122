"""A local cloud whose logs a test writes, and what a follower told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from mvm_tui.aws.logs import LogReader
from mvm_tui.aws.session import Connection, Target
from mvm_tui.local.launch import Facts
from mvm_tui.logs.follow import Find, Follower
from mvm_tui.logs.order import Batch
from mvm_tui.logs.places import Place
from mvm_tui.logs.status import Status
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.log_event import LogEvent
from tests.cloud import client

PATIENCE_SECONDS = 60.0
CLOCK = SystemClock()


def connect(facts: Facts, region: str = "") -> Connection:
    target = Target(
        region=region or facts.region,
        endpoint_url=facts.endpoint,
        access_key=facts.access_key,
        secret_key=facts.secret_key,
    )
    return Connection.open(target, CLOCK)


def reader_for(facts: Facts, region: str = "") -> LogReader:
    return LogReader(connect(facts, region), CLOCK)


def now_ms() -> int:
    return round(time.time() * 1_000)


class Feed:
    """Writes to one group by `PutLogEvents`."""

    def __init__(self, facts: Facts, group: str) -> None:
        self.group = group
        self._logs: Any = client(facts, "logs")
        self._logs.create_log_group(logGroupName=group)
        self._streams: set[str] = set()

    def stream(self, name: str) -> None:
        if name not in self._streams:
            self._streams.add(name)
            self._logs.create_log_stream(logGroupName=self.group, logStreamName=name)

    def put(self, stream: str, *messages: str, at: int | None = None, step: int = 1) -> int:
        """Write messages `step` milliseconds apart, the first `at`, else now; gives that first moment."""
        self.stream(stream)
        first = now_ms() if at is None else at
        events = [{"timestamp": first + step * n, "message": message} for n, message in enumerate(messages)]
        self._logs.put_log_events(logGroupName=self.group, logStreamName=stream, logEvents=events)
        return first


class Told:
    """Collects what a follower hands over, and waits for what a test expects."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.statuses: list[Status] = []
        # Called with the first batch, before anything more is read.
        self.at_first: Callable[[], object] = lambda: None
        self._changed = threading.Condition()

    def on_batch(self, batch: Batch) -> None:
        if not self.batches:
            self.at_first()
        with self._changed:
            self.batches.append(batch)
            self._changed.notify_all()

    def on_status(self, status: Status) -> None:
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    @property
    def events(self) -> list[LogEvent]:
        return [event for batch in self.batches for event in (*batch.events, *batch.late)]

    @property
    def messages(self) -> list[str]:
        return [event.message for event in self.events]

    @property
    def status(self) -> Status:
        return self.statuses[-1] if self.statuses else Status()

    def wait_for_events(self, count: int) -> None:
        self.wait(lambda: self.status.events >= count or len(self.events) >= count)

    def wait(self, condition: Callable[[], object]) -> None:
        with self._changed:
            done = self._changed.wait_for(condition, PATIENCE_SECONDS)
        assert done, f"waited {PATIENCE_SECONDS:g} s; {len(self.events)} events, {self.status}"


class Following:
    """A follower that runs while the block does."""

    def __init__(self, reader: LogReader, places: Sequence[Place] | Find, **options: Any) -> None:
        self.told = Told()
        find = places if callable(places) else lambda: places
        self.follower = Follower(
            reader,
            find,
            CLOCK,
            self.told.on_batch,
            self.told.on_status,
            **options,
        )

    def __enter__(self) -> Following:
        self.follower.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.follower.stop()
        self.follower.join(PATIENCE_SECONDS)
