"""A port of this machine that leads to a MicroVM's app, for browsers and any other client.

It listens on loopback, answers to its own random name only, adds the token, and keeps the MicroVM's rate::

    async with Forward(target, access, clock) as forward:
        print(forward.url)          # http://<random>.localhost:PORT/
        await stopped.wait()
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Conflict, Denied, Problem, Throttled, Unexpected
from mvm_tui.reach import guard
from mvm_tui.reach.access import Access, Target, Tokens
from mvm_tui.reach.answers import Refused
from mvm_tui.reach.client import HEADER_BYTES, open_client, unreachable
from mvm_tui.reach.limits import Pace, RequestRate, request_rate
from mvm_tui.reach.listening import loopback_sockets
from mvm_tui.reach.passing import Passage
from mvm_tui.reach.traffic import Exchange, Traffic
from mvm_tui.reach.waking import Waking

# Longer than this no client is held back: it is told to come again.
LONGEST_WAIT = 10.0
# What is under way when the forward ends has so long to end too.
_ENDING_SECONDS = 0.5
_HTTP_PORT = 80

_log = logging.getLogger(__name__)


class Forward:
    """One forwarded port. Use it on one event loop, as a context manager.

    Attributes:
        target: Where it leads.
        traffic: What went through it.
        rate: The requests a second that it lets through.
        waking: Whether the MicroVM runs.
        port: Where it listens on this machine; 0 until it does.
        authority: Its name with the port, as clients have it in ``Host``; empty until it listens.
    """

    def __init__(
        self,
        target: Target,
        access: Access,
        clock: Clock,
        *,
        local_port: int = 0,
        traffic: Traffic | None = None,
    ) -> None:
        """`local_port` 0 takes one that is free."""
        self.target = target
        self.traffic = traffic or Traffic()
        self.rate: RequestRate = request_rate(target.memory_mib)
        self._access = access
        self._clock = clock
        self._wanted_port = local_port
        self._tokens = Tokens(access.mint, clock)
        self._pace = Pace(self.rate.allowed, clock)
        self._name = guard.random_name()
        self.waking = Waking(access, clock)
        self.port = 0
        self.authority = ""

    @property
    def url(self) -> str:
        """Where the app answers now; whoever has it can use the app."""
        return f"http://{self.authority}/"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            Problem: The token cannot be minted, or the port is taken.
        """
        await self._tokens.current()
        self._client = open_client(self._access.ca_file)
        self._runner = web.ServerRunner(
            self._server(), handle_signals=False, shutdown_timeout=_ENDING_SECONDS
        )
        try:
            await self._runner.setup()
            for listener in loopback_sockets(self._wanted_port):
                await web.SockSite(self._runner, listener).start()
        except OSError as error:
            await self._close()
            why = error.strerror or type(error).__name__
            fix = "Name another --local-port, or none: then one that is free is taken."
            raise Unexpected(f"Port {self._wanted_port} cannot be listened on.", why, fix) from None
        self.port = self._runner.addresses[0][1]
        # Clients leave the port out where it is that of HTTP.
        self.authority = self._name if self.port == _HTTP_PORT else f"{self._name}:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._client.close()

    def _server(self) -> web.Server:
        """A server that passes bodies as they are, and ends what it does for a client that has left."""
        # It tells on stderr which subprotocols a client offered: they may hold secrets of the client's.
        logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)
        return web.Server(
            self._handle,
            access_log=None,
            logger=_quiet_log(),
            handler_cancellation=True,
            auto_decompress=False,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
        )

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        refused = guard.refusal(self.authority, request.raw_path, request.headers)
        if refused:
            return web.Response(status=403, text=f"mvm-tui: {refused}\n")
        return await _Errand(self, request).run()

    async def pace(self) -> float:
        """Wait for the next turn; the seconds waited. Raises Throttled where that would be too long."""
        if self._pace.backlog > LONGEST_WAIT:
            raise Throttled(
                "Too many requests wait for the MicroVM.",
                f"It is sent {self.rate.words}.",
                "Send fewer at a time, or use a larger size.",
            )
        return await self._pace.turn()

    async def pass_on(self, passage: Passage) -> web.StreamResponse:
        """Carry a request over, a second time where its token was not accepted. Raises Problem."""
        token = await self._tokens.current()
        try:
            try:
                return await passage.run(token)
            except Refused as refused:
                if not refused.by_token:
                    raise
                if passage.request.body_exists:
                    # Its body is gone and cannot be sent again: the next request gets the new token.
                    self._tokens.forget(token)
                    raise
            return await passage.run(await self._tokens.instead_of(token))
        except Refused as refused:
            raise refused.problem(self.target.port) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unreachable(error) from None

    def passage(self, request: web.BaseRequest) -> Passage:
        return Passage(request, self._client, self.target, self.authority, self._clock)

    @property
    def clock(self) -> Clock:
        return self._clock


class _Errand:
    """One request, from when it came until its exchange is noted."""

    def __init__(self, forward: Forward, request: web.BaseRequest) -> None:
        self._forward = forward
        self._request = request
        self._passage = forward.passage(request)
        self._began = forward.clock.monotonic()
        self._waited = 0.0

    async def run(self) -> web.StreamResponse:
        self._forward.traffic.begin()
        status: int | None = None
        problem: Problem | None = None
        try:
            answer = await self._go()
            status = answer.status
            return answer
        except Problem as failure:
            problem = failure
            told = self._told(failure)
            status = told.status
            return told
        finally:
            self._note(status, problem)

    async def _go(self) -> web.StreamResponse:
        await self._forward.waking.awake()
        self._waited = await self._forward.pace()
        return await self._forward.pass_on(self._passage)

    def _told(self, problem: Problem) -> web.StreamResponse:
        """The problem as an answer. One that was under way must not look complete: its connection is cut."""
        if self._passage.status is not None:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionResetError(problem.what)
        status = next((status for kind, status in _STATUSES if isinstance(problem, kind)), 502)
        headers = {"Retry-After": "1"} if status == 429 else None
        return web.Response(status=status, text=f"mvm-tui: {problem}\n", headers=headers)

    def _note(self, status: int | None, problem: Problem | None) -> None:
        passage, clock = self._passage, self._forward.clock
        ended = passage.answered_at if passage.status is not None else clock.monotonic()
        self._forward.traffic.add(
            Exchange(
                at=clock.now(),
                method=self._request.method,
                path=self._request.raw_path,
                status=status,
                seconds=ended - self._began,
                waited=self._waited,
                received=passage.received,
                sent=passage.sent,
                problem=problem,
            )
        )


def _quiet_log() -> logging.Logger:
    """Our own, without clients that speak no HTTP: aiohttp quotes what they sent."""
    _log.addFilter(_is_news)
    return _log


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


# What a problem is called in HTTP; anything else is a bad gateway.
_STATUSES = ((Denied, 403), (Throttled, 429), (Conflict, 503))
