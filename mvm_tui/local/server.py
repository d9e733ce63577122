"""The local cloud's one HTTP server: who is asked for decides who answers."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mvm_tui.local.api import Api, ApiAnswer, ApiRequest
from mvm_tui.local.control import MAX_BODY, PREFIX, Control
from mvm_tui.local.faulty_streams import CutOff
from mvm_tui.local.guard import Destination, destination, origin_allowed
from mvm_tui.local.sigv4 import SignedRequest
from mvm_tui.local.wire.serialise import ByteStream, WireAnswer

HOST = "127.0.0.1"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TRICKLES = 20
_SECONDS_TO_END = 1.0

# Answers a request that is addressed to a MicroVM's own host name: its uuid and region.
VmProxy = Callable[[web.BaseRequest, str, str], Awaitable[web.StreamResponse]]


class LocalServer:
    """Serves the API, the MicroVMs' endpoints and `/_local/` on one loopback port."""

    def __init__(self, api: Api, control: Control, vm_proxy: VmProxy) -> None:
        self._api = api
        self._control = control
        self._vm_proxy = vm_proxy
        # Bodies stay as they were sent: a signature covers those bytes, and an app decodes its own.
        self._server = web.Server(self._answer, access_log=None, auto_decompress=False, logger=_logger())
        self._runner = web.ServerRunner(self._server, shutdown_timeout=_SECONDS_TO_END)
        self.port = 0

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; 0 takes a free port. Gives the port; OSError when it is taken."""
        await self._runner.setup()
        listener = socket.create_server((HOST, port), backlog=512)
        self.port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener).start()
        return self.port

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._handle(request)
        except (web.RequestPayloadError, ConnectionError):
            # It broke off, or what came is not what its headers say; mostly nobody hears this any more.
            return web.Response(status=400, text="The body of this request cannot be read.\n")

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        where = self._destination(request)
        if where is None:
            return web.Response(status=403, text="This host or origin is not served here.\n")
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(_CONTINUE)
        if where.kind == "vm":
            return await self._vm_proxy(request, where.uuid, where.region)
        if where.kind == "api" and request.raw_path.startswith(PREFIX):
            return await self._controlled(request)
        answer = await self._api.answer(_api_request(request, where.bucket))
        if answer.wire.stream is not None:
            return await _streamed(request, answer.wire, answer.wire.stream)
        if answer.half_sent or answer.trickle_seconds:
            return await _sent_badly(request, answer)
        return _response(answer.wire)

    def _destination(self, request: web.BaseRequest) -> Destination | None:
        hosts = request.headers.getall("Host", [])
        where = destination(hosts, self.port)
        if where is None or not request.raw_path.startswith("/"):
            return None
        return where if origin_allowed(request.headers.getall("Origin", []), hosts[0]) else None

    async def _controlled(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await _read(request, MAX_BODY)
        authorization = request.headers.get("Authorization", "")
        return _response(self._control.answer(request.method, request.raw_path, authorization, body or b""))


def _logger() -> logging.Logger:
    """aiohttp's own, but that rude clients are no news."""
    logger = logging.getLogger("aiohttp.server")
    logger.addFilter(_is_news)
    # It tells which subprotocols were offered, and a token may be among them.
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)
    return logger


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _api_request(request: web.BaseRequest, bucket: str) -> ApiRequest:
    path, _, query = request.raw_path.partition("?")
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name.lower(), []).append(value)

    async def read_body(limit: int) -> bytes | None:
        return await _read(request, limit)

    return ApiRequest(SignedRequest(request.method, path, query, headers), read_body, bucket)


async def _read(request: web.BaseRequest, limit: int) -> bytes | None:
    """The body; None when it is longer than `limit` bytes."""
    if not request.body_exists:
        return b""
    if (request.content_length or 0) > limit:
        return None
    pieces, size = [], 0
    async for piece in request.content.iter_any():
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _response(answer: WireAnswer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


async def _streamed(request: web.BaseRequest, answer: WireAnswer, stream: ByteStream) -> web.StreamResponse:
    """An answer that goes on until its end, or until nobody reads it any more."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    try:
        await response.prepare(request)
        async for piece in stream.pieces:
            await response.write(piece)
    except CutOff:
        if request.transport:
            request.transport.close()
    finally:
        await stream.close()
    return response


async def _sent_badly(request: web.BaseRequest, answer: ApiAnswer) -> web.StreamResponse:
    """An answer that trickles in, or whose connection ends in the middle of it."""
    body = answer.wire.body
    response = web.StreamResponse(status=answer.wire.status, headers=answer.wire.headers)
    response.content_length = len(body)
    await response.prepare(request)
    if answer.half_sent:
        await response.write(body[: len(body) // 2])
        if request.transport:
            request.transport.close()
        return response
    starts = range(0, len(body), len(body) // _TRICKLES + 1)
    for start in starts:
        await asyncio.sleep(answer.trickle_seconds / len(starts))
        await response.write(body[start : start + starts.step])
    return response
