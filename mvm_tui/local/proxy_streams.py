"""One request's way through the proxy: bodies streamed both ways, WebSockets passed on frame by frame."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import aiohttp
from aiohttp import WSMsgType, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from mvm_tui.model.http_headers import HOP_BY_HOP, connection_options

CHECK_SECONDS = 1.0
CHUNK_BYTES = 65536
CONNECT_SECONDS = 10.0
# Measured on the live service: a WebSocket without any frame is cut after about this long.
QUIET_WEBSOCKET_SECONDS = 60.0
# The proxy's own headers, and those of one WebSocket handshake: both may hold the token.
OWN_PREFIXES = ("x-aws-proxy-", "sec-websocket-")
OWN_SUBPROTOCOL = "lambda-microvms"

ANSWERED_HERE = frozenset({"expect"})
PASSED_REFUSED = ("Location", "WWW-Authenticate", "Retry-After")
AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
GoneErrors = (aiohttp.ClientError, web.RequestPayloadError, ConnectionError, TimeoutError)


class Passage:
    """Carries one request to the app and its answer back.

    :param address: where the app listens.
    :param note_traffic: is called for every piece of a body or frame.
    :param carries: whether the MicroVM still runs; streams are dropped, not ended, when it does not.
    """

    def __init__(
        self,
        request: web.BaseRequest,
        address: tuple[str, int],
        note_traffic: Callable[[], None],
        carries: Callable[[], bool],
    ) -> None:
        self._request = request
        self._address = address
        self._note_traffic = note_traffic
        self._carries = carries
        self._answer: web.StreamResponse | None = None
        self._quiet_since: float | None = None

    async def run(self) -> web.StreamResponse | None:
        """The answer, sent already; `None` if the app was not reached or broke off before it answered."""
        work = self._upgrade() if wants_websocket(self._request) else self._http()
        task = asyncio.get_running_loop().create_task(work)
        try:
            while not (await asyncio.wait({task}, timeout=CHECK_SECONDS))[0]:
                if not self._alive():
                    task.cancel()
                    return self._broken_off()
            with suppress(*GoneErrors):
                task.result()
                return self._answer
            return self._broken_off()
        finally:
            task.cancel()

    def _alive(self) -> bool:
        transport = self._request.transport
        if transport is None or transport.is_closing() or not self._carries():
            return False
        now = asyncio.get_running_loop().time()
        return self._quiet_since is None or now - self._quiet_since < QUIET_WEBSOCKET_SECONDS

    def _broken_off(self) -> web.StreamResponse | None:
        """An answer under way must not look complete: its connection is cut."""
        if self._answer is not None and self._request.transport is not None:
            self._request.transport.abort()
        return self._answer

    async def _http(self) -> None:
        request = self._request
        async with (
            _session() as session,
            session.request(
                request.method,
                self._url(),
                headers=_forwarded(request.headers),
                data=self._upload() if request.body_exists else None,
                skip_auto_headers=AUTOMATIC,
                allow_redirects=False,
            ) as upstream,
        ):
            answer = web.StreamResponse(
                status=upstream.status, reason=upstream.reason, headers=_forwarded(upstream.headers)
            )
            self._answer = answer
            await answer.prepare(request)
            self._note_traffic()
            async for chunk in upstream.content.iter_any():
                self._note_traffic()
                await answer.write(chunk)
            await answer.write_eof()

    async def _upload(self) -> AsyncIterator[bytes]:
        async for chunk in self._request.content.iter_chunked(CHUNK_BYTES):
            self._note_traffic()
            yield chunk

    async def _upgrade(self) -> None:
        try:
            await self._websocket()
        except aiohttp.WSServerHandshakeError as refused:
            headers = {
                name: value for name, value in (refused.headers or {}).items() if name in PASSED_REFUSED
            }
            self._answer = web.Response(status=refused.status, headers=headers)

    async def _websocket(self) -> None:
        request = self._request
        offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        ours = OWN_SUBPROTOCOL in offered
        wanted = [part for part in offered if part and not part.startswith(OWN_SUBPROTOCOL)]
        stay = aiohttp.TraceConfig()
        stay.on_request_redirect.append(_refuse_redirect)
        async with (
            _session(stay) as session,
            session.ws_connect(
                self._url(),
                protocols=wanted,
                headers=_forwarded(request.headers),
                autoping=False,
                autoclose=False,
                max_msg_size=0,
            ) as app,
        ):
            chosen = app.protocol or (OWN_SUBPROTOCOL if ours else None)
            client = web.WebSocketResponse(
                protocols=[chosen] if chosen else [],
                autoping=False,
                autoclose=False,
                max_msg_size=0,
                compress=False,
            )
            self._answer = client
            await client.prepare(request)
            await self._exchange(client, app)

    async def _exchange(self, client: web.WebSocketResponse, app: aiohttp.ClientWebSocketResponse) -> None:
        """Pass frames both ways until either side has closed."""
        self._heard()
        ways = {
            asyncio.create_task(self._pass_frames(client, app)),
            asyncio.create_task(self._pass_frames(app, client)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_frames(self, source: Socket, sink: Socket) -> None:
        while True:
            message = await source.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                await _pass_close(message, source, sink)
                return
            self._heard()
            match message.type:
                case WSMsgType.TEXT:
                    await sink.send_str(message.data)
                case WSMsgType.BINARY:
                    await sink.send_bytes(message.data)
                case WSMsgType.PING:
                    await sink.ping(message.data)
                case WSMsgType.PONG:
                    await sink.pong(message.data)

    def _heard(self) -> None:
        self._quiet_since = asyncio.get_running_loop().time()
        self._note_traffic()

    def _url(self) -> URL:
        """The app's address with the request's own path and query, as they were sent."""
        app = URL.build(scheme="http", host=self._address[0], port=self._address[1])
        target = self._request.raw_path
        # Joined as text: a path that starts with two slashes must not read as another host.
        return URL(str(app) + "/" + target.removeprefix("/"), encoded=True)


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _pass_close(message: aiohttp.WSMessage, source: Socket, sink: Socket) -> None:
    """Close the other side as this one was closed; one that vanished closes without a code."""
    if message.type is WSMsgType.CLOSE:
        code = message.data or aiohttp.WSCloseCode.OK
        reason = (message.extra or "").encode()
        await sink.close(code=code, message=reason)
        await source.close(code=code)
        return
    await sink.close(code=aiohttp.WSCloseCode.GOING_AWAY)


async def _refuse_redirect(
    _session: aiohttp.ClientSession, _context: object, redirect: aiohttp.TraceRequestRedirectParams
) -> None:
    """Leave a redirect to the caller: the client follows one when it opens a WebSocket, and has no switch."""
    answer = redirect.response
    raise aiohttp.WSServerHandshakeError(
        answer.request_info, answer.history, status=answer.status, headers=answer.headers
    )


def _session(*traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """A client that adds nothing of its own and keeps no connection: the next may be another MicroVM's."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        trace_configs=list(traces),
    )


def wants_websocket(request: web.BaseRequest) -> bool:
    """Whether a request asks for an upgrade to a WebSocket."""
    return request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket"


def _forwarded(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers that go on: not those of one connection, not the proxy's own."""
    dropped = HOP_BY_HOP | ANSWERED_HERE | connection_options(headers.getall("Connection", []))
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in dropped and not name.lower().startswith(OWN_PREFIXES)
    )
