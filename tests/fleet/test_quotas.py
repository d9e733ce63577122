"""Quotas: applied against published, and what refusals teach where they may not be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.fleet.history import History, Learned
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.quotas import Values, quotas, read_values
from mvm_tui.fleet.service import Fleet
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import ManualClock, SystemClock
from mvm_tui.model.errors import Denied, MemoryUsedUp
from mvm_tui.model.launch import LaunchRequest
from mvm_tui.model.quota import LEARNED, PUBLISHED, QUOTA_KINDS, SERVICE_QUOTAS, MemoryQuota
from tests.aws.scripted import Answer, Asked, error, scripted
from tests.cloud import cloud_process
from tests.fleet.listener import connect, watching


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=20) as facts:
        yield facts


def test_applied_against_default_on_a_fresh_account(facts: Facts) -> None:
    values = read_values(connect(facts))
    found = {one.kind.id: one for one in quotas(values, {}, {"memory": 5120, "images": 3}, "us-east-1")}
    assert set(found) == {kind.id for kind in QUOTA_KINDS}
    memory = found["memory"]
    assert (memory.applied, memory.default, memory.used) == (8 * 1024, 1024 * 1024, 5120)
    assert memory.share == 0.625
    assert memory.source == SERVICE_QUOTAS
    run = found["rate:RunMicrovm"]
    assert (run.applied, run.default) == (1, 5)
    assert (found["images"].applied, found["images"].source, found["images"].used) == (100, PUBLISHED, 3)


def test_who_may_not_read_them_is_told_what_is_published_and_what_was_learned() -> None:
    clock = ManualClock()
    values = Values(problem=Denied("You may not servicequotas:ListServiceQuotas."))
    learned = {"memory": Learned(4096, clock.now()), "rate:RunMicrovm": Learned(1.0, clock.now())}
    found = {one.kind.id: one for one in quotas(values, learned, {}, "eu-west-1")}
    assert (found["memory"].applied, found["memory"].source) == (4096, LEARNED)
    assert found["memory"].default == 400 * 1024
    assert "2026-11-01 12:00" in found["memory"].note
    assert found["rate:SuspendMicrovm"].applied is None
    assert found["rate:SuspendMicrovm"].default == 2
    assert found["rate:SuspendMicrovm"].source == ""


def test_a_refused_launch_teaches_the_limit_and_the_next_run_knows_it(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"
    listed: dict[str, Any] = {
        "microvmId": "microvm-1",
        "state": "RUNNING",
        "imageArn": arn,
        "imageVersion": "1.0",
        "startedAt": 1,
    }

    def script(asked: Asked) -> Answer:
        target = asked.headers.get("X-Amz-Target", "")
        if "ServiceQuotas" in target:
            return Answer({"__type": "AccessDeniedException", "message": "no"}, 400)
        if "/versions/" in asked.path:
            version = {"imageArn": arn, "imageVersion": "1.0", "resources": [{"minimumMemoryInMiB": 2048}]}
            return Answer(version)
        if asked.method == "GET":
            return Answer({"items": [listed]})
        return error(402, "ServiceQuotaExceededException", "The base maximum allocated memory limit")

    with scripted(script) as server:
        with watching(server.connect(), tmp_path) as (fleet, listener):
            listener.wait(lambda: fleet.quota() == MemoryQuota(2048, None))
            with pytest.raises(MemoryUsedUp):
                fleet.launch(LaunchRequest(arn))
            assert fleet.quota() == MemoryQuota(2048, 2048, learned=True)
        with watching(server.connect(), tmp_path) as (fleet, listener):
            listener.wait(lambda: fleet.quota() == MemoryQuota(2048, 2048, learned=True))


def test_throttled_calls_teach_the_rate(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"

    def script(asked: Asked) -> Answer:
        if asked.method == "POST" and len([one for one in server.asked if one.method == "POST"]) <= 2:
            return error(429, "ThrottlingException", "Rate exceeded")
        answer = {"microvmId": "microvm-1", "state": "RUNNING", "imageArn": arn, "imageVersion": "1.0"}
        return Answer(answer)

    with scripted(script) as server:
        connection = server.connect()
        ledger = Ledger(tmp_path / "ledger.sqlite")
        Fleet(connection, ledger, SystemClock()).launch(LaunchRequest(arn))
        assert connection.budget.taught() == {"RunMicrovm": 1.25}
        assert connection.budget.rate("RunMicrovm", background=False) == 1.0
        learned = History(ledger).learned(connection.scope_of(arn))
        assert learned["rate:RunMicrovm"].value == 1.25
        ledger.close()
    assert json.loads(server.asked[0].body)["clientToken"]
