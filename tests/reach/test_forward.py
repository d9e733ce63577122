"""A forwarded port: what passes, what is refused, and what the client never gets to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Conflict, Unexpected
from mvm_tui.model.microvm import Microvm
from mvm_tui.reach.client import open_client
from mvm_tui.reach.forward import Forward
from tests.reach.endpoint import PIECE, Service, parsed, serving


@asynccontextmanager
async def forwarding(
    *, resume: bool = False, memory_mib: int = 8_192, port: int | None = None
) -> AsyncIterator[tuple[Service, Forward, aiohttp.ClientSession]]:
    async with serving() as service:
        target = service.target(memory_mib, port)
        async with (
            Forward(target, service.access(resume=resume), SystemClock()) as forward,
            open_client() as client,
        ):
            yield service, forward, client


async def test_the_app_is_reached_with_token_and_port_and_the_client_sees_neither() -> None:
    async with forwarding(port=3000) as (service, forward, client):
        answer = await client.post(forward.url + "echo?a=b%20c", data=b"hello", headers={"X-Mine": "1"})
        said = parsed(await answer.text())
        assert said == {"method": "POST", "path": "/echo?a=b%20c", "body": "hello"}
        assert answer.headers["X-App"] == "yes"
        assert not any(name.lower().startswith("x-aws-proxy") for name in answer.headers)
        _, _, headers = service.requests[0]
        assert headers["X-aws-proxy-auth"].startswith("a.b.c.d.token-")
        assert headers["X-aws-proxy-port"] == "3000"
        assert headers["Host"] == service.host
        assert headers["X-Mine"] == "1"


async def test_a_client_cannot_choose_token_or_port() -> None:
    async with forwarding() as (service, forward, client):
        mine = {"X-aws-proxy-auth": "mine", "X-aws-proxy-port": "22", "Connection": "X-Hop", "X-Hop": "1"}
        await client.get(forward.url + "echo", headers=mine)
        _, _, headers = service.requests[0]
        assert headers["X-aws-proxy-auth"].startswith("a.b.c.d.token-")
        assert "X-aws-proxy-port" not in headers
        assert "X-Hop" not in headers


async def test_only_its_own_name_is_answered() -> None:
    async with forwarding() as (service, forward, client):
        port = forward.authority.rpartition(":")[2]
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"evil.example:{port}"):
            answer = await client.get(f"http://127.0.0.1:{port}/echo", headers={"Host": host})
            assert answer.status == 403
            assert "own name" in await answer.text()
        assert service.requests == []


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
async def test_other_sites_pages_are_refused(headers: dict[str, str]) -> None:
    async with forwarding() as (service, forward, client):
        answer = await client.get(forward.url + "echo", headers=headers)
        assert answer.status == 403
        socket = client.ws_connect(forward.url + "socket", headers=headers)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await socket
        assert service.requests == []


async def test_its_own_pages_pass_and_the_app_sees_its_own_origin() -> None:
    async with forwarding() as (service, forward, client):
        origin = forward.url.rstrip("/")
        headers = {"Origin": origin, "Referer": f"{origin}/page", "Sec-Fetch-Site": "same-origin"}
        answer = await client.post(forward.url + "echo", data=b"", headers=headers)
        assert answer.status == 200
        _, _, seen = service.requests[0]
        assert seen["Origin"] == f"http://{service.host}"
        assert seen["Referer"] == f"http://{service.host}/page"


async def test_redirects_and_cookies_become_ours_and_are_not_followed() -> None:
    async with forwarding() as (service, forward, client):
        answer = await client.get(forward.url + "redirect", allow_redirects=False)
        assert answer.status == 302
        assert answer.headers["Location"] == forward.url + "there?x=1"
        assert answer.headers["Set-Cookie"] == "a=b; Path=/"
        assert [path for _, path, _ in service.requests] == ["/redirect"]


async def test_bodies_are_streamed_both_ways() -> None:
    async with forwarding() as (_, forward, client):
        answer = await client.get(forward.url + "big")
        assert len(await answer.read()) == 160 * len(PIECE)

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield PIECE

        answer = await client.post(forward.url + "count", data=pieces())
        assert await answer.text() == str(100 * len(PIECE))
        exchanges = list(forward.traffic.newest_first())
        assert exchanges[0].received == 100 * len(PIECE)
        assert exchanges[1].sent == 160 * len(PIECE)


async def test_an_answer_that_breaks_off_does_not_look_complete() -> None:
    async with forwarding() as (_, forward, client):
        answer = await client.get(forward.url + "broken")
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
        exchange = next(forward.traffic.newest_first())
        assert exchange.problem is not None


async def test_websockets_pass_frames_protocol_and_close() -> None:
    async with forwarding() as (_, forward, client):
        socket = await client.ws_connect(forward.url + "socket", protocols=["chat", "lambda-microvms.x"])
        assert socket.protocol == "chat"
        await socket.send_str("one")
        assert (await socket.receive()).data == "echo one"
        await socket.send_str("close")
        closed = await socket.receive()
        assert (closed.data, closed.extra) == (4321, "because")


async def test_a_refused_token_is_renewed_once_and_the_request_repeated() -> None:
    async with forwarding() as (service, forward, client):
        service.accepted.clear()
        answer = await client.get(forward.url + "echo")
        assert answer.status == 200
        assert service.minted == 2


async def test_a_token_is_renewed_before_it_ends() -> None:
    async with serving() as service:
        service.lifetime = timedelta(seconds=31)
        async with (
            Forward(service.target(), service.access(), SystemClock()) as forward,
            open_client() as client,
        ):
            await client.get(forward.url + "echo")
            minted = service.minted
            service.lifetime = timedelta(seconds=5)
            deadline = asyncio.get_running_loop().time() + 5
            while service.minted < minted + 2 and asyncio.get_running_loop().time() < deadline:
                await client.get(forward.url + "echo")
            assert service.minted >= minted + 2


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("no-app", 502, "Nothing answers on the app's port"),
        ("own-403", 403, "the app says no"),
        ("own-429", 429, "limit of requests or connections"),
    ],
)
async def test_the_proxys_refusals_are_explained_and_the_apps_own_pass(
    path: str, status: int, words: str
) -> None:
    async with forwarding() as (_, forward, client):
        answer = await client.get(forward.url + path)
        assert answer.status == status
        assert words in await answer.text()


async def test_a_suspended_microvm_is_resumed_only_if_the_user_said_so() -> None:
    async with forwarding(resume=False) as (service, forward, client):
        service.state = "SUSPENDED"
        answer = await client.get(forward.url + "echo")
        assert answer.status == 503
        assert "--resume" in await answer.text()
        assert (service.resumed, service.requests) == (0, [])
    async with forwarding(resume=True) as (service, forward, client):
        service.state = "SUSPENDED"
        answer = await client.get(forward.url + "echo")
        assert (answer.status, service.resumed) == (200, 1)


async def test_one_that_is_being_suspended_is_resumed_once_it_is() -> None:
    async with serving() as service:
        states = ["SUSPENDING", "SUSPENDING", "SUSPENDED"]
        looked = service.look

        def look() -> Microvm:
            if states:
                service.state = states.pop(0)
            return looked()

        def resume() -> None:
            if service.state != "SUSPENDED":
                raise Conflict("It is not suspended.")
            service.resume()

        access = replace(service.access(), look=look, resume=resume)
        async with Forward(service.target(), access, SystemClock()) as forward, open_client() as client:
            answer = await client.get(forward.url + "echo")
        assert (answer.status, service.resumed) == (200, 1)


async def test_the_rate_of_the_size_is_kept() -> None:
    async with forwarding(memory_mib=512) as (_, forward, client):
        assert forward.rate.allowed == 7.5
        await asyncio.gather(*(client.get(forward.url + "echo") for _ in range(12)))
        waited = [exchange.waited for exchange in forward.traffic.newest_first()]
        assert max(waited) > 0.2
        assert len(waited) == 12


async def test_a_flood_is_told_to_come_again_instead_of_waiting_for_minutes() -> None:
    async with forwarding(memory_mib=512) as (_, forward, client):
        for _ in range(90):
            forward._pace.reserve()
        answer = await client.get(forward.url + "echo")
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")


async def test_a_taken_port_is_a_sentence() -> None:
    async with forwarding() as (service, forward, _):
        port = int(forward.authority.rpartition(":")[2])
        with pytest.raises(Unexpected, match=f"Port {port}"):
            async with Forward(service.target(), service.access(), SystemClock(), local_port=port):
                pass


async def test_requests_under_way_end_with_it() -> None:
    async with serving() as service, open_client() as client:
        async with Forward(service.target(), service.access(), SystemClock()) as forward:
            hanging = asyncio.create_task(client.get(forward.url + "slow"))
            await asyncio.wait_for(service.heard.wait(), 5)
        with pytest.raises(aiohttp.ClientError):
            await hanging
