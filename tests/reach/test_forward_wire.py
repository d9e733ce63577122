"""A forwarded port and the bytes on its connections: odd requests, odd answers, clients that leave."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket

import aiohttp
import pytest

from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Unexpected
from mvm_tui.reach.forward import Forward
from mvm_tui.reach.listening import loopback_sockets
from mvm_tui.reach.traffic import Traffic
from tests.reach.endpoint import Service, closed_with, serving
from tests.reach.test_forward import forwarding

_SECONDS = 5.0


async def exchange(forward: Forward, head: str, body: bytes = b"", rest: bytes = b"") -> bytes:
    """What comes back for bytes sent by hand; `rest` is sent once the forward asks for it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", forward.port)
    lines = f"{head}\r\nHost: {forward.authority}\r\nConnection: close\r\n\r\n"
    try:
        writer.write(lines.encode("latin-1") + body)
        start = b""
        if rest:
            start = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
            writer.write(rest)
        return start + await asyncio.wait_for(reader.read(-1), _SECONDS)
    finally:
        writer.close()


async def answered(forward: Forward, answer: bytes) -> bytes:
    """What a client gets of an answer that the app writes by hand."""
    return await exchange(forward, f"POST /plain HTTP/1.1\r\nContent-Length: {len(answer)}", answer)


