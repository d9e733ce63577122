"""One request to a MicroVM's app, and its answer as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.token import AccessToken
from mvm_tui.reach.access import PROXY_HEADERS, Access, Target, Tokens
from mvm_tui.reach.answers import Refused, beginning
from mvm_tui.reach.client import machine_proxy, open_client, unreachable
from mvm_tui.reach.limits import Pace, request_rate
from mvm_tui.reach.waking import Waking


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `path` with its query, beginning with a slash; `headers` as the user gave them."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. The body is read once, from `pieces`.

    Attributes:
        headers: As they came, without those of the MicroVM's proxy.
        refusal: What the proxy means, where the answer is its own and not the app's.
        seconds: From sending the request to the first byte of the answer.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    pieces: AsyncIterator[bytes]
    refusal: Problem | None
    seconds: float
    close: Callable[[], None]


class Caller:
    """Sends requests to one target over one client. Use it on one event loop, as a context manager.

    Attributes:
        waking: Whether the MicroVM runs.
        pace: Keeps to the rate of its size; for whoever sends many.
    """

    def __init__(self, target: Target, access: Access, clock: Clock) -> None:
        self.waking = Waking(access, clock)
        self.pace = Pace(request_rate(target.memory_mib).allowed, clock)
        self._target = target
        self._access = access
        self._clock = clock
        self._tokens = Tokens(access.mint, clock)

    async def __aenter__(self) -> Caller:
        self._client = open_client(self._access.ca_file)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        """The answer to one request, asked for again with a new token where its token was not accepted.

        Raises:
            Problem: There is none: not reached, not in time, broken off, no token.
        """
        try:
            async with asyncio.timeout(request.seconds):
                token = await self._tokens.current()
                answer = await self._ask(request, token)
                if answer is None:
                    answer = await self._ask(request, await self._tokens.instead_of(token), last=True)
                assert answer is not None
                try:
                    yield answer
                finally:
                    answer.close()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unreachable(error) from None

    async def _ask(self, request: Request, token: AccessToken, *, last: bool = False) -> Answer | None:
        """The answer; None where another token may get a better one."""
        target = self._target
        began = self._clock.monotonic()
        response = await self._client.request(
            request.method,
            URL(target.endpoint.url("/" + request.path.removeprefix("/")), encoded=True),
            headers=CIMultiDict((*_not_the_proxys(request.headers), *target.headers(token))),
            data=request.body,
            allow_redirects=False,
            proxy=machine_proxy(target.endpoint),
        )
        seconds = self._clock.monotonic() - began
        refusal = None
        try:
            start = await beginning(response)
        except Refused as refused:
            if refused.by_token and not last:
                response.close()
                return None
            start, refusal = refused.text.encode(), refused.problem(target.port)
        headers = _not_the_proxys(response.headers.items())
        reason = response.reason or ""
        return Answer(
            response.status, reason, headers, _pieces(start, response), refusal, seconds, response.close
        )


def _not_the_proxys(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Headers without any that speak to the proxy or come from it."""
    return tuple((name, value) for name, value in headers if not name.lower().startswith(PROXY_HEADERS))


async def _pieces(start: bytes, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    if start:
        yield start
    async for piece in response.content.iter_any():
        yield piece
