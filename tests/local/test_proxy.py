"""The proxy in front of a MicroVM: its answers, and what passes through it untouched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from mvm_tui.local import proxy_streams
from mvm_tui.local.clock import Timing
from mvm_tui.local.faults import Faults
from mvm_tui.local.proxy import EndpointProxy, Load
from mvm_tui.local.shell_door import ShellDoor, ShellHost
from mvm_tui.local.state.tokens import Tokens
from mvm_tui.model.connectors import managed_arn
from mvm_tui.model.size import size_of
from tests.local.guests import until

HOUR = timedelta(hours=1)
TOKEN = "X-aws-proxy-auth"
PORT = "X-aws-proxy-port"
ERROR = "x-aws-proxy-error"


@dataclass
class Ingress:
    ingress: tuple[str, ...] = (managed_arn("HTTP_INGRESS", "us-east-1"),)


@dataclass
class Vm:
    """A MicroVM's record and guest in one: the app is wherever `ports` says."""

    id: str = "microvm-1"
    state: str = "RUNNING"
    memory_mib: int = 2048
    default_port: int = 8080
    launch: Ingress = field(default_factory=Ingress)
    ports: dict[int, tuple[str, int]] = field(default_factory=dict)
    resumes: bool = True
    traffic: int = 0
    touched: int = 0
    shells: ShellHost | None = None

    @property
    def guest(self) -> Vm:
        return self

    def address_of(self, guest_port: int) -> tuple[str, int] | None:
        return self.ports.get(guest_port)

    def note_traffic(self) -> None:
        self.traffic += 1

    async def touch(self) -> None:
        self.touched += 1

    async def auto_resume(self) -> bool:
        if self.resumes:
            await asyncio.sleep(0)
            self.state = "RUNNING"
        return self.resumes


