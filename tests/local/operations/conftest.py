"""The real server on a loopback port, and boto3 clients for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from aiohttp import web
from botocore.config import Config

from mvm_tui.local.api import Api
from mvm_tui.local.control import Control
from mvm_tui.local.faults import Faults
from mvm_tui.local.log_control import log_resources
from mvm_tui.local.rates import Rates
from mvm_tui.local.server import LocalServer
from mvm_tui.local.sigv4 import RunKey, Verifier
from mvm_tui.local.state.cloud import Cloud, CloudOptions

# The ingestion delay of the log store becomes a few milliseconds.
SPEED = 1_000.0
DEADLINE = 10.0

Answer = TypeVar("Answer")
Clients = Callable[..., Any]


def wait_for(ask: Callable[[], Answer], accept: Callable[[Answer], object] = bool) -> Answer:
    """The first acceptable answer; AssertionError when none comes in time."""
    end = time.monotonic() + DEADLINE
    while True:
        answer = ask()
        if accept(answer):
            return answer
        assert time.monotonic() < end, f"still {answer!r}"
        time.sleep(0.01)


async def _no_microvm(_request: web.BaseRequest, _uuid: str, _region: str) -> web.StreamResponse:
    return web.Response(status=403)


class RunningCloud:
    """A local cloud on an event loop in a thread of its own."""

    def __init__(self, root: Path) -> None:
        self.key = RunKey("AKIALOCALTEST0000000", "test-secret")
        self.loop = asyncio.new_event_loop()
        self.cloud = self._run(self._build(root))
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    async def _build(self, root: Path) -> Cloud:
        faults = Faults()
        cloud = Cloud(CloudOptions(root=root, speed=SPEED, seed="empty"), faults=faults)
        api = Api(cloud, Verifier(self.key, cloud.timing.now), Rates(time.monotonic, on=False), faults)
        control = Control(self.key, faults, log_resources(cloud))
        self.server = LocalServer(api, control, _no_microvm)
        cloud.bind(await self.server.start())
        return cloud

    def _run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def client(self, service: str, region: str = "us-east-1", **config: Any) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=f"http://127.0.0.1:{self.server.port}",
            aws_access_key_id=self.key.access_key,
            aws_secret_access_key=self.key.secret_key,
            # Or botocore would ask stream-127.0.0.1 for Live Tail.
            config=Config(retries={"max_attempts": 1}, inject_host_prefix=False, **config),
        )

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self._run(self.server.stop())
        self._run(self.cloud.close())
        self.loop.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCloud]:
    running = RunningCloud(tmp_path / "run")
    yield running
    running.close()


@pytest.fixture
def clients(running: RunningCloud) -> Clients:
    return running.client
