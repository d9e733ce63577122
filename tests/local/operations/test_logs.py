from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mvm_tui.local.faults import parse_fault
from tests.local.operations.conftest import Clients, RunningCloud, wait_for

GROUP = "/aws/lambda-microvms/web"
HOUR = 3_600_000


@pytest.fixture
def logs(clients: Clients) -> Any:
    return clients("logs")


def now_ms() -> int:
    return round(time.time() * 1000)


def put(logs: Any, stream: str, *messages: str, group: str = GROUP, at: int | None = None) -> dict[str, Any]:
    start = now_ms() - 60_000 if at is None else at
    events = [{"timestamp": start + n, "message": message} for n, message in enumerate(messages)]
    answer: dict[str, Any] = logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return answer


def make(logs: Any, *streams: str, group: str = GROUP) -> None:
    logs.create_log_group(logGroupName=group)
    for stream in streams:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)


def found(logs: Any, **params: Any) -> list[str]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, **params)
    return [event["message"] for page in pages for event in page["events"]]


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]


def test_what_is_put_is_found_in_order_with_all_its_members(logs: Any) -> None:
    make(logs, "a", "b")
    start = now_ms() - 1000
    put(logs, "a", "one", "three", at=start)
    put(logs, "b", "two", at=start)
    wait_for(lambda: found(logs), lambda messages: len(messages) == 3)
    page = logs.filter_log_events(logGroupName=GROUP)
    assert [event["message"] for event in page["events"]] == ["one", "two", "three"]
    assert page["searchedLogStreams"] == []
    assert "nextToken" not in page
    event = page["events"][1]
    assert (event["logStreamName"], event["timestamp"]) == ("b", start)
    assert event["ingestionTime"] >= start
    assert len({event["eventId"] for event in page["events"]}) == 3


def test_patterns_streams_prefixes_and_times_narrow_a_search(logs: Any) -> None:
    make(logs, "a/1", "a/2", "b")
    start = now_ms() - 10_000
    for n, stream in enumerate(("a/1", "a/2", "b")):
        put(logs, stream, f"ERROR in {stream}", json.dumps({"level": "warn", "n": n}), at=start + n * 1000)
    wait_for(lambda: found(logs), lambda messages: len(messages) == 6)
    assert found(logs, filterPattern="ERROR", logStreamNamePrefix="a/") == ["ERROR in a/1", "ERROR in a/2"]
    assert found(logs, filterPattern="{ $.n >= 1 }", logStreamNames=["b", "a/1"]) == [
        '{"level": "warn", "n": 2}'
    ]
    assert found(logs, startTime=start + 1000, endTime=start + 1000) == ["ERROR in a/2"]
    assert found(logs, filterPattern="ERROR", startFromHead=False, startTime=start)[0] == "ERROR in b"


def test_a_search_goes_through_pages_some_of_them_empty(running: RunningCloud, logs: Any) -> None:
    store = running.cloud.region("us-east-1").logs
    for stream in range(3):
        store.preload(GROUP, f"s{stream}", [(n, f"line {n}") for n in range(9_000)])
    pages = list(
        logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, filterPattern='"line 8999"')
    )
    assert [len(page["events"]) for page in pages] == [0, 0, 3]
    assert sum(len(page["events"]) for page in _pages(logs, limit=500)) == 27_000
    assert len(logs.filter_log_events(logGroupName=GROUP)["events"]) == 10_000


def _pages(logs: Any, **params: Any) -> Any:
    return logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, **params)


def test_a_search_goes_backwards_through_what_came_since_2024_only(running: RunningCloud, logs: Any) -> None:
    running.cloud.region("us-east-1").logs.preload(GROUP, "s", [(1_704_067_200_000, "a")])
    for params in ({}, {"startTime": 1_704_067_199_999}):
        code, _ = refusal(logs.filter_log_events, logGroupName=GROUP, startFromHead=False, **params)
        assert code == "InvalidParameterException"
    assert found(logs, startFromHead=False, startTime=1_704_067_200_000) == ["a"]


