"""Nothing is lost: loads with late events, the same milliseconds, throttles and faults, in virtual time."""

from __future__ import annotations

import pytest

from mvm_tui.local.log_load import LoadSpec
from mvm_tui.logs.follow import Follower
from mvm_tui.logs.order import Batch, Holder
from mvm_tui.logs.places import Place
from mvm_tui.logs.seen import Seen
from mvm_tui.logs.status import Status
from mvm_tui.logs.tails import GroupTail
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.log_event import LogEvent
from tests.logs.feeding import Told
from tests.logs.virtual import VirtualLogs, usual_failures

GROUP = "/aws/lambda-microvms/log-load"


class Ordered(Told):
    """What a follower told, let go in order."""

    def __init__(self) -> None:
        super().__init__()
        self.holder = Holder()
        self.released: list[LogEvent] = []
        self.overtaken = 0

    def on_batch(self, batch: Batch) -> None:
        super().on_batch(batch)
        self.overtaken += len(self.holder.add([*batch.events, *batch.late]))

    def on_status(self, status: Status) -> None:
        if status.settled is not None:
            self.released += self.holder.release(status.settled)
        super().on_status(status)


def followed(spec: LoadSpec, per_second: float) -> tuple[VirtualLogs, Ordered]:
    """Follow a load to its end and until nothing that belongs before its last event can come."""
    clock = ManualClock()
    logs = VirtualLogs(clock, spec, per_second, usual_failures())
    told = Ordered()
    follower = Follower(
        logs,
        lambda: [Place(GROUP)],
        clock,
        told.on_batch,
        told.on_status,
        since=logs.now_ms() - 1_000,
        wait=clock.advance,
    )
    follower.start()
    told.wait(lambda: len(told.released) + told.overtaken >= spec.events)
    follower.stop()
    follower.join(10)
    return logs, told


@pytest.mark.parametrize(
    ("events", "rate"),
    [(5_000, 1_000.0), (14_000, 5_000.0), (300, 2.0)],
    ids=["busy", "at the limit", "quiet"],
)
def test_every_event_comes_once_and_in_order_on_five_calls_a_second(events: int, rate: float) -> None:
    spec = LoadSpec(
        GROUP, 40, events, rate, burst=5, late=0.1, late_seconds=24.0, same_ms=0.3, delay=1.0, size=90, seed=5
    )
    logs, told = followed(spec, 5.0)
    ids = [event.id for event in told.released]
    assert len(ids) == events
    assert set(ids) == logs.ids
    times = [event.timestamp for event in told.released]
    assert times == sorted(times)
    assert told.overtaken == 0
    assert told.status.late == 0
    seconds = logs.calls[-1] - logs.calls[0]
    assert len(logs.calls) <= 5 * seconds + 5


def test_events_later_than_half_a_minute_are_told_apart_and_counted() -> None:
    spec = LoadSpec(GROUP, 4, 2_000, 50.0, late=0.2, late_seconds=55.0, seed=6)
    logs, told = followed(spec, 10.0)
    assert sorted(event.id for event in told.events) == sorted(logs.ids)
    late = [event for batch in told.batches for event in batch.late]
    assert len(late) == told.status.late > 50
    assert all(event.ingestion - event.timestamp > 30_000 for event in late)


def test_memory_of_what_was_seen_is_bounded_and_still_nothing_comes_twice() -> None:
    clock = ManualClock()
    logs = VirtualLogs(clock, LoadSpec(GROUP, 10, 12_000, 1_000.0, seed=7), 25.0, {})
    seen = Seen(limit=6_000)
    tail = GroupTail(logs, Place(GROUP), clock, logs.now_ms() - 1_000, seen)
    found: list[str] = []
    while len(found) < 12_000:
        clock.advance(max(tail.due - clock.monotonic(), 0.0) + 0.05)
        found += [event.id for event in tail.digest(tail.fetch()).batch.events]
        assert len(seen) <= 6_000
    assert len(set(found)) == 12_000
