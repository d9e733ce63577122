"""An endpoint on loopback as the service has them: it wants a token, and an app stands behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from mvm_tui.model.connectors import HTTP_INGRESS, managed_arn
from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.microvm import RUNNING, Details, Microvm
from mvm_tui.model.token import AUTH_HEADER, AccessToken
from mvm_tui.reach.access import Access, Target
from mvm_tui.reach.refusals import ERROR_HEADER, WRONG_TOKEN

PIECE = b"x" * 65_536


@dataclass
class Service:
    """The endpoint, and what the program is handed to use it.

    Attributes:
        accepted: Secrets that open it.
        minted: How many tokens were asked for.
        requests: Everything that reached the app: method, raw path, headers.
        state: The MicroVM's.
        resumed: How often its resumption was asked for.
        token: Minted each time; empty for another one each time.
    """

    host: str = ""
    accepted: set[str] = field(default_factory=set)
    minted: int = 0
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    state: str = RUNNING
    resumed: int = 0
    token: str = ""
    lifetime: timedelta = timedelta(minutes=30)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def mint(self, *, fresh: bool) -> AccessToken:
        self.minted += 1
        secret = self.token or f"a.b.c.d.token-{self.minted}"
        self.accepted.add(secret)
        return AccessToken(((AUTH_HEADER, secret),), datetime.now(UTC) + self.lifetime)

    def look(self) -> Microvm:
        ingress = (managed_arn(HTTP_INGRESS, "us-east-1"),)
        details = Details(self.host, 28_800, None, ingress)
        return Microvm("microvm-1", self.state, "arn:image", "1.0", datetime.now(UTC), details)

    def resume(self) -> None:
        self.resumed += 1
        self.state = RUNNING

    def access(self, *, resume: bool = False) -> Access:
        return Access(self.mint, self.look, self.resume if resume else None)

    def target(self, memory_mib: int = 8_192, port: int | None = None) -> Target:
        return Target("microvm-1", Endpoint.of(self.host), port, memory_mib)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get(AUTH_HEADER) not in self.accepted:
            return web.Response(status=403, text=WRONG_TOKEN)
        self.requests.append((request.method, request.raw_path, dict(request.headers)))
        self.heard.set()
        answer = _APP.get(request.path)
        return await answer(request) if answer else web.Response(status=404, text="the app's 404")


async def _echo(request: web.BaseRequest) -> web.StreamResponse:
    body = await request.read()
    said = {"method": request.method, "path": request.raw_path, "body": body.decode()}
    return web.json_response(said, headers={"X-App": "yes", "X-aws-proxy-auth": "must not leave"})


async def _redirect(request: web.BaseRequest) -> web.StreamResponse:
    answer = web.Response(status=302, headers={"Location": f"https://{request.host}/there?x=1"})
    answer.headers.add("Set-Cookie", f"a=b; Domain={request.host}; Path=/")
    return answer


async def _big(request: web.BaseRequest) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(160):
        await answer.write(PIECE)
    await answer.write_eof()
    return answer


async def _count(request: web.BaseRequest) -> web.StreamResponse:
    total = 0
    async for chunk in request.content.iter_any():
        total += len(chunk)
    return web.Response(text=str(total))


async def _broken(request: web.BaseRequest) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"half")
    assert request.transport is not None
    request.transport.abort()
    return answer


async def _socket(request: web.BaseRequest) -> web.StreamResponse:
    answer = web.WebSocketResponse(protocols=("chat",))
    await answer.prepare(request)
    async for message in answer:
        if message.data == "close":
            await answer.close(code=4321, message=b"because")
        else:
            await answer.send_str(f"echo {message.data}")
    return answer


async def _told_close(request: web.BaseRequest) -> web.StreamResponse:
    """A WebSocket that notes the code with which it was closed."""
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for message in answer:
        if message.data.isdigit():
            await answer.close(code=int(message.data))
    _CLOSED.put_nowait(answer.close_code)
    return answer


def closed_with() -> asyncio.Queue[int | None]:
    """The codes that `/told-close` was closed with, from now on."""
    while not _CLOSED.empty():
        _CLOSED.get_nowait()
    return _CLOSED


async def _plain(request: web.BaseRequest) -> web.StreamResponse:
    """An answer written by hand: the request's body holds all of it."""
    text = (await request.read()).replace(b"HOST", request.headers["Host"].encode())
    assert request.transport is not None
    request.transport.write(text)
    request.transport.close()
    return web.Response()


async def _bytes(request: web.BaseRequest) -> web.StreamResponse:
    """The body as it came, in hex, and how it is encoded."""
    return web.Response(text=f"{request.headers.get('Content-Encoding')} {(await request.read()).hex()}")


async def _no_app(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=502, headers={ERROR_HEADER: "APP_CONNECT_FAILED"})


async def _own_403(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=403, text="the app says no")


async def _own_429(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=429)


async def _slow(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


_CLOSED: asyncio.Queue[int | None] = asyncio.Queue()
_APP = {
    "/echo": _echo,
    "/redirect": _redirect,
    "/big": _big,
    "/count": _count,
    "/broken": _broken,
    "/socket": _socket,
    "/told-close": _told_close,
    "/plain": _plain,
    "/bytes": _bytes,
    "/no-app": _no_app,
    "/own-403": _own_403,
    "/own-429": _own_429,
    "/slow": _slow,
}


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    service = Service()
    runner = web.ServerRunner(
        web.Server(service.handle, auto_decompress=False, max_field_size=65_536), shutdown_timeout=0.1
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.host = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()


def parsed(text: str) -> dict[str, str]:
    """A JSON object of texts."""
    members: dict[str, str] = json.loads(text)
    return members