def test_a_cursor_belongs_to_its_search(running: RunningCloud, logs: Any) -> None:
    running.cloud.region("us-east-1").logs.preload(GROUP, "s", [(1, "a"), (2, "a")])
    token = logs.filter_log_events(logGroupName=GROUP, limit=1)["nextToken"]
    wrong = {"filterPattern": "a", "nextToken": token}
    for params in (wrong, {"nextToken": "x"}, {"nextToken": "Zm9v"}):
        assert refusal(logs.filter_log_events, logGroupName=GROUP, **params) == (
            "InvalidParameterException",
            "The specified nextToken is invalid.",
        )


def test_a_stream_is_read_forwards_to_the_repeated_token(running: RunningCloud, logs: Any) -> None:
    store = running.cloud.region("us-east-1").logs
    store.preload(GROUP, "s", [(n, f"line {n}") for n in range(25)])
    pages = list(_stream_pages(logs, limit=10))
    assert [len(page["events"]) for page in pages] == [10, 10, 5, 0]
    store.preload(GROUP, "s", [(30, "later")])
    last = logs.get_log_events(logGroupName=GROUP, logStreamName="s", nextToken=pages[-1]["nextForwardToken"])
    assert [event["message"] for event in last["events"]] == ["later"]
    newest = logs.get_log_events(logGroupName=GROUP, logStreamName="s", limit=2)
    assert [event["message"] for event in newest["events"]] == ["line 24", "later"]


def _stream_pages(logs: Any, **params: Any) -> Any:
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(
            logGroupName=GROUP, logStreamName="s", startFromHead=True, **params, **token
        )
        yield page
        if page["nextForwardToken"] == token.get("nextToken"):
            return
        token = {"nextToken": page["nextForwardToken"]}


def test_empty_pages_in_between_go_on_where_they_were_asked_for(running: RunningCloud, logs: Any) -> None:
    running.cloud.region("us-east-1").logs.preload(GROUP, "s", [(n, f"line {n}") for n in range(25)])
    running.cloud.faults.replace([parse_fault("empty-page/2")])
    expected = [f"line {n}" for n in range(25)]
    pages = list(_pages(logs, limit=10))
    assert any(not page["events"] for page in pages)
    assert [event["message"] for page in pages for event in page["events"]] == expected
    pages = list(_stream_pages(logs, limit=10))
    assert sum(not page["events"] for page in pages) > 1
    assert [event["message"] for page in pages for event in page["events"]] == expected
    running.cloud.faults.replace([parse_fault("empty-page@GetLogEvents")])
    first = logs.get_log_events(logGroupName=GROUP, logStreamName="s", limit=5)
    empty = _before(logs, first)
    assert empty["events"] == []
    assert empty["nextBackwardToken"] != first["nextBackwardToken"]
    running.cloud.faults.replace([])
    assert [event["message"] for event in _before(logs, empty)["events"]] == expected[15:20]


