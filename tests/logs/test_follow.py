"""Following against the local cloud: nothing is lost, nothing comes twice, nothing ends it."""

from __future__ import annotations

import itertools
import json

import pytest

from mvm_tui.aws.logs import FILTER, LogReader
from mvm_tui.local.launch import Facts
from mvm_tui.logs.chain import Chain
from mvm_tui.logs.find import Absence, Missing
from mvm_tui.logs.history import window
from mvm_tui.logs.places import Place
from mvm_tui.logs.status import Phase
from mvm_tui.logs.tails import GroupTail, StreamTail
from mvm_tui.model.errors import Invalid, Throttled
from mvm_tui.model.log_event import vm_of_stream
from tests.aws.scripted import Answer, Asked, scripted
from tests.cli.runs import counted
from tests.cloud import client, load_ids, load_status, set_faults, start_load
from tests.logs.feeding import CLOCK, Feed, Following, now_ms

STREAM = "2026/11/25[1.0]microvm-11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize("ids", [False, True])
def test_lines_come_as_they_are_written_each_once(reader: LogReader, feed: Feed, ids: bool) -> None:
    feed.put(STREAM, "before", at=now_ms() - 5_000)
    place = Place(feed.group, (STREAM,))
    with Following(reader, [place], since=now_ms() - 60_000, ids=ids) as following:
        told = following.told
        told.wait(lambda: told.messages == ["before"])
        for n in range(20):
            feed.put(STREAM, f"line {n}", f"again {n}")
        told.wait(lambda: len(told.events) == 41)
        told.wait(lambda: told.status.phase is Phase.FOLLOWING)
    expected = ["before", *(text for n in range(20) for text in (f"line {n}", f"again {n}"))]
    assert sorted(told.messages) == sorted(expected)
    assert all(bool(event.id) is ids for event in told.events)
    assert {event.vm for event in told.events} == {"microvm-11111111-1111-1111-1111-111111111111"}
    assert told.status.events == 41
    assert told.status.lag(reader.now_ms()) is not None


@pytest.mark.parametrize("ids", [False, True])
def test_events_of_the_same_millisecond_as_the_last_are_not_lost(
    reader: LogReader, feed: Feed, ids: bool
) -> None:
    """The loss of followers that go on from the last timestamp plus one."""
    moment = now_ms()
    feed.put(STREAM, "first", at=moment)
    with Following(reader, [Place(feed.group, (STREAM,))], since=moment - 1_000, ids=ids) as following:
        told = following.told
        for n in range(3):
            told.wait_for_events(n + 1)
            feed.put(STREAM, f"same millisecond {n}", at=moment)
        told.wait(lambda: len(told.events) == 4)
    assert len(set(told.messages)) == 4
    assert {event.timestamp for event in told.events} == {moment}


def test_a_late_event_of_a_stream_comes_too_although_its_token_is_past_it(
    reader: LogReader, feed: Feed
) -> None:
    feed.put(STREAM, "now")
    with Following(reader, [Place(feed.group, (STREAM,))], since=now_ms() - 60_000) as following:
        told = following.told
        told.wait(lambda: told.messages == ["now"])
        feed.put(STREAM, "late by 20 s", at=now_ms() - 20_000)
        feed.put(STREAM, "later than that", at=now_ms() - 40_000)
        following.follower.refresh()
        told.wait(lambda: len(told.events) == 3)
    assert [event.message for batch in told.batches for event in batch.late] == ["later than that"]
    assert told.status.late == 1


def test_many_streams_are_one_log(reader: LogReader, feed: Feed) -> None:
    wanted = {f"microvm-0000000{n}" for n in range(3)}
    with Following(reader, [Place(feed.group, vms=frozenset(wanted))], since=now_ms() - 1_000) as following:
        told = following.told
        for n in range(5):
            feed.put(f"2026/11/25[1.0]microvm-0000000{n}", f"of {n}")
        told.wait(lambda: len(told.events) == 3)
        told.wait(lambda: told.status.phase is Phase.FOLLOWING)
    assert {event.vm for event in told.events} == wanted


def test_several_groups_are_followed_side_by_side(facts: Facts, reader: LogReader, feed: Feed) -> None:
    other = Feed(facts, f"{feed.group}-other")
    places = [Place(feed.group), Place(other.group)]
    with Following(reader, places, since=now_ms() - 1_000) as following:
        feed.put("a", "here")
        other.put("b", "there")
        following.told.wait(lambda: sorted(following.told.messages) == ["here", "there"])


