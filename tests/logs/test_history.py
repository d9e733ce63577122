"""Reading the past: backwards for scrolling up, forwards for a window."""

from __future__ import annotations

import json

import pytest

from mvm_tui.aws.logs import LogReader
from mvm_tui.local.launch import Facts
from mvm_tui.logs.history import Histories, History, window
from mvm_tui.logs.places import Place
from mvm_tui.logs.ring import Ring
from mvm_tui.model.errors import Denied, Problem
from tests.aws.scripted import Answer, Asked, scripted
from tests.cloud import set_faults
from tests.logs.feeding import CLOCK, Feed, now_ms


def all_of(history: History | Histories) -> list[str]:
    read: list[str] = []
    while not history.exhausted:
        read = [event.message for event in history.older()] + read
    return read


@pytest.mark.parametrize("single", [True, False])
def test_backwards_page_by_page_to_the_first_line(reader: LogReader, feed: Feed, single: bool) -> None:
    lines = [f"line {n}" for n in range(25)]
    feed.put("s", *lines, at=now_ms() - 3_600_000)
    place = Place(feed.group, ("s",)) if single else Place(feed.group)
    history = History(reader, place, page=10)
    assert history.oldest is None
    assert [event.message for event in history.older()] == lines[15:]
    assert all_of(history) == lines[:15]
    assert history.exhausted


def test_backwards_from_a_moment_and_by_a_pattern_of_the_services(reader: LogReader, feed: Feed) -> None:
    first = feed.put("s", *("GET /" if n % 2 else "ERROR" for n in range(20)), at=now_ms() - 60_000)
    assert len(all_of(History(reader, Place(feed.group, ("s",)), before=first + 10))) == 10
    assert all_of(History(reader, Place(feed.group), before=first + 10, pattern="ERROR")) == ["ERROR"] * 5
    assert all_of(History(reader, Place(feed.group, ("s",)), pattern="ERROR")) == ["ERROR"] * 10


@pytest.mark.parametrize("single", [True, False])
def test_a_token_that_has_ended_begins_where_reading_was(reader: LogReader, feed: Feed, single: bool) -> None:
    feed.put("s", *(f"line {n}" for n in range(20)))
    history = History(reader, Place(feed.group, ("s",) if single else ()), page=6)
    ring = Ring()
    ring.add_older(history.older())
    history._backward = "gone"
    if history._search is not None:
        history._search._token = "gone"
    while not history.exhausted:
        ring.add_older(history.older())
    assert [row.event.message for row in ring.rows(0, 99)] == [f"line {n}" for n in range(20)]


def test_an_empty_log_ends_at_once(reader: LogReader, feed: Feed) -> None:
    feed.stream("s")
    for place in (Place(feed.group, ("s",)), Place(feed.group)):
        history = History(reader, place)
        assert all_of(history) == []
        assert history.oldest is None


def test_several_places_are_read_the_least_far_back_first(
    facts: Facts, reader: LogReader, feed: Feed
) -> None:
    other = Feed(facts, f"{feed.group}-more")
    start = now_ms() - 100_000
    feed.put("s", *(f"a{n}" for n in range(20)), at=start, step=1_000)
    other.put("s", *(f"b{n}" for n in range(5)), at=start, step=1_000)
    both = Histories([History(reader, Place(one.group), page=5) for one in (feed, other)])
    assert both.oldest is None
    assert [event.message for event in both.older()] == [f"a{n}" for n in range(15, 20)]
    assert [event.message for event in both.older()] == [f"b{n}" for n in range(5)]
    # Of the second place nothing is left: down to where the first was read all is there.
    assert both.oldest == start + 15_000
    assert len(all_of(both)) == 15
    assert both.oldest == start
    assert both.older() == []


def test_an_endpoint_that_knows_only_one_direction_gives_the_newest_first_all_the_same() -> None:
    lines = [
        {"timestamp": n, "message": f"line {n}", "eventId": str(n), "logStreamName": "s"} for n in range(30)
    ]

    def answer(asked: Asked) -> Answer:
        at = int(json.loads(asked.body).get("nextToken", 0))
        more = {"nextToken": str(at + 10)} if at < 20 else {}
        return Answer({"events": lines[at : at + 10], **more})

    with scripted(answer) as server:
        history = History(LogReader(server.connect(), CLOCK), Place("/g"), page=12)
        pages = [[event.message for event in history.older()] for _ in range(5)]
        assert history.exhausted
    assert pages == [
        [],
        [],
        [f"line {n}" for n in range(18, 30)],
        [f"line {n}" for n in range(6, 18)],
        [f"line {n}" for n in range(6)],
    ]


def test_a_window_is_read_in_order_across_groups_and_through_trouble(
    facts: Facts, reader: LogReader, feed: Feed
) -> None:
    other = Feed(facts, f"{feed.group}-other")
    start = now_ms() - 50_000
    feed.put("s", *(f"{2 * n}" for n in range(10)), at=start, step=2)
    other.put("s", *(f"{2 * n + 1}" for n in range(10)), at=start + 1, step=2)
    set_faults(facts, "throttle@FilterLogEvents*1", "half-body@FilterLogEvents*1")
    slept: list[float] = []
    places = [Place(feed.group), Place(other.group)]
    found = list(window(reader, places, start + 3, start + 12, sleep=slept.append))
    assert [event.message for event in found] == [f"{n}" for n in range(3, 13)]
    assert max(slept) > 0.5
    assert all(event.id for event in found)


def test_an_endpoint_that_stops_after_a_page_without_a_token_is_asked_on() -> None:
    lines = [{"timestamp": 1_000 + n // 3, "message": f"{n}", "eventId": f"e{n}"} for n in range(25_000)]

    def answer(asked: Asked) -> Answer:
        start = json.loads(asked.body).get("startTime", 0)
        return Answer({"events": [line for line in lines if int(str(line["timestamp"])) >= start][:10_000]})

    with scripted(answer) as server:
        found = list(window(LogReader(server.connect(), CLOCK), [Place("/g")], None, None))
    assert [event.message for event in found] == [f"{n}" for n in range(25_000)]


def test_what_is_not_temporary_ends_a_window() -> None:
    denied = Answer({"__type": "AccessDeniedException", "message": "perform: logs:FilterLogEvents"}, 400)
    with scripted(lambda _: denied) as server, pytest.raises(Denied):
        list(window(LogReader(server.connect(), CLOCK), [Place("/g")], None, None))


def test_temporary_trouble_that_lasts_ends_a_window_too() -> None:
    with scripted(lambda _: Answer({"message": "no"}, 503)) as server, pytest.raises(Problem):
        list(window(LogReader(server.connect(), CLOCK), [Place("/g")], None, None, sleep=lambda _: None))
