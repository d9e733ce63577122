"""The course of one call inside the process: what handlers are given, and what becomes of their failures."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.local.api import Api, ApiAnswer, ApiRequest
from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.faults import Faults
from mvm_tui.local.rates import Rates
from mvm_tui.local.sigv4 import Verifier
from mvm_tui.local.state.cloud import Cloud, CloudOptions
from mvm_tui.local.wire.operations import Call, Reply, operation
from tests.local.signing import KEY, Ask, as_received, text

RUNTIMES = "/2026-10-01/runtimes"
calls: list[Call] = []


# Modelled operations that the local cloud does not write, lent to these tests.
@operation("lambda-core", "GetRuntime")
async def get_runtime(call: Call) -> dict[str, Any] | Reply:
    calls.append(call)
    if call.params["RuntimeName"] == "broken":
        raise RuntimeError("with a marker-of-a-secret inside")
    return Reply({"Name": call.params["RuntimeName"]}, 299, {"X-More": "1"})


@pytest.fixture
def api(tmp_path: Path) -> Api:
    timing = ManualTiming()
    cloud = Cloud(CloudOptions(root=tmp_path, seed="empty"), timing)
    return Api(cloud, Verifier(KEY, lambda: datetime.now(UTC)), Rates(timing.monotonic), Faults())


async def ask(api: Api, ask_for: Ask) -> ApiAnswer:
    request = ask_for.signed()

    async def read_body(limit: int) -> bytes | None:
        body = text(request.body or b"").encode()
        return body if len(body) <= limit else None

    return await api.answer(ApiRequest(as_received(request), read_body))


async def test_a_handler_is_given_region_members_and_request_id(api: Api) -> None:
    answer = await ask(api, Ask(path=f"{RUNTIMES}/one", region="eu-west-1"))
    call = calls[-1]
    assert (call.service, call.operation, call.region.name) == ("lambda-core", "GetRuntime", "eu-west-1")
    assert call.params == {"RuntimeName": "one"}
    assert answer.wire.headers["x-amzn-RequestId"] == call.request_id
    assert (answer.wire.status, answer.wire.headers["X-More"], answer.wire.body) == (
        299,
        "1",
        b'{"Name":"one"}',
    )


async def test_a_handler_that_breaks_is_the_services_failure_and_logged(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await ask(api, Ask(path=f"{RUNTIMES}/broken"))
    assert (answer.wire.status, answer.wire.headers["X-Amzn-Errortype"]) == (500, "ServiceException")
    assert b"marker-of-a-secret" not in answer.wire.body
    assert "GetRuntime failed" in caplog.text


async def test_calls_beyond_the_rate_are_refused_until_time_has_passed(api: Api) -> None:
    statuses = [(await ask(api, Ask(path=f"{RUNTIMES}/one"))).wire.status for _ in range(16)]
    assert statuses == [299] * 15 + [429]


async def test_what_is_refused_for_its_signature_costs_no_rate(api: Api) -> None:
    for _ in range(40):
        refused = await api.answer(ApiRequest(as_received(Ask(region="us-west-2").signed()), _changed_body))
        assert refused.wire.status == 403
    assert (await ask(api, Ask(path=f"{RUNTIMES}/one"))).wire.status == 299


async def _changed_body(_limit: int) -> bytes | None:
    return b"not what was signed"


async def test_errors_are_written_in_the_protocol_of_whoever_was_asked(api: Api) -> None:
    logs = await ask(api, Ask("POST", "/", b"{}", "logs", headers={"X-Amz-Target": "Logs_20140328.Nothing"}))
    assert json.loads(logs.wire.body)["__type"] == "UnknownOperationException"
    sts = await ask(api, Ask("POST", "/", b"Action=Nothing", "sts"))
    assert b"<Code>InvalidAction</Code>" in sts.wire.body
    s3 = await ask(api, Ask("PATCH", "/bucket", b"", "s3"))
    assert b"<Code>MethodNotAllowed</Code>" in s3.wire.body