@pytest.mark.parametrize("single", [True, False])
def test_the_newest_lines_come_first_by_one_call_and_older_ones_when_asked(
    facts: Facts, reader: LogReader, feed: Feed, single: bool
) -> None:
    feed.put(STREAM, *(f"line {n}" for n in range(50)), at=now_ms() - 1_800_000)
    place = Place(feed.group, (STREAM,)) if single else Place(feed.group)
    following = Following(reader, [place], first=10)
    told = following.told
    calls: list[int] = []
    with counted(facts, "GetLogEvents", "FilterLogEvents", "DescribeLogStreams") as counts:
        told.at_first = lambda: calls.append(sum(counts().values()))
        with following:
            told.wait(lambda: told.messages == [f"line {n}" for n in range(40, 50)])
    assert calls == [1]
    with Following(reader, [place], first=10) as following:
        told = following.told
        told.wait(lambda: following.follower.history is not None)
        history = following.follower.history
        assert history is not None
        older = history.older()
        feed.put(STREAM, "new")
        told.wait(lambda: told.messages[-1] == "new")
    assert [event.message for event in older] == [f"line {n}" for n in range(30, 40)]
    assert len(told.messages) == 11


def test_several_places_give_their_newest_lines_and_one_history(
    facts: Facts, reader: LogReader, feed: Feed
) -> None:
    other = Feed(facts, f"{feed.group}-other")
    start = now_ms() - 1_800_000
    feed.put("s", *(f"a{n}" for n in range(20)), at=start)
    other.put("s", *(f"b{n}" for n in range(5)), at=start)
    with Following(reader, [Place(feed.group), Place(other.group)], first=8) as following:
        told = following.told
        told.wait(lambda: following.follower.history is not None)
        history = following.follower.history
        assert history is not None
        assert sorted(told.messages) == sorted([f"a{n}" for n in range(12, 20)] + [f"b{n}" for n in range(5)])
        older = [event.message for event in history.older()]
    assert older == [f"a{n}" for n in range(4, 12)]


def test_errors_are_waited_out_in_sight_and_nothing_is_lost(
    facts: Facts, reader: LogReader, feed: Feed
) -> None:
    with Following(reader, [Place(feed.group)], since=now_ms() - 1_000) as following:
        told = following.told
        feed.put("s", "before")
        told.wait(lambda: told.messages == ["before"])
        set_faults(facts, "throttle@FilterLogEvents*1", "error=503@FilterLogEvents*1")
        feed.put("s", "during")
        told.wait(lambda: told.status.phase is Phase.BACKING_OFF)
        assert isinstance(told.status.problem, Throttled)
        assert told.status.retry_at > 0
        following.follower.refresh()
        told.wait(lambda: told.messages == ["before", "during"])
        told.wait(lambda: told.status.problem is None)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_token_that_is_no_longer_known_begins_the_search_where_it_was(
    reader: LogReader, feed: Feed, newest_first: bool
) -> None:
    feed.put("s", *(f"line {n}" for n in range(10)))
    chain = Chain(reader, Place(feed.group), now_ms() - 60_000, limit=4, newest_first=newest_first)
    read = chain.read()
    assert len(read) == 4
    chain._token = "gone"
    assert chain.read() == []
    found = []
    while not chain.done:
        found += chain.read()
    assert found[0] == read[-1]
    every = [event.message for event in [*read, *found[1:]]]
    assert (every[::-1] if newest_first else every) == [f"line {n}" for n in range(10)]


def test_tokens_that_are_never_known_are_given_up() -> None:
    def answer(asked: Asked) -> Answer:
        if "nextToken" in json.loads(asked.body):
            return Answer({"__type": "InvalidParameterException", "message": "token"}, 400)
        line = {"timestamp": 1, "message": "x", "eventId": "e", "logStreamName": "s"}
        return Answer({"events": [line], "nextToken": "t"})

    with scripted(answer) as server, pytest.raises(Invalid):
        list(window(LogReader(server.connect(), CLOCK), [Place("/g")], None, None))


