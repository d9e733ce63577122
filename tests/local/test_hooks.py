"""Lifecycle hooks against a real listener."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from mvm_tui.local.hooks import call_hook

RUN_BODY = {"microvmId": "microvm-1", "runHookPayload": '{"tenant": 7}', "bootId": "boot-4"}


class HookedApp:
    """An app that notes what it is asked and answers as told."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[tuple[str, str, str, Any]] = []
        self.address = ("127.0.0.1", 0)
        self.hangs = asyncio.Event()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        host = request.headers["Host"]
        self.seen.append((request.method, request.raw_path, host, await request.json()))
        if self.status == 0:
            await self.hangs.wait()
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def app() -> AsyncIterator[HookedApp]:
    made = HookedApp()
    runner = web.ServerRunner(web.Server(made.answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.address = runner.addresses[0]
    yield made
    made.hangs.set()
    await runner.cleanup()


async def test_run_is_told_the_microvm_its_payload_and_its_snapshot(app: HookedApp) -> None:
    result = await call_hook(app.address, "run", RUN_BODY, 1)
    assert result.ok
    path, host = "/aws/lambda-microvms/runtime/v1/run", f"localhost:{app.address[1]}"
    assert app.seen == [("POST", path, host, RUN_BODY)]


@pytest.mark.parametrize("status", [302, 400, 500, 503])
async def test_any_other_status_is_a_failure_that_says_which(app: HookedApp, status: int) -> None:
    app.status = status
    result = await call_hook(app.address, "suspend", {"microvmId": "microvm-1"}, 1)
    assert (result.status, result.timed_out) == (status, False)
    assert len(app.seen) == 1


async def test_an_app_that_does_not_answer_times_out(app: HookedApp) -> None:
    app.status = 0
    result = await call_hook(app.address, "terminate", {}, 0.05)
    assert (result.status, result.timed_out) == (None, True)
    assert result.error == "no answer within 0.05 s"


async def test_a_port_without_a_listener_is_told_apart(app: HookedApp, unused_tcp_port: int) -> None:
    result = await call_hook(("127.0.0.1", unused_tcp_port), "resume", {}, 1)
    assert result.status is None
    assert not result.timed_out
    assert result.error
    assert (await call_hook(None, "resume", {}, 1)).error == "nothing listens on the hook port"
