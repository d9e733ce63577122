"""The proxy in front of every MicroVM: who may pass, to which port, and what the rest is told.

Texts and statuses of 403 and 502 are the recorded ones; ``x-aws-proxy-error`` values and limits by size are
those measured or published for the live service.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from mvm_tui.local.faults import Faults
from mvm_tui.local.proxy_streams import Passage, wants_websocket
from mvm_tui.local.shell_door import SHELL_PATHS, ShellDoor, ShellHost
from mvm_tui.model.connectors import NO_INGRESS, SHELL_INGRESS, connector_name
from mvm_tui.model.microvm import RUNNING, SUSPENDED, SUSPENDING
from mvm_tui.model.size import Size, size_of

AUTH_HEADER = "X-aws-proxy-auth"
PORT_HEADER = "X-aws-proxy-port"
ERROR_HEADER = "x-aws-proxy-error"
AUTH_SUBPROTOCOL = "lambda-microvms.authentication."
PORT_SUBPROTOCOL = "lambda-microvms.port."

NO_AUTHENTICATION = "Request missing authentication"
WRONG_TOKEN = "Token authentication failed"  # noqa: S105 - the service's text
PORT_DENIED = "Access to port denied"
UNAUTHORIZED = "UNAUTHORIZED"
MICROVM_CONNECT_FAILED = "MICROVM_CONNECT_FAILED"
APP_CONNECT_FAILED = "APP_CONNECT_FAILED"

JWE_PARTS = 5
REQUESTS_PER_PEAK_VCPU = 10
CONNECTIONS_PER_PEAK_VCPU = 8
MANY_VMS = 1000


class Grant(Protocol):
    """What a token allows, as `mvm_tui.local.state.tokens` keeps it."""

    @property
    def microvm_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    def allows_port(self, port: int) -> bool: ...


class Tokens(Protocol):
    """Knows what a token grants now; `None` for an expired one and for any other text."""

    def check(self, token: str) -> Grant | None: ...


class Inside(Protocol):
    """The part of a guest that traffic needs."""

    @property
    def shells(self) -> ShellHost | None: ...
    def address_of(self, guest_port: int) -> tuple[str, int] | None: ...


class LaunchedWith(Protocol):
    """The part of a launch that traffic needs."""

    @property
    def ingress(self) -> Sequence[str]: ...


class Record(Protocol):
    """One MicroVM, as far as its traffic goes."""

    @property
    def id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def memory_mib(self) -> int: ...
    @property
    def default_port(self) -> int: ...
    @property
    def launch(self) -> LaunchedWith: ...
    @property
    def guest(self) -> Inside | None: ...
    def note_traffic(self) -> None: ...
    async def touch(self) -> None: ...
    async def auto_resume(self) -> bool: ...


Carry = Callable[[Inside], Awaitable[web.StreamResponse | None]]


class EndpointProxy:
    """Answers for the endpoints of all MicroVMs of one cloud."""

    def __init__(self, tokens: Tokens, shells: ShellDoor, faults: Faults) -> None:
        self._tokens = tokens
        self._shells = shells
        self._faults = faults
        self._loads: dict[str, Load] = {}

    async def handle(self, request: web.BaseRequest, record: Record | None) -> web.StreamResponse:
        """Answer a request to a MicroVM's host name.

        :param record: the MicroVM the host name belongs to, ended ones included; `None` for an unknown name.
        """
        pass_ = _credentials(request)
        if pass_.token.count(".") != JWE_PARTS - 1:
            return _unauthorized(NO_AUTHENTICATION)
        grant = self._tokens.check(pass_.token)
        if grant is None or record is None or grant.microvm_id != record.id:
            return _unauthorized(WRONG_TOKEN)
        port = _port(pass_.port)
        if port is None:
            return web.Response(status=400)
        if grant.kind == "shell":
            return await self._admit_to_shell(request, record)
        if _refuses_http(record) or (pass_.port is not None and not grant.allows_port(port)):
            return web.Response(status=403, text=PORT_DENIED)
        return await self._admit_to_app(request, record, port or record.default_port)

    async def _admit_to_app(self, request: web.BaseRequest, record: Record, port: int) -> web.StreamResponse:
        async def carry(guest: Inside) -> web.StreamResponse | None:
            address = guest.address_of(port)
            if address is None:
                return _failed(APP_CONNECT_FAILED)
            record.note_traffic()
            return await Passage(request, address, record.note_traffic, lambda: _carries(record)).run()

        return await self._admit(record, carry)

    async def _admit_to_shell(self, request: web.BaseRequest, record: Record) -> web.StreamResponse:
        """A shell's token opens nothing but the shell: a plain request gets the empty 502 that was seen."""
        if not wants_websocket(request) or request.path not in SHELL_PATHS:
            return _failed(APP_CONNECT_FAILED)
        refused = self._faults.refuse_shell(record.id)
        if refused is not None:
            return _refused(refused)

        async def carry(guest: Inside) -> web.StreamResponse | None:
            if guest.shells is None:
                return None
            record.note_traffic()
            return await self._shells.attach(request, record.id, guest.shells, record.note_traffic)

        return await self._admit(record, carry)

    async def _admit(self, record: Record, carry: Carry) -> web.StreamResponse:
        """Carry a request that may pass, if the MicroVM takes one more and runs, or wakes up for it."""
        load = self._load(record)
        if not load.enter():
            return web.Response(status=429)
        try:
            if not await _awake(record):
                return _failed(MICROVM_CONNECT_FAILED)
            answer = await carry(record.guest) if record.guest else None
            return answer or _failed(APP_CONNECT_FAILED if _carries(record) else MICROVM_CONNECT_FAILED)
        finally:
            load.leave()

    def _load(self, record: Record) -> Load:
        load = self._loads.get(record.id)
        if load is None:
            if len(self._loads) >= MANY_VMS:
                self._loads = {key: each for key, each in self._loads.items() if each.open}
            load = self._loads[record.id] = Load.of(size_of(record.memory_mib))
        return load


