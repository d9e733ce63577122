"""What a Live Tail session keeps for a client: samples of too much, and the newest of what is not read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.live_tail import MOST_EVENTS, LiveTail, Sampler, Subscription, TailedEvent
from mvm_tui.local.log_events import LogEvent
from mvm_tui.local.log_store import LogStore
from mvm_tui.local.wire.errors import ServiceError

ALL = Subscription(frozenset({"g"}), lambda _message: True)


def tailed(number: int) -> TailedEvent:
    return TailedEvent("g", "s", LogEvent(number, number, number, "x"))


@given(st.integers(0, 3_000), st.integers(0, 5))
def test_a_sample_is_whole_or_500_in_their_order(count: int, seed: int) -> None:
    sampler = Sampler(seed)
    for number in range(count):
        sampler.add(tailed(number))
    update = sampler.take()
    numbers = [one.event.arrival for one in update.events]
    assert update.sampled is (count > MOST_EVENTS)
    assert len(numbers) == min(count, MOST_EVENTS)
    assert numbers == sorted(set(numbers))
    assert sampler.take().events == ()


async def test_of_what_is_not_read_the_newest_ten_updates_are_kept() -> None:
    timing = ManualTiming()
    store = LogStore(timing)
    session = LiveTail(store, timing).start(ALL)
    for second in range(15):
        store.ingest("g", [("s", second, f"second {second}")])
        await timing.run(1.0)
    read = [(await anext(session)).events[0].event.message for _ in range(10)]
    assert read == [f"second {second}" for second in range(5, 15)]
    await session.aclose()


async def test_a_session_ends_in_the_service_s_time_and_updates_come_in_the_client_s() -> None:
    timing = ManualTiming(speed=100.0)
    store = LogStore(timing)
    tails = LiveTail(store, timing)
    session = tails.start(ALL)
    await timing.run(107.9)
    assert not (await anext(session)).sampled
    await timing.run(0.2)
    with pytest.raises(ServiceError, match="timed out"):
        await anext(session)
    await session.aclose()
    await session.aclose()
    store.settings.change({"live_tail_sessions": 1})
    with pytest.raises(ServiceError, match="Rate exceeded"):
        [tails.start(ALL) for _ in range(2)]


@pytest.mark.parametrize(
    ("group", "stream", "names", "prefixes", "taken"),
    [
        ("g", "any", (), (), True),
        ("h", "any", (), (), False),
        ("g", "a", ("a", "b"), (), True),
        ("g", "ab", ("a", "b"), (), False),
        ("g", "ab", (), ("a", "c"), True),
        ("g", "ba", (), ("a", "c"), False),
    ],
)
def test_what_a_subscription_takes(
    group: str, stream: str, names: tuple[str, ...], prefixes: tuple[str, ...], taken: bool
) -> None:
    narrowed = replace(ALL, stream_names=frozenset(names), stream_prefixes=prefixes)
    assert narrowed.takes(group, stream) is taken
