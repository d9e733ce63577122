"""The local cloud's shells: how fast a terminal's bytes come through, and what that costs the cloud."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.figures import Figure
from bench.local_cloud import cpu_share
from mvm_tui.local.launch import Facts, start
from mvm_tui.model.connectors import shell_possible
from tests.cloud import client

MEGABYTE = 1_000_000
CAT_BYTES = 50 * MEGABYTE
SHELLS = 20
ECHOES = 200
ROUNDS = 3
# Typed and printed differ, for what is typed is shown as well.
SAY_END, END = "printf '<%s>' end", b"<end>"
HEADER = "X-aws-proxy-auth"


def run() -> list[Figure]:
    """Seconds of 50 MB by `cat`, the cloud's memory meanwhile, echoes beside a flood, CPU of open shells."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with start(seed="demo", rates=False) as cloud:
        pid = cloud.process.pid
        async with AsyncExitStack() as stack:
            shells = [await stack.enter_async_context(_attached(cloud.facts)) for _ in range(SHELLS)]
            await asyncio.sleep(3)
            share = await asyncio.to_thread(cpu_share, pid)
            first, *others = shells
            await first.send(f"head -c {CAT_BYTES} /dev/zero | tr '\\0' x > x; {SAY_END}\n")
            await _until(first, END)
            before = _resident_mb(pid)
            runs = [await _cat(first, pid) for _ in range(ROUNDS)]
            await first.send("yes\n")
            flood = asyncio.create_task(_until(first, END))
            echoes = [await _echo(other) for _ in range(ECHOES // len(others)) for other in others]
            flood.cancel()
    return [
        Figure("50 MB by cat through the WebSocket", statistics.median(spent for spent, _ in runs), "s", 2.5),
        Figure("memory the cloud grew by meanwhile", max(peak for _, peak in runs) - before, "MB", 8.0),
        Figure("echo in 19 shells while one floods, p95", statistics.quantiles(echoes, n=20)[-1], "ms"),
        Figure("idle CPU of the demo cloud with 20 open shells", share, "%", 2.0),
    ]


@asynccontextmanager
async def _attached(facts: Facts) -> AsyncIterator[ClientConnection]:
    """A shell of the demo's MicroVM that takes most connections, at its prompt."""
    api = client(facts)
    told = [api.get_microvm(microvmIdentifier=item["microvmId"]) for item in api.list_microvms()["items"]]
    vm = next(
        vm for vm in told if vm["state"] == "RUNNING" and shell_possible(vm["ingressNetworkConnectors"])
    )
    answer = api.create_microvm_shell_auth_token(microvmIdentifier=vm["microvmId"], expirationInMinutes=5)
    offered: Any = ["lambda-microvms", f"lambda-microvms.authentication.{answer['authToken'][HEADER]}"]
    url = f"ws://{vm['endpoint']}/shell"
    async with connect(
        url, host="127.0.0.1", port=facts.port, subprotocols=offered, max_size=None, compression=None
    ) as shell:
        await _until(shell, "λ $ ".encode())
        yield shell


async def _until(shell: ClientConnection, marker: bytes) -> int:
    """Read up to a marker; the bytes read."""
    tail, size = b"", 0
    while marker not in tail:
        frame = await shell.recv(decode=False)
        size += len(frame)
        tail = tail[-len(marker) :] + frame
    return size


async def _cat(shell: ClientConnection, pid: int) -> tuple[float, float]:
    """Seconds of one `cat`, and the cloud's memory right after it in MB."""
    started = time.perf_counter()
    await shell.send(f"cat x; {SAY_END}\n")
    if await _until(shell, END) < CAT_BYTES:
        raise RuntimeError("bytes were lost")
    return time.perf_counter() - started, _resident_mb(pid)


async def _echo(shell: ClientConnection) -> float:
    """Milliseconds from a key to its echo."""
    started = time.perf_counter()
    await shell.send(b"x")
    await _until(shell, b"x")
    return 1000 * (time.perf_counter() - started)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
