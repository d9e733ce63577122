"""The sample web app, run as a guest runs it."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mvm_tui.local.hooks import call_hook
from mvm_tui.local.processes import Guest
from mvm_tui.local.samples import hello_web
from tests.local.guests import Heard, proc, tree, until

COMMAND = (sys.executable, "-I", "-S", hello_web.__file__)
# What a bare interpreter with json and sockets needs is about 11 MB.
MOST_RESIDENT_KB = 18_000


@dataclass
class Site:
    """A hello-web that listens."""

    guest: Guest
    heard: Heard
    address: tuple[str, int]

    async def ask(self, path: str, method: str = "GET", **options: Any) -> tuple[int, Any]:
        host, port = self.address
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, f"http://{host}:{port}{path}", **options) as answer,
        ):
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def run_hook(self, boot_id: str) -> None:
        body = {"microvmId": "microvm-1", "runHookPayload": "hi", "bootId": boot_id}
        assert (await call_hook(self.address, "run", body, 5)).status == 200

    async def draw(self, count: int) -> list[float]:
        return [(await self.ask("/rand"))[1]["value"] for _ in range(count)]

    async def clock(self) -> tuple[float, float]:
        _, told = await self.ask("/clock")
        return told["active_seconds"], told["since_start_seconds"]


async def open_site(folder: Path) -> Site:
    heard = Heard()
    guest = await heard.start(COMMAND, folder, port=8080)
    await until(lambda: guest.address_of(8080), "hello-web listens")
    address = guest.address_of(8080)
    assert address is not None
    return Site(guest, heard, address)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = await open_site(tmp_path / "vm")
    yield made
    await made.guest.terminate()


async def test_it_greets_by_the_name_the_run_hook_told(site: Site) -> None:
    assert await site.ask("/") == (200, "Hello from a MicroVM\n")
    await site.run_hook("boot-3")
    assert await site.ask("/") == (200, "Hello from microvm-1\n")


async def test_items_are_kept(site: Site) -> None:
    assert await site.ask("/items") == (200, {"items": []})
    assert await site.ask("/items", "POST", json={"a": 1}) == (201, {"count": 1, "item": {"a": 1}})
    await site.guest.suspend()
    await site.guest.resume()
    assert await site.ask("/items") == (200, {"items": [{"a": 1}]})


async def test_a_chunked_body_is_read(site: Site) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'"one '
        yield b'item"'

    assert (await site.ask("/items", "POST", data=pieces()))[1] == {"count": 1, "item": "one item"}


async def test_microvms_of_one_snapshot_draw_the_same_and_of_another_not(site: Site, tmp_path: Path) -> None:
    twin = await open_site(tmp_path / "twin")
    try:
        await site.run_hook("boot-4")
        await twin.run_hook("boot-4")
        drawn = await site.draw(3)
        assert len(set(drawn)) == 3
        assert await twin.draw(3) == drawn
        await twin.run_hook("boot-3")
        assert await twin.draw(3) != drawn
    finally:
        await twin.guest.terminate()


async def test_active_seconds_stand_still_while_suspended(site: Site, tmp_path: Path) -> None:
    other = await open_site(tmp_path / "other")
    try:
        active, since_start = await site.clock()
        await site.guest.suspend()
        await passed(other, 1.5)
        await site.guest.resume()
        later_active, later_since_start = await site.clock()
        assert later_since_start - since_start >= 1.0
        assert later_active - active <= 0.75
        await passed(site, 0.5)
    finally:
        await other.guest.terminate()


async def passed(site: Site, seconds: float) -> None:
    """Wait until a site was active for some more seconds."""
    goal = (await site.clock())[0] + seconds
    while (await site.clock())[0] < goal:
        assert not site.heard.codes
        await asyncio.sleep(0.02)


async def test_it_logs_requests_and_hooks(site: Site) -> None:
    await site.ask("/items?x=1")
    await site.run_hook("boot-4")
    await until(lambda: len(site.heard.lines) == 3, "three lines")
    up, request, hook = site.heard.lines
    assert up == f"hello-web listens on {site.address[1]}"
    assert request.startswith("GET /items?x=1 200 ")
    assert request.endswith("ms")
    told = json.loads(hook.removeprefix("run hook: "))
    assert told == {"microvmId": "microvm-1", "runHookPayload": "hi", "bootId": "boot-4"}


@pytest.mark.parametrize("name", ["ready", "validate", "resume", "suspend", "terminate"])
async def test_every_hook_is_answered(site: Site, name: Any) -> None:
    assert (await call_hook(site.address, name, {}, 5)).status == 200


async def test_what_it_does_not_know_it_says(site: Site) -> None:
    assert (await site.ask("/nothing"))[0] == 404
    assert (await site.ask("/rand", "DELETE"))[0] == 405
    assert (await site.ask("/items", "POST", data=b"{"))[0] == 400
    assert (await site.ask("/aws/lambda-microvms/runtime/v1/run"))[0] == 405
    assert (await site.ask("/aws/lambda-microvms/runtime/v1/run", "POST", data=b"[1]"))[0] == 400
    assert (await site.ask("/", "HEAD"))[0] == 200


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
        b"HELLO\r\n\r\n",
        b"POST /items HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /items HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST /items HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    ],
)
async def test_what_is_no_request_gets_400_and_the_app_goes_on(site: Site, said: bytes) -> None:
    with socket.create_connection(site.address) as connection:
        connection.sendall(said)
        assert connection.recv(12) == b"HTTP/1.1 400"
    assert (await site.ask("/"))[0] == 200


async def test_a_tls_client_is_told_by_a_closed_handshake(site: Site) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection(site.address) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain, server_hostname="localhost"),
    ):
        pass
    assert (await site.ask("/"))[0] == 200


async def test_it_is_small(site: Site) -> None:
    (pid,) = tree(site.guest)
    assert int(proc(pid, "status").partition("VmRSS:")[2].split()[0]) < MOST_RESIDENT_KB
