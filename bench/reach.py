"""A forwarded port: what it adds to a request, and how much it carries, each part in a process of its own."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import aiohttp
from aiohttp import web

from bench.figures import Figure
from mvm_tui.model.clock import SystemClock
from mvm_tui.reach.client import open_client
from mvm_tui.reach.forward import Forward
from tests.reach.endpoint import Service

REQUESTS = 300
# Under the 120 requests/s that the largest size is sent.
PAUSE = 0.02
PIECE = bytes(262_144)
CARRIED = 400 * len(PIECE)
TOKEN = "a.b.c.d.bench"


def run() -> list[Figure]:
    """Milliseconds that a forward adds at the median, and seconds for 100 MB through it."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(_part("endpoint"))
        url = stack.enter_context(_part("forward", endpoint))
        return asyncio.run(_measure(f"http://{endpoint}/", url))


async def _measure(direct: str, forwarded: str) -> list[Figure]:
    async with open_client() as client:
        times: dict[str, list[float]] = {direct: [], forwarded: []}
        for turn in range(REQUESTS + 20):
            for url, measured in times.items():
                spent = await _request(client, url)
                if turn >= 20:
                    measured.append(spent)
            await asyncio.sleep(PAUSE)
        carried = [await _carried(client, forwarded) for _ in range(3)]
        plain = [await _carried(client, direct) for _ in range(3)]
    added = statistics.median(times[forwarded]) - statistics.median(times[direct])
    note = f"direct {statistics.median(plain):.2f} s"
    megabytes = CARRIED / 1_000_000
    return [
        Figure("a forward adds to a request, p50", added * 1000, "ms", 3.0),
        Figure(f"{megabytes:.0f} MB through a forward", min(carried), "s", megabytes / 50, note),
    ]


async def _request(client: aiohttp.ClientSession, url: str) -> float:
    began = time.perf_counter()
    async with client.get(url + "echo", headers={"X-aws-proxy-auth": TOKEN}) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url}: {answer.status}")
    return time.perf_counter() - began


async def _carried(client: aiohttp.ClientSession, url: str) -> float:
    began, total = time.perf_counter(), 0
    async with client.get(url + "many", headers={"X-aws-proxy-auth": TOKEN}) as answer:
        async for piece in answer.content.iter_any():
            total += len(piece)
    if total != CARRIED:
        raise RuntimeError(f"{total} of {CARRIED} bytes")
    return time.perf_counter() - began


@contextmanager
def _part(*arguments: str) -> Iterator[str]:
    """A part of the bench as a process; gives the line it prints. Ends with the block."""
    command = [sys.executable, "-m", "bench.reach", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def _endpoint() -> None:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("X-aws-proxy-auth") != TOKEN:
            return web.Response(status=403)
        if request.path != "/many":
            return web.Response(text="echo")
        answer = web.StreamResponse(headers={"Content-Length": str(CARRIED)})
        await answer.prepare(request)
        for _ in range(CARRIED // len(PIECE)):
            await answer.write(PIECE)
        await answer.write_eof()
        return answer

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


async def _forward(host: str) -> None:
    service = Service(host=host)

    service.token = TOKEN
    async with Forward(service.target(), service.access(), SystemClock()) as forward:
        print(forward.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_endpoint() if sys.argv[1] == "endpoint" else _forward(sys.argv[2]))
