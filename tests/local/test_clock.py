from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from mvm_tui.local.clock import ManualTiming, Timing


def test_speed_divides_durations_but_not_moments() -> None:
    timing = ManualTiming(speed=10)
    fired: list[str] = []
    timing.call_later(20, fired.append, "duration")
    timing.call_at_real(timing.now() + timedelta(seconds=20), fired.append, "moment")
    timing.advance(2)
    assert fired == ["duration"]
    timing.advance(17.9)
    assert fired == ["duration"]
    timing.advance(0.1)
    assert fired == ["duration", "moment"]


def test_timers_fire_in_their_order_at_their_own_time() -> None:
    timing = ManualTiming(datetime(2026, 1, 1, tzinfo=UTC))
    seen: list[tuple[str, datetime]] = []
    for name, delay in (("late", 5), ("early", 1), ("also early", 1)):
        timing.call_later(delay, lambda name=name: seen.append((name, timing.now())))
    timing.advance(60)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert seen == [
        ("early", start + timedelta(seconds=1)),
        ("also early", start + timedelta(seconds=1)),
        ("late", start + timedelta(seconds=5)),
    ]


def test_a_timer_taken_back_does_not_fire() -> None:
    timing = ManualTiming()
    fired: list[int] = []
    timing.call_later(1, fired.append, 1).cancel()
    timing.advance(2)
    assert fired == []


async def test_a_sleeper_wakes_while_the_clock_runs() -> None:
    timing = ManualTiming()
    woken: list[float] = []

    async def sleeper() -> None:
        await timing.sleep(3)
        woken.append(timing.monotonic())
        await timing.sleep(4)
        woken.append(timing.monotonic())

    task = asyncio.create_task(sleeper())
    await timing.run(10)
    await task
    assert woken == [3, 7]


def test_service_time_goes_by_faster_than_real_time() -> None:
    timing = ManualTiming(speed=60)
    then = timing.monotonic()
    timing.advance(2)
    assert timing.service_seconds_since(then) == 120


async def test_the_real_clock_keeps_durations_short_at_high_speed() -> None:
    timing = Timing(speed=1000)
    before = timing.monotonic()
    await timing.sleep(20)
    assert 0.015 <= timing.monotonic() - before < 10
    assert timing.now().tzinfo is UTC


@pytest.mark.parametrize("speed", [0, -1])
def test_a_speed_must_be_positive(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Timing(speed)