def _before(logs: Any, page: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = logs.get_log_events(
        logGroupName=GROUP, logStreamName="s", limit=5, nextToken=page["nextBackwardToken"]
    )
    return answer


def test_groups_and_streams_are_listed_by_prefix_in_pages(logs: Any) -> None:
    for n in range(60):
        logs.create_log_group(logGroupName=f"/g/{n:02}")
    make(logs, *(f"s{n:02}" for n in range(55)))
    names = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/g/")
        for group in page["logGroups"]
    ]
    assert names == [f"/g/{n:02}" for n in range(60)]
    (group,) = logs.describe_log_groups(logGroupNamePattern="microvms")["logGroups"]
    assert group["arn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}:*"
    first = logs.describe_log_streams(logGroupName=GROUP)
    assert len(first["logStreams"]) == 50
    rest = logs.describe_log_streams(logGroupIdentifier=group["logGroupArn"], nextToken=first["nextToken"])
    assert [stream["logStreamName"] for stream in rest["logStreams"]] == [f"s{n}" for n in range(50, 55)]


def test_streams_are_ordered_by_their_last_event(logs: Any) -> None:
    make(logs, "old", "new", "empty")
    put(logs, "old", "x", at=now_ms() - 9_000)
    put(logs, "new", "x", at=now_ms() - 1_000)
    wait_for(lambda: found(logs), lambda messages: len(messages) == 2)
    answer = logs.describe_log_streams(logGroupName=GROUP, orderBy="LastEventTime", descending=True)
    streams = answer["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["new", "old", "empty"]
    assert streams[0]["lastEventTimestamp"] == streams[0]["firstEventTimestamp"]
    assert "lastEventTimestamp" not in streams[2]
    assert refusal(
        logs.describe_log_streams, logGroupName=GROUP, orderBy="LastEventTime", logStreamNamePrefix="o"
    ) == ("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")


def test_events_out_of_the_accepted_times_are_rejected_by_index(logs: Any) -> None:
    make(logs, "s")
    now = now_ms()
    times = [now - 15 * 24 * HOUR, now - 1000, now, now + 3 * HOUR]
    answer = logs.put_log_events(
        logGroupName=GROUP,
        logStreamName="s",
        logEvents=[{"timestamp": when, "message": str(n)} for n, when in enumerate(times)],
    )
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 3}
    wait_for(lambda: found(logs))
    assert found(logs) == ["1", "2"]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (
            [(0, "a"), (-1, "b")],
            "Log events in a single PutLogEvents request must be in chronological order.",
        ),
        (
            [(-25 * HOUR, "a"), (0, "b")],
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ),
        ([(0, "x" * 1_048_551)], "Log event too large: 1048577 bytes exceeds limit of 1048576"),
        ([(0, "x" * 600_000)] * 2, "Upload too large: 1200052 bytes exceeds limit of 1048576"),
    ],
)
def test_a_wrong_batch_is_refused_whole(logs: Any, events: list[tuple[int, str]], message: str) -> None:
    make(logs, "s")
    now = now_ms()
    batch = [{"timestamp": now + offset, "message": text} for offset, text in events]
    answer = refusal(logs.put_log_events, logGroupName=GROUP, logStreamName="s", logEvents=batch)
    assert answer == ("InvalidParameterException", message)


def test_what_exists_and_what_does_not_is_said_as_the_service_says_it(logs: Any) -> None:
    no_group = ("ResourceNotFoundException", "The specified log group does not exist.")
    no_stream = ("ResourceNotFoundException", "The specified log stream does not exist.")
    assert refusal(logs.filter_log_events, logGroupName=GROUP) == no_group
    assert refusal(logs.describe_log_streams, logGroupName=GROUP) == no_group
    assert refusal(logs.delete_log_group, logGroupName=GROUP) == no_group
    make(logs, "s")
    assert refusal(logs.get_log_events, logGroupName=GROUP, logStreamName="t") == no_stream
    assert refusal(logs.filter_log_events, logGroupName=GROUP, logStreamNames=["s", "t"]) == no_stream
    assert refusal(logs.create_log_group, logGroupName=GROUP) == (
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
    )
    assert refusal(logs.create_log_stream, logGroupName=GROUP, logStreamName="s") == (
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    )
    assert refusal(logs.filter_log_events, logGroupName=GROUP, filterPattern="user@example.com") == (
        "InvalidParameterException",
        "Invalid filter pattern: Invalid character(s) in term 'user@example.com'",
    )
    code, _ = refusal(
        logs.filter_log_events, logGroupName=GROUP, logStreamNames=["s"], logStreamNamePrefix="s"
    )
    assert code == "InvalidParameterException"
    logs.delete_log_stream(logGroupName=GROUP, logStreamName="s")
    logs.delete_log_group(logGroupName=GROUP)
    assert logs.describe_log_groups()["logGroups"] == []


def test_regions_have_logs_of_their_own(clients: Clients) -> None:
    make(clients("logs", "eu-west-1"))
    assert clients("logs", "us-east-1").describe_log_groups()["logGroups"] == []
    assert len(clients("logs", "eu-west-1").describe_log_groups()["logGroups"]) == 1
