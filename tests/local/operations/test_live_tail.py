"""Live Tail as boto3 reads it: a real event stream over loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError

from mvm_tui.local import live_tail
from mvm_tui.local.faults import parse_fault
from tests.local.operations.conftest import Clients, RunningCloud, wait_for

GROUP = "/aws/lambda-microvms/web"
OTHER = "/aws/lambda-microvms/worker"
ACCOUNT = "000000000000"


def arn(group: str = GROUP) -> str:
    return f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"


@pytest.fixture(autouse=True)
def update_seconds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Updates come ten times as often but where a test is about their pace."""
    if "pace" not in request.function.__name__:
        monkeypatch.setattr(live_tail, "UPDATE_SECONDS", 0.1)


@pytest.fixture
def logs(clients: Clients) -> Any:
    client = clients("logs")
    for group in (GROUP, OTHER):
        client.create_log_group(logGroupName=group)
        for stream in ("a/1", "a/2", "b"):
            client.create_log_stream(logGroupName=group, logStreamName=stream)
    return client


@contextmanager
def session(logs: Any, *groups: str, **params: Any) -> Iterator[Iterator[dict[str, Any]]]:
    """The events of a session, its start already read and checked."""
    identifiers = [arn(group) for group in groups or (GROUP,)]
    stream = logs.start_live_tail(logGroupIdentifiers=identifiers, **params)["responseStream"]
    events = iter(stream)
    try:
        start = next(events)["sessionStart"]
        assert start["logGroupIdentifiers"] == identifiers
        assert start["sessionId"] != start["requestId"]
        yield events
    finally:
        stream.close()


def put(logs: Any, stream: str, *messages: str, group: str = GROUP) -> int:
    at = round(time.time() * 1000)
    events = [{"timestamp": at, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return at


def results(events: Iterator[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The first `count` events of a session, however many updates they take."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        found += next(events)["sessionUpdate"]["sessionResults"]
    return found


def test_what_is_ingested_comes_with_the_next_update_and_nothing_from_before(logs: Any) -> None:
    put(logs, "b", "before")
    wait_for(lambda: logs.filter_log_events(logGroupName=GROUP)["events"])
    with session(logs) as events:
        at = put(logs, "a/1", "one", "two")
        put(logs, "b", "of another group", group=OTHER)
        (one, two) = results(events, 2)
    assert (one["message"], two["message"]) == ("one", "two")
    assert (one["logStreamName"], one["timestamp"]) == ("a/1", at)
    assert one["logGroupIdentifier"] == f"{ACCOUNT}:{GROUP}"
    assert one["ingestionTime"] >= at


def test_the_pace_of_a_quiet_session_is_an_empty_update_a_second(logs: Any) -> None:
    with session(logs) as events:
        next(events)
        begun = time.monotonic()
        updates = list(islice(events, 2))
        assert 1.0 < time.monotonic() - begun < 5.0
    assert [update["sessionUpdate"] for update in updates] == [
        {"sessionMetadata": {"sampled": False}, "sessionResults": []}
    ] * 2


def test_patterns_streams_and_prefixes_narrow_a_session(logs: Any) -> None:
    filters = (
        {"logEventFilterPattern": "ERROR"},
        {"logStreamNames": ["b"]},
        {"logStreamNamePrefixes": ["a/2", "x"]},
    )
    with (
        session(logs, **filters[0]) as by_pattern,
        session(logs, **filters[1]) as by_name,
        session(logs, **filters[2]) as by_prefix,
        session(logs, GROUP, OTHER) as of_both,
    ):
        for stream in ("a/1", "a/2", "b"):
            put(logs, stream, f"INFO {stream}", f"ERROR {stream}")
        put(logs, "a/1", "INFO other", group=OTHER)
        assert [event["message"] for event in results(by_pattern, 3)] == ["ERROR a/1", "ERROR a/2", "ERROR b"]
        assert [event["message"] for event in results(by_name, 2)] == ["INFO b", "ERROR b"]
        assert [event["message"] for event in results(by_prefix, 2)] == ["INFO a/2", "ERROR a/2"]
        assert len(results(of_both, 7)) == 7


def test_more_than_500_events_in_a_second_are_sampled_and_it_is_said(
    running: RunningCloud, logs: Any
) -> None:
    store = running.cloud.region("us-east-1").logs
    rows = [("b", n, f"line {n}") for n in range(2_000)]
    with session(logs) as events:
        running.loop.call_soon_threadsafe(store.ingest, GROUP, rows)
        update = next(event["sessionUpdate"] for event in events if event["sessionUpdate"]["sessionResults"])
        after = next(events)["sessionUpdate"]
    assert update["sessionMetadata"] == {"sampled": True}
    shown = [event["timestamp"] for event in update["sessionResults"]]
    assert len(set(shown)) == 500
    assert shown == sorted(shown)
    assert shown[0] < 400
    assert shown[-1] > 1_600
    assert after == {"sessionMetadata": {"sampled": False}, "sessionResults": []}


def test_a_session_ends_with_the_service_s_exception_after_its_time(running: RunningCloud, logs: Any) -> None:
    running.cloud.log_settings.change({"live_tail_seconds": 250.0})
    with session(logs) as events, pytest.raises(EventStreamError, match="SessionTimeoutException"):
        list(events)
    wait_for(lambda: not running.cloud.region("us-east-1").logs.watchers)


def test_sessions_beyond_the_quota_are_refused_until_one_is_closed(running: RunningCloud, logs: Any) -> None:
    running.cloud.log_settings.change({"live_tail_sessions": 2})
    with session(logs):
        with session(logs):
            with pytest.raises(ClientError) as caught:
                logs.start_live_tail(logGroupIdentifiers=[arn()])
            error = caught.value.response["Error"]
            assert (error["Code"], error["Message"]) == ("LimitExceededException", "Rate exceeded")
        wait_for(lambda: len(running.cloud.region("us-east-1").logs.watchers) == 1)
        with session(logs) as events:
            assert "sessionUpdate" in next(events)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"logGroupIdentifiers": [GROUP]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn() + ":*"]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn("/nothing")]}, "ResourceNotFoundException"),
        ({"logGroupIdentifiers": [arn().replace("us-east-1", "eu-west-1")]}, "ResourceNotFoundException"),
        (
            {"logGroupIdentifiers": [arn()], "logStreamNames": ["a"], "logStreamNamePrefixes": ["a"]},
            "InvalidParameterException",
        ),
        ({"logGroupIdentifiers": [arn(), arn(OTHER)], "logStreamNames": ["a"]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn()], "logEventFilterPattern": "{ $. }"}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [arn()] * 11}, "InvalidParameterException"),
    ],
)
def test_wrong_sessions_are_refused_before_they_start(logs: Any, params: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        logs.start_live_tail(**params)
    assert caught.value.response["Error"]["Code"] == code


def test_a_fault_ends_a_session_with_an_exception_or_in_the_middle(running: RunningCloud, logs: Any) -> None:
    running.cloud.faults.replace([parse_fault("stream-exception*1")])
    with session(logs) as events, pytest.raises(EventStreamError, match="SessionStreamingException"):
        list(events)
    running.cloud.faults.replace([parse_fault("half-body@StartLiveTail*1")])
    with session(logs) as events, pytest.raises(Exception, match=r"incomplete|IncompleteRead|broken|ended"):
        list(events)
    running.cloud.faults.replace([parse_fault("stall=1@StartLiveTail")])
    with session(logs) as events:
        next(events)
        begun = time.monotonic()
        next(events)
        assert time.monotonic() - begun > 1.0