@dataclass(slots=True)
class Load:
    """The traffic of one MicroVM against the limits of its size, which are those of its peak vCPUs."""

    connections: int
    per_second: int
    open: int = 0
    credit: float = 0.0
    counted_at: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, size: Size) -> Load:
        """The published figures; for other sizes 8 connections and 10 requests/s per vCPU."""
        connections = size.connections or max(1, round(CONNECTIONS_PER_PEAK_VCPU * size.peak_vcpu))
        per_second = size.requests_per_second or max(1, round(REQUESTS_PER_PEAK_VCPU * size.peak_vcpu))
        return cls(connections, per_second, credit=float(per_second))

    def enter(self) -> bool:
        """Count a request in; false where it is one too many."""
        now = time.monotonic()
        self.credit = min(float(self.per_second), self.credit + (now - self.counted_at) * self.per_second)
        self.counted_at = now
        if self.open >= self.connections or self.credit < 1:
            return False
        self.credit -= 1
        self.open += 1
        return True

    def leave(self) -> None:
        """Count a request out."""
        self.open -= 1


@dataclass(frozen=True, slots=True)
class _Pass:
    token: str
    port: str | None


def _credentials(request: web.BaseRequest) -> _Pass:
    """Token and port of a request: headers, or the subprotocols that a browser's WebSocket can send."""
    offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]

    def offer(prefix: str) -> str | None:
        return next((part.removeprefix(prefix) for part in offered if part.startswith(prefix)), None)

    token = request.headers.get(AUTH_HEADER) or offer(AUTH_SUBPROTOCOL) or ""
    return _Pass(token, request.headers.get(PORT_HEADER) or offer(PORT_SUBPROTOCOL))


def _port(text: str | None) -> int | None:
    """The port asked for, 0 where none is, `None` where it is no port."""
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        return None
    port = int(text)
    return port if 0 < port < 1 << 16 else None


def _refuses_http(record: Record) -> bool:
    names = {connector_name(arn) for arn in record.launch.ingress}
    return names <= {NO_INGRESS, SHELL_INGRESS}


async def _awake(record: Record) -> bool:
    """Have the MicroVM running, if its state and policy allow it; the request waits meanwhile."""
    if record.state in (SUSPENDED, SUSPENDING):
        return await record.auto_resume()
    if record.state != RUNNING:
        return False
    await record.touch()
    return True


def _carries(record: Record) -> bool:
    """Whether open streams live on: they end with the suspension or the MicroVM."""
    return record.state == RUNNING


def _unauthorized(text: str) -> web.Response:
    return web.Response(status=403, text=text, headers={ERROR_HEADER: UNAUTHORIZED})


def _refused(status: int) -> web.Response:
    """What a fault refuses an upgrade with, as the service words such a status."""
    if status == 403:
        return _unauthorized(WRONG_TOKEN)
    return _failed(MICROVM_CONNECT_FAILED) if status == 502 else web.Response(status=status)


def _failed(error: str) -> web.Response:
    return web.Response(status=502, headers={ERROR_HEADER: error})