@pytest.mark.parametrize(
    "head",
    [
        "GET http://evil.example/echo HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT evil.example:443 HTTP/1.1",
        "GET /echo HTTP/1.1\r\nHost: evil.example",
        "POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked, identity",
        "GET /echo HTTP/1.1\r\nX: " + "y" * 70_000,
        "\x16\x03\x01\x02\x00",
    ],
)
async def test_what_no_browser_sends_gets_nowhere_and_is_not_told_on_stderr(
    head: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with forwarding() as (service, forward, _):
        with caplog.at_level(logging.DEBUG):
            answer = await exchange(forward, head)
        assert answer.split()[1] in (b"400", b"403")
        assert service.requests == []
        assert [record for record in caplog.records if record.name != "asyncio"] == []


async def test_two_slashes_are_a_path_and_no_other_host() -> None:
    async with forwarding() as (service, forward, _):
        await exchange(forward, "GET //evil.example/echo HTTP/1.1")
        assert [path for _, path, _ in service.requests] == ["//evil.example/echo"]


async def test_a_body_that_is_packed_passes_unchanged() -> None:
    async with forwarding() as (_, forward, client):
        packed = gzip.compress(b"hello")
        headers = {"Content-Encoding": "gzip"}
        answer = await client.post(forward.url + "bytes", data=packed, headers=headers)
        assert await answer.text() == f"gzip {packed.hex()}"


async def test_a_client_that_asks_before_it_sends_its_body_is_told_to() -> None:
    async with forwarding() as (_, forward, _):
        head = "POST /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"
        answer = await exchange(forward, head, rest=b"hello")
        assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
        assert b'"body": "hello"' in answer


async def test_large_headers_pass_both_ways() -> None:
    async with forwarding() as (service, forward, _):
        await exchange(forward, "GET /echo HTTP/1.1\r\nCookie: " + "c" * 20_000)
        assert service.requests[0][2]["Cookie"] == "c" * 20_000
        answer = await answered(
            forward, b"HTTP/1.1 200 OK\r\nX-Large: " + b"x" * 20_000 + b"\r\nContent-Length: 2\r\n\r\nhi"
        )
        assert b"x" * 20_000 in answer


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"Location: HTTP://HOST/there", b"Location: {here}/there\r\n"),
        (b"Location: //HOST/there", b"Location: {here}/there\r\n"),
        (b"Location: https://elsewhere.example/", b"Location: https://elsewhere.example/\r\n"),
        (b"Refresh: 5; url=https://HOST/next?a=b", b"Refresh: 5; url={here}/next?a=b\r\n"),
        (b"Refresh: 5;URL='https://HOST/next'", b"Refresh: 5;URL='{here}/next'\r\n"),
        (b"Refresh: 5", b"Refresh: 5\r\n"),
        (b"Set-Cookie: a=b; Domain=HOST; Secure; Path=/", b"Set-Cookie: a=b; Path=/\r\n"),
        (b"Set-Cookie: __Host-a=b; Secure; Path=/", b"Set-Cookie: __Host-a=b; Secure; Path=/\r\n"),
        (b"Set-Cookie: a=b; Secure; SameSite=None", b"Set-Cookie: a=b; Secure; SameSite=None\r\n"),
        (b"X-Name: caf\xe9", "X-Name: café\r\n".encode()),
        (b"X-Other: 1", b"Content-Type: \r\n"),
    ],
)
async def test_what_the_app_says_is_right_at_the_forwarded_place(line: bytes, told: bytes) -> None:
    async with forwarding() as (_, forward, _):
        answer = await answered(forward, b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 2\r\n\r\nhi")
        assert told.replace(b"{here}", forward.url.rstrip("/").encode()) in answer
        assert answer.endswith(b"hi")


async def test_a_client_that_leaves_ends_its_request_at_the_app() -> None:
    over = asyncio.Event()
    traffic = Traffic(on_exchange=lambda exchange: over.set())
    async with (
        serving() as service,
        Forward(service.target(), service.access(), SystemClock(), traffic=traffic) as forward,
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", forward.port)
        writer.write(f"GET /slow HTTP/1.1\r\nHost: {forward.authority}\r\n\r\n".encode())
        await asyncio.wait_for(service.heard.wait(), _SECONDS)
        assert forward.traffic.open == 1
        writer.close()
        await asyncio.wait_for(over.wait(), _SECONDS)
        assert forward.traffic.open == 0
        (left,) = forward.traffic.newest_first()
        assert (left.status, left.problem) == (None, None)


async def test_a_refused_token_is_renewed_for_requests_with_bodies_too() -> None:
    async with forwarding() as (service, forward, client):
        service.accepted.clear()
        refused = await client.post(forward.url + "echo", data=b"first")
        assert (refused.status, service.minted) == (403, 1)
        again = await client.post(forward.url + "echo", data=b"second")
        assert (again.status, service.minted) == (200, 2)


async def test_many_requests_with_a_refused_token_mint_one_new_one() -> None:
    async with forwarding(memory_mib=8_192) as (service, forward, client):
        service.accepted.clear()
        answers = await asyncio.gather(*(client.get(forward.url + "echo") for _ in range(20)))
        assert {answer.status for answer in answers} == {200}
        assert service.minted == 2


@pytest.mark.parametrize("code", [1000, 1003, 4321])
async def test_a_socket_that_the_app_closes_is_answered_with_its_own_code(code: int) -> None:
    closed = closed_with()
    async with forwarding() as (_, forward, client), client.ws_connect(forward.url + "told-close") as ws:
        await ws.send_str(str(code))
        message = await asyncio.wait_for(ws.receive(), _SECONDS)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, code)
        assert await asyncio.wait_for(closed.get(), _SECONDS) == code


async def test_a_socket_whose_client_vanishes_is_going_away() -> None:
    closed = closed_with()
    async with forwarding() as (_, forward, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", forward.port)
        writer.write(
            f"GET /told-close HTTP/1.1\r\nHost: {forward.authority}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
        writer.transport.abort()
        assert await asyncio.wait_for(closed.get(), _SECONDS) == aiohttp.WSCloseCode.GOING_AWAY


async def test_what_a_client_offers_for_a_socket_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    async with forwarding() as (_, forward, client):
        with caplog.at_level(logging.DEBUG):
            async with client.ws_connect(
                forward.url + "told-close", protocols=["secret-of-the-client"]
            ) as ws:
                await ws.close()
        assert "secret-of-the-client" not in caplog.text


async def test_both_addresses_of_this_machine_are_ours() -> None:
    listening = loopback_sockets(0)
    try:
        ports = {each.getsockname()[1] for each in listening}
        assert len(ports) == 1
        if len(listening) == 2:
            assert listening[1].getsockname()[0] == "::1"
    finally:
        for each in listening:
            each.close()


async def test_a_port_that_another_has_on_the_other_address_is_taken() -> None:
    other = socket.socket(socket.AF_INET6)
    try:
        other.bind(("::1", 0))
    except OSError:
        # A machine without IPv6 has no other address.
        return
    other.listen()
    async with serving() as service:
        with pytest.raises(Unexpected, match="cannot be listened on"):
            await _opened(service, other.getsockname()[1])
    other.close()


async def _opened(service: Service, port: int) -> None:
    async with Forward(service.target(), service.access(), SystemClock(), local_port=port):
        raise AssertionError("it must not open")
