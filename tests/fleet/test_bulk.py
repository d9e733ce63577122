"""Actions against a service that misbehaves in ways of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.perform import Result
from mvm_tui.fleet.service import Fleet
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Conflict, Denied, Throttled, Unreachable
from tests.aws.scripted import Answer, Asked, Scripted, error, scripted
from tests.fleet.rows import ARN, vm

DONE = Answer({})


def read(state: str) -> Answer:
    return Answer({"microvmId": vm(1).id, "state": state, "imageArn": ARN, "imageVersion": "1.0"})


class Service:
    """Answers to what is asked for and to readings, one after the other; the last one stays."""

    def __init__(self, asked: list[Answer], readings: list[Answer]) -> None:
        self._asked = asked
        self._readings = readings

    def __call__(self, asked: Asked) -> Answer:
        answers = self._readings if asked.method == "GET" else self._asked
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def perform(tmp_path: Path) -> Callable[[Scripted, str], Result]:
    def run(server: Scripted, verb: str) -> Result:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        fleet = Fleet(server.connect(), ledger, SystemClock())
        told: list[Result] = []
        assert fleet.perform(f"microvm.{verb}", [vm(1).id], told.append) == told
        ledger.close()
        (result,) = told
        return result

    return run


Perform = Callable[[Scripted, str], Result]


def calls(server: Scripted, *methods: str) -> int:
    return sum(asked.method in methods for asked in server.asked)


def test_a_success_that_shows_late_is_waited_for(perform: Perform) -> None:
    readings = [read("RUNNING"), read("RUNNING"), read("SUSPENDING"), read("SUSPENDED")]
    with scripted(Service([DONE], readings)) as server:
        result = perform(server, "suspend")
        assert result.ok
        assert calls(server, "POST") == 1
        assert calls(server, "GET") == 4


def test_throttling_is_waited_out_as_the_service_asks(perform: Perform) -> None:
    slow_down = error(429, "ThrottlingException", "slow down", Retry_After="2")
    with scripted(Service([slow_down, DONE], [read("TERMINATED")])) as server:
        before = time.monotonic()
        result = perform(server, "terminate")
        assert result.ok
        assert time.monotonic() - before >= 2
        assert calls(server, "DELETE") == 2


def test_throttling_without_end_is_reported(perform: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.fleet.bulk._LONGEST_PAUSE_SECONDS", 0.05)
    with scripted(Service([error(429, "ThrottlingException", "slow down")], [read("RUNNING")])) as server:
        result = perform(server, "suspend")
        assert isinstance(result.problem, Throttled)
        assert calls(server, "POST") == 8


def test_a_conflict_that_stays_is_asked_twice_and_reported(perform: Perform) -> None:
    with scripted(Service([error(409, "ConflictException", "busy")], [read("RUNNING")])) as server:
        result = perform(server, "suspend")
        assert isinstance(result.problem, Conflict)
        assert calls(server, "POST") == 2


def test_a_conflict_over_what_is_done_already_is_success(perform: Perform) -> None:
    with scripted(Service([error(409, "ConflictException", "busy")], [read("SUSPENDED")])) as server:
        assert perform(server, "suspend").ok
        assert calls(server, "POST") == 1


@pytest.mark.parametrize(("state", "done"), [("SUSPENDED", True), ("RUNNING", False)])
def test_what_the_service_fails_at_may_have_been_done(
    perform: Perform, monkeypatch: pytest.MonkeyPatch, state: str, done: bool
) -> None:
    monkeypatch.setattr("mvm_tui.fleet.bulk._LONGEST_PAUSE_SECONDS", 0.05)
    with scripted(Service([error(502, "", "Bad Gateway")], [read(state)])) as server:
        result = perform(server, "suspend")
        assert result.ok is done
        assert (result.problem is None) is done
        assert calls(server, "POST") == 8


def test_what_may_not_be_read_is_not_called_done(perform: Perform) -> None:
    with scripted(Service([DONE], [error(403, "AccessDeniedException", "no reading")])) as server:
        result = perform(server, "suspend")
        assert not result.ok
        assert "could not be verified" in result.message
        assert isinstance(result.problem, Denied)
        assert result.request_id == "request-1"


def test_readings_that_fail_now_and_then_do_no_harm(perform: Perform) -> None:
    broken = error(503, "ServiceUnavailable")
    readings = [broken, broken, broken, read("RUNNING"), broken, read("SUSPENDED")]
    with scripted(Service([DONE], readings)) as server:
        assert perform(server, "suspend").ok


def test_gone_while_it_was_watched(perform: Perform) -> None:
    gone = error(404, "ResourceNotFoundException", "not found")
    with scripted(Service([DONE], [read("TERMINATING"), gone])) as server:
        assert perform(server, "terminate").ok
    with scripted(Service([DONE], [read("SUSPENDED"), gone])) as server:
        assert not perform(server, "resume").ok


def test_a_wait_that_runs_out(perform: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.fleet.bulk.SETTLE_SECONDS", 1.0)
    with scripted(Service([DONE], [read("SUSPENDED")])) as server:
        result = perform(server, "resume")
        assert not result.ok
        assert result.message.startswith("still SUSPENDED after")


def test_nobody_answers(perform: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.fleet.bulk._LONGEST_PAUSE_SECONDS", 0.05)
    with scripted(lambda _: DONE) as server:
        port_of_nobody = server
    result = perform(port_of_nobody, "terminate")
    assert isinstance(result.problem, Unreachable)
