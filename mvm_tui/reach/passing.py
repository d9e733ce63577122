"""One request's way through a forwarded port: bodies streamed both ways, WebSockets passed on by frame."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import WSMsgType, web
from yarl import URL

from mvm_tui.model.clock import Clock
from mvm_tui.model.token import AccessToken
from mvm_tui.reach.access import Target
from mvm_tui.reach.answers import MAYBE_REFUSED, Refused, beginning
from mvm_tui.reach.client import machine_proxy
from mvm_tui.reach.headers import subprotocols, to_app, to_client
from mvm_tui.reach.refusals import ERROR_HEADER, from_proxy

CHUNK_BYTES = 262_144
# The service's proxy cuts a WebSocket after about 60 s without a frame (measured by SuperAgent's authors).
HEARTBEAT_SECONDS = 20.0
# Headers of an app's own refusal of a WebSocket that a client can make something of.
_KEPT_OF_REFUSALS = frozenset({"location", "www-authenticate", "retry-after"})

# After one side has closed, the other has so long to do so too.
_CLOSING_SECONDS = 2.0
_NO_BODY = frozenset({204, 304})

Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


@dataclass(slots=True)
class Passage:
    """Carries one request to the app and its answer back.

    Attributes:
        status: Of the answer that is being sent; None as long as none is.
        answered_at: When that began, on the monotonic clock.
        received, sent: Bytes of the bodies, or of the frames' payloads.
    """

    request: web.BaseRequest
    client: aiohttp.ClientSession
    target: Target
    authority: str
    clock: Clock
    status: int | None = None
    answered_at: float = 0.0
    received: int = 0
    sent: int = 0

    async def run(self, token: AccessToken) -> web.StreamResponse:
        """Go there and back.

        Raises:
            Refused: The proxy answered, not the app.
            aiohttp.ClientError, TimeoutError: The app was not reached, or broke off.
        """
        if wants_websocket(self.request):
            return await self._websocket(token)
        return await self._http(token)

    async def _http(self, token: AccessToken) -> web.StreamResponse:
        request, endpoint = self.request, self.target.endpoint
        headers = to_app(request.headers, self.target.headers(token), endpoint, self.authority)
        async with self.client.request(
            request.method,
            self._url(),
            headers=headers,
            data=self._upload() if request.body_exists else None,
            allow_redirects=False,
            proxy=machine_proxy(endpoint),
        ) as upstream:
            start = await beginning(upstream)
            answer = web.StreamResponse(
                status=upstream.status,
                reason=upstream.reason,
                headers=to_client(upstream.headers, endpoint, self.authority),
            )
            if answer.status not in _NO_BODY:
                # An app that names no type leaves it to the browser; aiohttp would name one that is saved.
                answer.headers.setdefault("Content-Type", "")
            await self._begin(answer)
            if start:
                await self._send(answer, start)
            async for chunk in upstream.content.iter_any():
                await self._send(answer, chunk)
            with _client_is_there():
                await answer.write_eof()
            return answer

    async def _begin(self, answer: web.StreamResponse) -> None:
        self.status, self.answered_at = answer.status, self.clock.monotonic()
        with _client_is_there():
            await answer.prepare(self.request)
        self.status = answer.status

    async def _send(self, answer: web.StreamResponse, chunk: bytes) -> None:
        self.sent += len(chunk)
        with _client_is_there():
            await answer.write(chunk)

    async def _upload(self) -> AsyncIterator[bytes]:
        self._have_it_sent()
        async for chunk in self.request.content.iter_chunked(CHUNK_BYTES):
            self.received += len(chunk)
            yield chunk

    def _have_it_sent(self) -> None:
        """Tell a client that asked whether to send its body to do so, unless its answer is under way."""
        request = self.request
        expected = request.headers.get("Expect", "").lower() == "100-continue"
        if expected and self.status is None and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _websocket(self, token: AccessToken) -> web.StreamResponse:
        request, endpoint = self.request, self.target.endpoint
        try:
            app = await self.client.ws_connect(
                self._url(),
                protocols=subprotocols(request.headers),
                headers=to_app(request.headers, self.target.headers(token), endpoint, self.authority),
                autoclose=False,
                heartbeat=HEARTBEAT_SECONDS,
                max_msg_size=0,
                proxy=machine_proxy(endpoint),
            )
        except aiohttp.WSServerHandshakeError as refused:
            return self._not_upgraded(refused)
        try:
            answer = web.WebSocketResponse(
                protocols=[app.protocol] if app.protocol else [],
                autoclose=False,
                heartbeat=HEARTBEAT_SECONDS,
                max_msg_size=0,
                compress=False,
            )
            await self._begin(answer)
            await self._exchange(answer, app)
            return answer
        finally:
            # Without effect where either side has closed; else the client has vanished, or the forward ends.
            await app.close(code=aiohttp.WSCloseCode.GOING_AWAY)

    def _not_upgraded(self, refused: aiohttp.WSServerHandshakeError) -> web.StreamResponse:
        """The app's own refusal or redirect is handed on; the proxy's is raised."""
        headers = dict(refused.headers or {})
        error = next((value for name, value in headers.items() if name.lower() == ERROR_HEADER), "")
        if refused.status in MAYBE_REFUSED and from_proxy(refused.status, error, ""):
            raise Refused(refused.status, error, "") from None
        kept = {name: value for name, value in headers.items() if name.lower() in _KEPT_OF_REFUSALS}
        return web.Response(status=refused.status, headers=kept)

    async def _exchange(self, client: web.WebSocketResponse, app: aiohttp.ClientWebSocketResponse) -> None:
        """Pass frames both ways until both sides have closed."""
        ways = {
            asyncio.create_task(self._frames(client, app, outward=True)),
            asyncio.create_task(self._frames(app, client, outward=False)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(ways, timeout=_CLOSING_SECONDS)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _frames(self, source: Socket, sink: Socket, *, outward: bool) -> None:
        while True:
            message = await source.receive()
            if message.type is WSMsgType.CLOSING:
                # The other way is closing this side, with the code that it was given.
                return
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                await _close(message, source, sink)
                return
            if outward:
                self.received += len(message.data)
            else:
                self.sent += len(message.data)
            if message.type is WSMsgType.TEXT:
                await sink.send_str(message.data)
            else:
                await sink.send_bytes(message.data)

    def _url(self) -> URL:
        """The endpoint with the request's own path and query, as they were sent."""
        # Joined as text: a path that starts with two slashes must not read as another host.
        return URL(self.target.endpoint.url("/" + self.request.raw_path.removeprefix("/")), encoded=True)


@contextmanager
def _client_is_there() -> Iterator[None]:
    """Around what is sent to the client: raises ConnectionResetError, nothing of aiohttp's, if it left."""
    try:
        yield
    except aiohttp.ClientConnectionError:
        raise ConnectionResetError("the client has left") from None


def wants_websocket(request: web.BaseRequest) -> bool:
    return request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket"


async def _close(message: aiohttp.WSMessage, source: Socket, sink: Socket) -> None:
    """Close the other side as this one was closed; one that vanished closes without a reason."""
    if message.type is WSMsgType.CLOSE:
        code = message.data or aiohttp.WSCloseCode.OK
        await sink.close(code=code, message=(message.extra or "").encode())
        await source.close(code=code)
        return
    await sink.close(code=aiohttp.WSCloseCode.GOING_AWAY)