def test_a_stream_whose_token_has_ended_is_read_on_without_loss_and_without_doubles(
    reader: LogReader, feed: Feed
) -> None:
    start = now_ms()
    feed.put("s", "one", "two", at=start, step=0)
    with Following(reader, [Place(feed.group, ("s",))], since=start - 60_000) as following:
        told = following.told
        told.wait_for_events(2)
        followed = following.follower._followed[0]
        assert isinstance(followed.tail, StreamTail)
        followed.tail._token = "gone"
        # Of the millisecond of the last that was read, and after it.
        feed.put("s", "three", at=start)
        feed.put("s", "four", at=start + 1)
        told.wait_for_events(4)
        feed.put("s", "five", at=start + 2)
        told.wait(lambda: "five" in told.messages)
        assert sorted(told.messages) == sorted(["one", "two", "three", "four", "five"])
        assert told.status.problem is None


def test_empty_pages_are_no_end(facts: Facts, reader: LogReader, feed: Feed) -> None:
    feed.put("s", *(f"line {n}" for n in range(100)), at=now_ms() - 60_000)
    set_faults(facts, "empty-page@GetLogEvents/2", "empty-page@FilterLogEvents/2")
    for place in (Place(feed.group, ("s",)), Place(feed.group)):
        with Following(reader, [place], since=now_ms() - 120_000) as following:
            following.told.wait_for_events(100)
            feed.put("s", "new")
            following.told.wait_for_events(101)
        assert following.told.messages[:100] == [f"line {n}" for n in range(100)]


def test_what_is_missing_is_looked_for_until_it_is_there(reader: LogReader, feed: Feed) -> None:
    nothing = Missing(Absence.NOT_YET, "No logs yet.", "It is young.")
    answers: list[list[Place] | Missing] = [nothing, nothing, [Place(feed.group)]]

    with Following(
        reader, lambda: answers.pop(0), since=now_ms() - 1_000, wait=lambda seconds: None
    ) as following:
        told = following.told
        told.wait(lambda: told.status.phase is Phase.FOLLOWING)
    looking = [status for status in told.statuses if status.phase is Phase.LOOKING]
    assert [status.missing for status in looking] == [nothing, nothing]
    assert told.status.missing is None


def test_a_stream_that_is_deleted_hides_no_other(facts: Facts, reader: LogReader, feed: Feed) -> None:
    feed.put("a", "a1")
    feed.put("b", "b1")
    with Following(reader, [Place(feed.group, ("a", "b"))], since=now_ms() - 5_000) as following:
        told = following.told
        told.wait_for_events(2)
        client(facts, "logs").delete_log_stream(logGroupName=feed.group, logStreamName="a")
        feed.put("b", "b2")
        told.wait_for_events(3)
        told.wait(lambda: told.status.problem is None)
    assert sorted(told.messages) == ["a1", "b1", "b2"]


@pytest.mark.parametrize("ids", [False, True])
def test_a_stream_that_is_made_again_is_read_on(
    facts: Facts, reader: LogReader, feed: Feed, ids: bool
) -> None:
    feed.put("a", "before")
    with Following(reader, [Place(feed.group, ("a",))], since=now_ms() - 5_000, ids=ids) as following:
        told = following.told
        told.wait_for_events(1)
        client(facts, "logs").delete_log_stream(logGroupName=feed.group, logStreamName="a")
        told.wait(lambda: told.status.phase is Phase.BACKING_OFF)
        client(facts, "logs").create_log_stream(logGroupName=feed.group, logStreamName="a")
        feed.put("a", "after")
        told.wait_for_events(2)
    assert told.messages == ["before", "after"]


def test_what_came_late_while_nothing_could_be_read_is_found(reader: LogReader, feed: Feed) -> None:
    now = now_ms()
    feed.put("s", "before", at=now - 300_000)
    tail = StreamTail(reader, Place(feed.group, ("s",)), CLOCK, now - 600_000)
    tail.fetch()
    # As if that had been when the line was written, and every call had failed since.
    tail._swept_at = now - 300_000
    found = [event.message for event in tail.digest(tail._read_on()).batch.events]
    feed.put("s", "late", at=now - 301_000)
    feed.put("s", "after", at=now)
    found += [event.message for event in tail.digest(tail.fetch()).batch.events]
    assert found == ["before", "after"]
    tail.hurry()
    while tail.operation != FILTER:
        tail.digest(tail.fetch())
    batch = tail.digest(tail.fetch()).batch
    assert [event.message for event in (*batch.events, *batch.late)] == ["late"]


def test_what_is_past_is_settled_page_by_page(reader: LogReader, feed: Feed) -> None:
    start = now_ms() - 3_600_000
    for n in range(3):
        feed.put("s", *["x" * 9_000] * 100, at=start + 1_000 * n)
    tail = GroupTail(reader, Place(feed.group), CLOCK, start - 1_000)
    first = tail.digest(tail.fetch()).batch
    assert 100 <= len(first) < 300
    assert tail.settled == first.events[-1].timestamp