class App:
    """What runs inside: tells what reached it, streams, echoes frames."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.headers: list[tuple[str, str]] = []
        self.closed_with: int | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.headers = [(name.lower(), value) for name, value in request.headers.items()]
        match request.path:
            case "/echo":
                return await self._echo(request)
            case "/stream" | "/broken":
                return await self._stream(request)
            case "/socket":
                return await self._socket(request)
            case "/moved":
                return web.Response(status=302, headers={"Location": "/", "Set-Cookie": "a=1"})
        told = {"method": request.method, "target": request.raw_path, "host": request.host}
        return web.json_response(told, headers={"X-App": "yes", "Keep-Alive": "9", "X-aws-proxy-fake": "no"})

    async def _echo(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        async for chunk in request.content.iter_any():
            await answer.write(chunk)
        await answer.write_eof()
        return answer

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"data: one\n\n")
        await self.go_on.wait()
        if request.path == "/broken":
            assert request.transport is not None
            request.transport.abort()
            return answer
        await answer.write(b"data: two\n\n")
        return answer

    async def _socket(self, request: web.BaseRequest) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=["chat"], autoping=False)
        await ws.prepare(request)
        async for message in ws:
            match message.type:
                case WSMsgType.TEXT if message.data == "bye":
                    await ws.close(code=4001, message=b"as you wish")
                case WSMsgType.TEXT:
                    await ws.send_str(message.data.upper())
                case WSMsgType.BINARY:
                    await ws.send_bytes(message.data[::-1])
                case WSMsgType.PING:
                    await ws.pong(message.data + b"!")
        self.closed_with = ws.close_code
        return ws


@dataclass
class Setup:
    """A proxy with one MicroVM behind it, and a client."""

    vm: Vm
    app: App
    tokens: Tokens
    client: aiohttp.ClientSession
    known: bool = True

    def token(
        self, vm_id: str = "microvm-1", *, ports: tuple[tuple[int, int], ...] | None = None
    ) -> dict[str, str]:
        return {TOKEN: self.tokens.mint(vm_id, ports, "http", HOUR)}

    async def get(self, path: str = "/", **headers: str) -> aiohttp.ClientResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.client.get(path, headers=named, allow_redirects=False)
        await answer.read()
        return answer


@pytest.fixture
async def app() -> App:
    return App()


@pytest.fixture
async def setup(app: App, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Setup]:
    monkeypatch.setattr(proxy_streams, "CHECK_SECONDS", 0.02)
    timing, faults = Timing(), Faults()
    tokens = Tokens(timing)
    proxy = EndpointProxy(tokens, ShellDoor(timing, faults), faults)
    inside = web.ServerRunner(web.Server(app.answer), shutdown_timeout=0.1)
    made: Setup

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await proxy.handle(request, made.vm if made.known else None)

    outside = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    for runner in (inside, outside):
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    vm = Vm(ports={8080: inside.addresses[0], 9000: inside.addresses[0]})
    base = f"http://127.0.0.1:{outside.addresses[0][1]}"
    async with aiohttp.ClientSession(base, auto_decompress=False) as client:
        made = Setup(vm, app, tokens, client)
        yield made
    app.go_on.set()
    await outside.cleanup()
    await inside.cleanup()


@pytest.mark.parametrize("headers", [{}, {TOKEN: ""}, {TOKEN: "not-a-token"}])
async def test_without_a_token_the_text_is_the_recorded_one(setup: Setup, headers: dict[str, str]) -> None:
    answer = await setup.get(**headers)
    assert (answer.status, await answer.text()) == (403, "Request missing authentication")
    assert setup.vm.traffic == 0


async def test_a_token_of_another_or_of_nobody_is_refused(setup: Setup) -> None:
    for headers in (setup.token("microvm-2"), {TOKEN: "a..b.c.d"}):
        answer = await setup.get(**headers)
        assert (answer.status, await answer.text()) == (403, "Token authentication failed")


async def test_an_unknown_host_is_answered_like_a_wrong_token(setup: Setup) -> None:
    setup.known = False
    answer = await setup.get(**setup.token())
    assert (answer.status, await answer.text()) == (403, "Token authentication failed")


async def test_an_expired_token_is_refused(setup: Setup) -> None:
    token = setup.tokens.mint("microvm-1", None, "http", timedelta(0))
    answer = await setup.get(**{TOKEN: token})
    assert (answer.status, await answer.text()) == (403, "Token authentication failed")


async def test_a_shell_token_opens_no_http(setup: Setup) -> None:
    token = setup.tokens.mint("microvm-1", None, "shell", HOUR)
    answer = await setup.get(**{TOKEN: token})
    assert (answer.status, await answer.read()) == (502, b"")


async def test_allowed_ports_gate_a_named_port_but_not_the_default(setup: Setup) -> None:
    token = setup.token(ports=((9000, 9010),))
    assert (await setup.get(**token)).status == 200
    assert (await setup.get(**token, **{PORT: "9000"})).status == 200
    answer = await setup.get(**token, **{PORT: "8080"})
    assert (answer.status, await answer.text()) == (403, "Access to port denied")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80 80", "٣", "9" * 30])
async def test_a_port_that_is_none_is_a_bad_request(setup: Setup, port: str) -> None:
    assert (await setup.get(**setup.token(), **{PORT: port})).status == 400


@pytest.mark.parametrize("names", [("NO_INGRESS",), ("SHELL_INGRESS",)])
async def test_without_http_ingress_nothing_passes(setup: Setup, names: tuple[str, ...]) -> None:
    setup.vm.launch = Ingress(tuple(managed_arn(name, "us-east-1") for name in names))
    assert (await setup.get(**setup.token())).status == 403


async def test_where_nothing_listens_it_says_so(setup: Setup, unused_tcp_port: int) -> None:
    for port in ("9001", "9002"):
        setup.vm.ports[9002] = ("127.0.0.1", unused_tcp_port)
        answer = await setup.get(**setup.token(), **{PORT: port})
        assert (answer.status, await answer.read()) == (502, b"")
        assert answer.headers[ERROR] == "APP_CONNECT_FAILED"


@pytest.mark.parametrize("state", ["PENDING", "SUSPENDED", "TERMINATING", "TERMINATED", "NEW_STATE"])
async def test_a_microvm_that_does_not_run_is_not_reached(setup: Setup, state: str) -> None:
    setup.vm.state, setup.vm.resumes = state, False
    answer = await setup.get(**setup.token())
    assert (answer.status, await answer.read()) == (502, b"")
    assert answer.headers[ERROR] == "MICROVM_CONNECT_FAILED"
    assert setup.vm.state == state
    assert setup.vm.traffic == 0


async def test_traffic_resumes_and_the_request_waits(setup: Setup) -> None:
    setup.vm.state = "SUSPENDED"
    assert (await setup.get(**setup.token())).status == 200
    assert setup.vm.state == "RUNNING"


async def test_a_running_record_is_touched_first(setup: Setup) -> None:
    await setup.get(**setup.token())
    assert setup.vm.touched == 1


@pytest.mark.parametrize("target", ["/a%2Fb?x=%41&y=+", "//other.host/x", "/a/../b?c", "/%zz"])
async def test_the_target_reaches_the_app_as_it_was_sent(setup: Setup, target: str) -> None:
    told = await raw_get(setup, target)
    assert f'"target": "{target}"'.encode() in told


async def raw_get(setup: Setup, target: str) -> bytes:
    base = setup.client._base_url
    assert base is not None
    reader, writer = await asyncio.open_connection(base.host, base.port)
    token = setup.token()[TOKEN]
    head = f"GET {target} HTTP/1.1\r\nHost: vm.localhost\r\n{TOKEN}: {token}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    return answer


async def test_headers_pass_but_for_those_of_the_connection_and_the_proxy(setup: Setup) -> None:
    sent = {"X-Own": "1", "Connection": "keep-alive, X-Hop", "X-Hop": "2", "TE": "trailers", "Cookie": "a=b"}
    answer = await setup.get(**setup.token(), **{PORT: "8080"}, **sent)
    names = {name for name, _ in setup.app.headers}
    assert ("x-own", "1") in setup.app.headers
    assert ("cookie", "a=b") in setup.app.headers
    assert not {"x-hop", "te", TOKEN.lower(), PORT.lower(), "x-aws-proxy-auth"} & names
    assert all(setup.token()[TOKEN][:20] not in value for _, value in setup.app.headers)
    assert answer.headers["X-App"] == "yes"
    assert "X-aws-proxy-fake" not in answer.headers


async def test_a_token_among_the_subprotocols_of_no_socket_does_not_reach_the_app(setup: Setup) -> None:
    token = setup.token()[TOKEN]
    offered = f"lambda-microvms, lambda-microvms.authentication.{token}, lambda-microvms.port.8080"
    answer = await setup.get(Sec_WebSocket_Protocol=offered)
    assert answer.status == 200
    assert not [value for _, value in setup.app.headers if token in value]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE"])
async def test_every_method_passes(setup: Setup, method: str) -> None:
    async with setup.client.request(method, "/", headers=setup.token()) as answer:
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 0
        if method != "HEAD":
            assert (await answer.json())["method"] == method


async def test_redirects_and_cookies_are_the_callers_business(setup: Setup) -> None:
    answer = await setup.get("/moved", **setup.token())
    assert (answer.status, answer.headers["Location"], answer.headers["Set-Cookie"]) == (302, "/", "a=1")


async def test_bodies_are_streamed_both_ways(setup: Setup) -> None:
    heard = asyncio.Event()

    async def upload() -> AsyncIterator[bytes]:
        yield b"first"
        await heard.wait()
        yield b"x" * 1_000_000

    async with setup.client.post("/echo", headers=setup.token(), data=upload()) as answer:
        assert await answer.content.readexactly(5) == b"first"
        heard.set()
        assert len(await answer.read()) == 1_000_000
    assert setup.vm.traffic > 3


async def test_a_stream_comes_piece_by_piece(setup: Setup) -> None:
    async with setup.client.get("/stream", headers=setup.token()) as answer:
        assert await answer.content.readline() == b"data: one\n"
        before = setup.vm.traffic
        setup.app.go_on.set()
        assert (await answer.read()).endswith(b"data: two\n\n")
        assert setup.vm.traffic > before


async def test_an_answer_that_breaks_off_does_not_look_complete(setup: Setup) -> None:
    async with setup.client.get("/broken", headers=setup.token()) as answer:
        await answer.content.readline()
        setup.app.go_on.set()
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


@pytest.mark.parametrize("state", ["SUSPENDED", "TERMINATED"])
async def test_a_stream_is_dropped_when_the_microvm_stops(setup: Setup, state: str) -> None:
    async with setup.client.get("/stream", headers=setup.token()) as answer:
        await answer.content.readline()
        setup.vm.state = state
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_callers_that_go_free_their_places(setup: Setup) -> None:
    setup.vm.memory_mib = 512
    open_ones = [await setup.client.get("/stream", headers=setup.token()) for _ in range(8)]
    for answer in open_ones:
        answer.close()
    # The next caller may come before the proxy has noticed that these went.
    for _ in range(100):
        if (await setup.get(**setup.token())).status == 200:
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("no place was freed")


async def test_too_many_connections_get_429(setup: Setup) -> None:
    setup.vm.memory_mib = 512
    open_ones = [await setup.client.get("/stream", headers=setup.token()) for _ in range(8)]
    assert {answer.status for answer in open_ones} == {200}
    assert (await setup.get(**setup.token())).status == 429
    for answer in open_ones:
        answer.close()


async def test_too_many_requests_get_429(setup: Setup) -> None:
    setup.vm.memory_mib = 512
    statuses = [(await setup.get(**setup.token())).status for _ in range(60)]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses


def test_the_allowance_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    load = Load.of(size_of(2048))
    now = load.counted_at

    def entered() -> bool:
        if admitted := load.enter():
            load.leave()
        return admitted

    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert [entered() for _ in range(41)] == [True] * 40 + [False]
    now += 0.5
    assert [entered() for _ in range(21)] == [True] * 20 + [False]
    now += 60
    assert [entered() for _ in range(41)] == [True] * 40 + [False]


@pytest.mark.parametrize(
    ("memory", "per_second", "connections"),
    [(512, 10, 8), (1024, 20, 16), (2048, 40, 32), (4096, 80, 64), (8192, 160, 128), (3072, 60, 48)],
)
def test_limits_follow_the_size(memory: int, per_second: int, connections: int) -> None:
    load = Load.of(size_of(memory))
    assert (load.per_second, load.connections) == (per_second, connections)


async def test_frames_pass_both_ways(setup: Setup) -> None:
    async with setup.client.ws_connect(
        "/socket", headers=setup.token(), protocols=["chat"], autoping=False
    ) as ws:
        assert ws.protocol == "chat"
        await ws.send_str("hello")
        assert await ws.receive_str() == "HELLO"
        await ws.send_bytes(b"\x00\x01")
        assert await ws.receive_bytes() == b"\x01\x00"
        await ws.ping(b"are you there")
        pong = await ws.receive()
        assert (pong.type, pong.data) == (WSMsgType.PONG, b"are you there!")
        before = setup.vm.traffic
        await ws.send_str("bye")
        closed = await ws.receive()
        assert (closed.type, closed.data, closed.extra) == (WSMsgType.CLOSE, 4001, "as you wish")
        assert setup.vm.traffic > before
    assert TOKEN.lower() not in {name for name, _ in setup.app.headers}


async def test_the_apps_socket_learns_how_the_caller_closed(setup: Setup) -> None:
    async with setup.client.ws_connect("/socket", headers=setup.token()) as ws:
        await ws.close(code=4002)
    await until(lambda: setup.app.closed_with, "the app's socket is closed")
    assert setup.app.closed_with == 4002


async def test_a_browser_may_send_token_and_port_as_subprotocols(setup: Setup) -> None:
    token = setup.token()[TOKEN]
    offered = ["lambda-microvms", f"lambda-microvms.authentication.{token}", "lambda-microvms.port.9000"]
    async with setup.client.ws_connect("/socket", protocols=offered) as ws:
        assert ws.protocol == "lambda-microvms"
        await ws.send_str("hello")
        assert await ws.receive_str() == "HELLO"
    assert all(token not in value for _, value in setup.app.headers)


async def test_a_socket_is_dropped_when_the_microvm_is_suspended(setup: Setup) -> None:
    async with setup.client.ws_connect("/socket", headers=setup.token()) as ws:
        setup.vm.state = "SUSPENDED"
        assert (await ws.receive()).type in (WSMsgType.CLOSED, WSMsgType.ERROR)


async def test_a_quiet_socket_is_cut(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_streams, "QUIET_WEBSOCKET_SECONDS", 0.1)
    async with setup.client.ws_connect("/socket", headers=setup.token()) as ws:
        assert (await ws.receive()).type in (WSMsgType.CLOSED, WSMsgType.ERROR)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/moved", 302)])
async def test_an_app_may_refuse_a_socket(setup: Setup, path: str, status: int) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    answer = await setup.get(
        path, **setup.token(), **upgrade, **{"Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg=="}
    )
    assert (answer.status, answer.headers.get("Location")) == (status, "/" if status == 302 else None)
