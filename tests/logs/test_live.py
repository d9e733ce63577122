"""Live Tail with polling behind it: each line once, whichever brings it, and whatever ends the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mvm_tui.aws.logs import LogReader
from mvm_tui.local.launch import Facts
from mvm_tui.logs.places import Place
from mvm_tui.logs.status import Phase
from tests.cloud import set_faults, set_logs
from tests.logs.feeding import Feed, Following, Told, now_ms

STREAM = "2026/11/25[1.0]microvm-11111111-1111-1111-1111-111111111111"


@pytest.fixture
def limits(facts: Facts) -> Iterator[Facts]:
    yield facts
    set_logs(facts, live_tail_sessions=15, live_tail_seconds=10_800)


def following(told: Told) -> None:
    told.wait(lambda: told.status.phase is Phase.FOLLOWING)


@pytest.mark.parametrize("single", [True, False])
def test_each_line_comes_once_before_during_and_after(reader: LogReader, feed: Feed, single: bool) -> None:
    feed.stream(STREAM)
    place = Place(feed.group, (STREAM,)) if single else Place(feed.group)
    with Following(reader, [place], since=now_ms() - 5_000) as live:
        told, follower = live.told, live.follower
        following(told)
        feed.put(STREAM, "polled", "polled")
        told.wait(lambda: len(told.events) == 2)
        follower.set_live(True)
        told.wait(lambda: told.status.live)
        for n in range(3):
            feed.put(STREAM, f"live {n}", f"live {n}")
            told.wait(lambda n=n: len(told.events) == 2 * n + 4)  # type: ignore[misc]
        assert not told.events[-1].id
        follower.refresh()
        following(told)
        assert follower.live_seconds() > 0
        follower.set_live(False)
        assert not told.status.live
        feed.put(STREAM, "polled again")
        told.wait(lambda: told.messages[-1] == "polled again")
    assert told.messages == ["polled"] * 2 + [f"live {n // 2}" for n in range(6)] + ["polled again"]


def test_what_a_sample_leaves_out_is_polled_and_sampling_is_announced(reader: LogReader, feed: Feed) -> None:
    feed.stream("s")
    with Following(reader, [Place(feed.group)], since=now_ms() - 5_000) as live:
        told = live.told
        following(told)
        live.follower.set_live(True)
        told.wait(lambda: told.status.live)
        feed.put("s", *(f"line {n}" for n in range(2_000)))
        told.wait(lambda: told.status.sampled)
        told.wait_for_events(2_000)
    assert len(told.messages) == len(set(told.messages)) == 2_000


def test_when_all_sessions_are_in_use_polling_goes_on(limits: Facts, reader: LogReader, feed: Feed) -> None:
    set_logs(limits, live_tail_sessions=0)
    with Following(reader, [Place(feed.group)], since=now_ms() - 5_000) as live:
        told = live.told
        following(told)
        live.follower.set_live(True)
        told.wait(lambda: "sessions are in use" in told.status.note)
        assert not told.status.live
        feed.put("s", "polled")
        told.wait(lambda: told.messages == ["polled"])
    assert live.follower.live_seconds() == 0


def test_when_a_session_reaches_its_end_polling_goes_on(limits: Facts, reader: LogReader, feed: Feed) -> None:
    set_logs(limits, live_tail_seconds=1)
    with Following(reader, [Place(feed.group)], since=now_ms() - 5_000) as live:
        told = live.told
        following(told)
        live.follower.set_live(True)
        told.wait(lambda: "three hours" in told.status.note)
        assert not told.status.live
        feed.put("s", "polled")
        told.wait(lambda: told.messages == ["polled"])


def test_what_breaks_a_session_is_told_and_more_than_ten_groups_are_refused(
    facts: Facts, reader: LogReader, feed: Feed
) -> None:
    set_faults(facts, "error=500@StartLiveTail*1")
    with Following(reader, [Place(feed.group)], since=now_ms() - 5_000) as live:
        following(live.told)
        live.follower.set_live(True)
        live.told.wait(lambda: live.told.status.note.startswith("Live Tail has ended:"))
    groups = [Feed(facts, f"{feed.group}-{n}").group for n in range(11)]
    with Following(reader, [Place(group) for group in groups], since=now_ms() - 5_000) as live:
        live.told.wait(lambda: bool(live.told.statuses))
        live.follower.set_live(True)
        live.told.wait(lambda: "10 log groups, and these are 11" in live.told.status.note)