@pytest.mark.parametrize("ids", [False, True])
def test_streams_and_groups_that_come_later_are_taken_in(
    facts: Facts, reader: LogReader, feed: Feed, ids: bool
) -> None:
    other = Feed(facts, f"{feed.group}-other")
    feed.put("a", "a1")
    feed.put("b", "not ours")
    found = [Place(feed.group, ("a",))]
    start = now_ms() - 5_000
    with Following(reader, lambda: list(found), since=start, ids=ids, again=0.05) as following:
        told = following.told
        told.wait_for_events(1)
        feed.put("c", "c1")
        other.put("x", "x1")
        found[:] = [Place(feed.group, ("c",)), Place(other.group)]
        told.wait_for_events(3)
        feed.put("a", "a2")
        feed.put("c", "c2")
        told.wait_for_events(5)
    assert sorted(told.messages) == ["a1", "a2", "c1", "c2", "x1"]


def test_looking_for_more_that_fails_ends_nothing(reader: LogReader, feed: Feed) -> None:
    asked = itertools.count()

    def find() -> list[Place] | Missing:
        match next(asked):
            case 0:
                return [Place(feed.group)]
            case 1:
                raise Throttled("Too many calls at once.")
            case 2:
                raise ValueError("no problem of ours")
            case _:
                return Missing(Absence.NO_GROUP, "gone", "")

    with Following(reader, find, since=now_ms() - 5_000, again=0.02) as following:
        following.told.wait(lambda: next(asked) > 5)
        feed.put("s", "still read")
        following.told.wait_for_events(1)
    assert following.told.status.missing is None


def test_places_only_become_wider() -> None:
    one, two = Place("/g", ("a",)), Place("/g", ("b", "a"))
    assert one.widened(one) == one
    assert one.widened(two) == Place("/g", ("a", "b"))
    assert one.widened(Place("/g")) == Place("/g")
    assert Place("/g").widened(one) == Place("/g")
    assert Place("/g", version="1.0").widened(one) == Place("/g", version="1.0")
    some = Place("/g", vms=frozenset("x"))
    assert some.widened(Place("/g", vms=frozenset("y"))) == Place("/g", vms=frozenset("xy"))
    assert one.widened(some) == Place("/g")
    assert some.widened(one) == Place("/g")
    assert some.widened(Place("/g", version="1.0")) == Place("/g")
    named = Place("/g", (STREAM,))
    assert named.widened(some).vms == {"x", vm_of_stream(STREAM)}
    assert some.widened(named).vms == {"x", vm_of_stream(STREAM)}


def test_after_stop_nothing_is_told(reader: LogReader, feed: Feed) -> None:
    with Following(reader, [Place(feed.group)], since=now_ms() - 1_000) as following:
        told = following.told
        told.wait(lambda: told.status.phase is Phase.FOLLOWING)
        following.follower.stop()
        told_before = len(told.statuses)
        feed.put("s", "unheard")
        following.follower.join(5)
    assert not told.messages
    assert len(told.statuses) == told_before
    assert following.follower.status.phase is Phase.STOPPED


def test_a_load_with_throttles_faults_and_late_events_comes_whole(facts: Facts, reader: LogReader) -> None:
    """The completeness run of the bench, small: every event once, and in order where it is not late."""
    group = "/aws/lambda-microvms/small-load"
    since = now_ms() - 1_000
    set_faults(
        facts,
        "throttle@FilterLogEvents/11",
        "error=500@FilterLogEvents/17",
        "half-body@FilterLogEvents/23",
        "empty-page@FilterLogEvents/5",
    )
    load = start_load(
        facts,
        group=group,
        streams=40,
        events=10_000,
        rate=10_000,
        late=0.1,
        late_seconds=2.0,
        same_ms=0.3,
        delay=0.2,
        seed=4,
    )
    with Following(reader, [Place(group)], since=since, ids=True) as following:
        told = following.told
        told.wait_for_events(10_000)
        told.wait(lambda: load_status(facts, load["id"])["done"])
    expected = {event_id for event_id, _ in load_ids(facts, load["id"])}
    found = [event.id for event in told.events]
    assert len(found) == 10_000
    assert set(found) == expected
    assert told.status.late == 0
