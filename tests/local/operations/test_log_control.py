"""`/_local/logs` and `/_local/loads` of a cloud in a process of its own, and what boto3 then reads."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from mvm_tui.local.launch import Facts
from tests.cloud import client, cloud_process, load_ids, load_status, set_logs, start_load, tell
from tests.local.operations.conftest import wait_for

GROUP = "/aws/lambda-microvms/log-load"


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(rates=False, options=["--log-delay", "0"]) as running:
        yield running


def found(logs: Any, group: str = GROUP) -> list[dict[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event for page in pages for event in page["events"]]


def finished(facts: Facts, **spec: Any) -> str:
    identity: str = start_load(facts, **spec)["id"]
    wait_for(lambda: load_status(facts, identity)["done"])
    return identity


def refused(facts: Facts, method: str, path: str, document: object = None) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        tell(facts, method, path, document)
    with caught.value as answer:
        return answer.code, json.load(answer)["error"]


def test_every_event_of_a_load_is_read_once_by_its_id(facts: Facts) -> None:
    identity = finished(
        facts, streams=7, events=23_000, rate=100_000, late=0.2, late_seconds=0.3, same_ms=0.5, seed=3
    )
    events = found(client(facts, "logs"))
    ids = load_ids(facts, identity)
    assert len(ids) == 23_000
    assert {event["eventId"] for event in events} == {event_id for event_id, _ in ids}
    assert len(events) == 23_000
    streams = load_status(facts, identity)["streams"]
    where = {event["eventId"]: event["logStreamName"] for event in events}
    assert all(where[event_id] == streams[number] for event_id, number in ids)
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    assert len(set(times)) < 12_000


def test_a_load_that_begins_again_puts_the_same_and_dropping_it_lets_it_go(facts: Facts) -> None:
    spec = {"events": 500, "rate": 10_000, "seed": 5, "start": 1_700_000_000_000, "same_ms": 0.3}
    told = []
    for group in ("/one", "/two"):
        identity = finished(facts, group=group, **spec)
        events = found(client(facts, "logs"), group)
        told.append([(event["timestamp"], event["logStreamName"], event["message"]) for event in events])
        assert json.loads(tell(facts, "DELETE", f"loads/{identity}"))["put"] == 500
        assert refused(facts, "GET", f"loads/{identity}")[0] == 404
    assert told[0] == told[1]


def test_settings_are_shown_and_changed_together_or_not_at_all(facts: Facts) -> None:
    before = json.loads(tell(facts, "GET", "logs"))
    assert before["delay"] == 0
    assert set_logs(facts, delay=None, memory_mb=128) == {**before, "delay": None, "memory_mb": 128}
    assert refused(facts, "PUT", "logs", {"memory_mb": 64, "delay": -1})[0] == 400
    assert refused(facts, "PUT", "logs", {"colour": 1})[1].startswith("colour is no setting")
    assert json.loads(tell(facts, "GET", "logs"))["memory_mb"] == 128
    set_logs(facts, **before)


@pytest.mark.parametrize(
    ("method", "path", "document", "status"),
    [
        ("POST", "loads", {"events": -1}, 400),
        ("POST", "loads", {"region": "mars-1"}, 400),
        ("POST", "loads", [1], 400),
        ("GET", "loads/99", None, 404),
        ("GET", "loads/99/events", None, 404),
        ("PUT", "loads", {}, 405),
        ("DELETE", "logs", None, 405),
        ("GET", "logs/x", None, 404),
        ("GET", "nothing", None, 404),
    ],
)
def test_wrong_requests_are_told_so(
    facts: Facts, method: str, path: str, document: object, status: int
) -> None:
    assert refused(facts, method, path, document)[0] == status


def test_a_load_of_another_region_is_there_only(facts: Facts) -> None:
    finished(facts, group="/far", events=10, rate=10_000, region="eu-west-1")
    assert len(found(client(facts, "logs", region="eu-west-1"), "/far")) == 10
    groups = client(facts, "logs").describe_log_groups(logGroupNamePrefix="/far")["logGroups"]
    assert groups == []
