from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.log_load import Load, LoadSpec, parse_load, plan
from mvm_tui.local.log_store import LogLimits, LogStore

SPEC = LoadSpec(group="g", streams=4, events=2_000, rate=1_000, late=0.1, late_seconds=3, same_ms=0.5, seed=7)


def run(spec: LoadSpec, step: float = 0.1) -> tuple[Load, LogStore]:
    """A load that has put everything, the clock moved on by `step` seconds at a time."""
    timing = ManualTiming()
    store = LogStore(timing, LogLimits(stream_events=10))

    async def work() -> Load:
        load = Load(spec, store, timing)
        task = asyncio.create_task(load.run())
        while not task.done():
            await timing.run(step)
        await task
        return load

    return asyncio.run(work()), store


def test_the_same_seed_plans_the_same_events_and_another_seed_others() -> None:
    assert list(plan(SPEC)) == list(plan(SPEC))
    assert list(plan(SPEC)) != list(plan(replace(SPEC, seed=8)))


def test_a_plan_has_the_shares_that_were_asked_for() -> None:
    events = list(plan(SPEC))
    assert [event.serial for event in events] == list(range(1, 2_001))
    assert 0.07 < sum(event.late for event in events) / 2_000 < 0.13
    assert max(event.due - event.turn for event in events) <= 3
    repeated = sum(one.timestamp == two.timestamp for one, two in pairwise(events))
    assert 0.45 < repeated / 2_000 < 0.55
    assert {event.stream for event in events} == {0, 1, 2, 3}
    assert {len(event.message) for event in events} == {96}


@settings(max_examples=15, deadline=None)
@given(st.floats(0.03, 4.0), st.integers(1, 300), st.sampled_from([0.0, 0.2]))
def test_however_late_the_loop_is_the_order_of_the_puts_is_the_same(
    step: float, burst: int, late: float
) -> None:
    spec = replace(SPEC, burst=burst, late=late)
    expected = [event.serial for event in sorted(plan(spec))]
    load, store = run(spec, step)
    put = {event.arrival: int(event.message[1:8]) for one in store.all_streams() for event in one.events}
    assert [put[arrival] for arrival in sorted(put)] == expected
    assert load.put == 2_000


def test_a_load_is_kept_whole_and_tells_its_ids() -> None:
    load, store = run(SPEC)
    ids = [line.split() for line in load.ids(0, 5_000).splitlines()]
    assert load.ids(10, 5) == "".join(" ".join(one) + "\n" for one in ids[10:15])
    kept = {
        (event.event_id, number)
        for number, name in enumerate(load.streams)
        for event in store.groups["g"].streams[name].events
    }
    assert {(one, int(number)) for one, number in ids} == kept
    assert len(kept) == 2_000
    assert load.status() | {"streams": [], "start": 0, "late": 0} == {
        "group": "g", "start": 0, "events": 2_000, "put": 2_000, "late": 0, "done": True, "streams": [],
    }  # fmt: skip
    assert store.bytes == 0
    store.let_go("g")
    assert all(len(stream.events) <= 10 for stream in store.all_streams())
    assert store.bytes == sum(stream.bytes for stream in store.all_streams()) > 0


def test_a_burst_comes_at_once() -> None:
    timing = ManualTiming()
    store = LogStore(timing)
    told: list[int] = []
    store.watchers.add(lambda _group, rows: told.append(len(rows)))

    async def work() -> None:
        task = asyncio.create_task(Load(replace(SPEC, burst=500, late=0), store, timing).run())
        while not task.done():
            await timing.run(0.05)

    asyncio.run(work())
    assert [count for count in told if count] == [500] * 4


@pytest.mark.parametrize(
    "document",
    [
        {"events": 0}, {"events": 2_000_001}, {"events": 1.5}, {"events": True}, {"rate": 0}, {"rate": "5"},
        {"late": 1.1}, {"group": ""}, {"group": 5}, {"colour": "red"}, {"size": 10_000, "events": 1_000_000},
    ],
)  # fmt: skip
def test_a_wrong_load_is_refused_with_its_member_named(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(document))[:4] + "|a load"):
        parse_load(document)
