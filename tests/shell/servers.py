"""Endpoints of shells over loopback, some of them odd, and a service that is handed to sessions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from mvm_tui.model.microvm import RUNNING, Details, Microvm
from mvm_tui.model.token import AUTH_HEADER, AccessToken
from mvm_tui.shell.protocol import AUTH_SUBPROTOCOL, SUBPROTOCOL
from mvm_tui.shell.session import Access, ShellOptions, ShellSession
from mvm_tui.shell.states import Closed, Event, NewShell, Open, State, StateChanged

VM_ID = "microvm-00000000-0000-0000-0000-000000000001"
SHELL = "arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:SHELL_INGRESS"
ALL = SHELL.replace("SHELL_INGRESS", "ALL_INGRESS")
HTTP = SHELL.replace("SHELL_INGRESS", "HTTP_INGRESS")
INIT = json.dumps({"type": "session_init", "session_id": "5e55"})
PATIENCE = 10.0

Handler = Callable[[ServerConnection], Awaitable[None]]


@dataclass
class Server:
    """What the endpoint does, and what reached it. Change `handler` and `refuse` at any time."""

    handler: Handler
    refuse: Callable[[Request], Response | None] = lambda request: None
    # Whether it names the subprotocol that it chose, and which.
    echo: bool = True
    chooses: str = SUBPROTOCOL
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    received: list[str | bytes] = field(default_factory=list)
    connections: list[ServerConnection] = field(default_factory=list)
    pings: int = 0

    @property
    def endpoint(self) -> str:
        """A name under .localhost, as the local cloud gives them: no resolver knows it."""
        return f"vm-1.lambda-microvm.us-east-1.localhost:{self.port}"

    @property
    def typed(self) -> bytes:
        return b"".join(message for message in self.received if isinstance(message, bytes))

    @property
    def control(self) -> list[str]:
        return [message for message in self.received if isinstance(message, str)]

    def offers(self) -> list[list[str]]:
        """The subprotocols of each request."""
        asked = [request.headers.get("Sec-WebSocket-Protocol", "") for request in self.requests]
        return [[name.strip() for name in names.split(",") if name.strip()] for names in asked]


@asynccontextmanager
async def endpoint(handler: Handler, *, waiting: int | None = 16) -> AsyncIterator[Server]:
    """A server while the block runs.

    :param waiting: frames that may wait for the handler before the socket is not read; None for any number.
    """
    server = Server(handler)

    async def serve_one(connection: ServerConnection) -> None:
        server.connections.append(connection)
        await server.handler(connection)

    def check(connection: ServerConnection, request: Request) -> Response | None:
        server.requests.append(request)
        return server.refuse(request)

    class Counted(ServerConnection):
        def process_event(self, event: Request | Response | Frame) -> None:
            server.pings += isinstance(event, Frame) and event.opcode is Opcode.PING
            super().process_event(event)

    def choose(connection: ServerConnection, offered: object) -> str | None:
        return server.chooses if server.echo and offered else None

    async with serve(
        serve_one,
        "127.0.0.1",
        0,
        process_request=check,
        create_connection=Counted,
        select_subprotocol=choose,  # type: ignore[arg-type]  # it may return any text
        compression=None,
        close_timeout=1,
        max_queue=waiting,
    ) as listening:
        server.port = next(iter(listening.sockets)).getsockname()[1]
        yield server


def echoing(server_of: Callable[[], Server], *, init: str | None = INIT) -> Handler:
    """A shell that repeats what is typed; it exits at ``exit``, and drops at ``drop``."""

    async def handle(connection: ServerConnection) -> None:
        if init is not None:
            await connection.send(init)
        async for message in connection:
            server_of().received.append(message)
            if message == b"exit\r":
                await connection.close(1000, "shell exited")
            elif message == b"drop\r":
                connection.transport.abort()
            elif isinstance(message, bytes):
                await connection.send(message)

    return handle


@asynccontextmanager
async def echo_endpoint(init: str | None = INIT) -> AsyncIterator[Server]:
    """An endpoint with an `echoing` shell."""
    holder: list[Server] = []
    async with endpoint(echoing(lambda: holder[0], init=init)) as server:
        holder.append(server)
        yield server


def refusal(status: int, error: str = "", text: str = "") -> Response:
    """An answer that is no upgrade."""
    headers = Headers({"Content-Length": str(len(text.encode()))})
    if error:
        headers["x-aws-proxy-error"] = error
    return Response(status, "", headers, text.encode())


@dataclass
class Service:
    """What a session is handed instead of AWS: one MicroVM, and tokens that count."""

    vm: Microvm
    minted: int = 0
    fresh: list[bool] = field(default_factory=list)
    resumed: int = 0
    problem: Exception | None = None

    def mint(self, vm_id: str, *, fresh: bool) -> AccessToken:
        self.minted += 1
        self.fresh.append(fresh)
        return token(f"token-{self.minted}")

    def look(self, vm_id: str) -> Microvm:
        if self.problem is not None:
            raise self.problem
        return self.vm

    def resume(self, vm_id: str) -> None:
        self.resumed += 1
        self.vm = self.vm.with_state(RUNNING)

    def become(self, state: str) -> None:
        self.vm = self.vm.with_state(state)

    def access(self, *, resume: bool = False) -> Access:
        return Access(self.mint, self.look, self.resume if resume else None)


async def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for a condition; fail if it does not come true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited {seconds:g} s"
        await asyncio.sleep(0.005)


def token(secret: str, minutes: float = 15) -> AccessToken:
    return AccessToken(((AUTH_HEADER, secret),), datetime.now(UTC) + timedelta(minutes=minutes))


def a_vm(
    endpoint: str, state: str = RUNNING, *, age: float = 3_600, ingress: tuple[str, ...] = (SHELL,)
) -> Microvm:
    """A MicroVM that started `age` seconds ago and may run for eight hours."""
    started = datetime.now(UTC) - timedelta(seconds=age)
    details = Details(endpoint, 28_800, None, ingress=ingress)
    return Microvm(VM_ID, state, "arn:aws:lambda:us-east-1:0:microvm-image:web", "1.0", started, details)


def ending_in(vm: Microvm, minutes: float) -> Microvm:
    """The same with its hard end that near."""
    started = datetime.now(UTC) - timedelta(seconds=28_800) + timedelta(minutes=minutes)
    return replace(vm, started_at=started)


class Attached:
    """A session with what it said and what was received."""

    def __init__(
        self, service: Service, options: ShellOptions | None = None, *, resume: bool = False
    ) -> None:
        self.service = service
        self.events: list[Event] = []
        self.output = b""
        self.new_shells: list[NewShell] = []
        options = options or ShellOptions(watch_seconds=0)
        access = service.access(resume=resume)
        self.session = ShellSession(VM_ID, access, options=options, on_event=self.events.append)

    @property
    def states(self) -> list[State]:
        return [event.state for event in self.events if isinstance(event, StateChanged)]

    async def read_all(self) -> None:
        async for piece in self.session:
            if isinstance(piece, NewShell):
                self.new_shells.append(piece)
            else:
                self.output += piece

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait for a condition; fail with what was said if it does not come true."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, (self.events[-6:], self.output[-200:])
            await asyncio.sleep(0.005)

    async def until_open(self, shell: int = 1) -> None:
        await self.until(lambda: isinstance(self.session.state, Open) and self.session.state.shell == shell)

    async def until_closed(self) -> Closed:
        await self.until(lambda: isinstance(self.session.state, Closed))
        assert isinstance(self.session.state, Closed)
        return self.session.state


@asynccontextmanager
async def attached(
    service: Service, options: ShellOptions | None = None, *, resume: bool = False, reading: bool = True
) -> AsyncIterator[Attached]:
    """A session that has begun, its output read unless `reading` is false."""
    one = Attached(service, options, resume=resume)
    one.session.start(100, 30)
    reader = asyncio.create_task(one.read_all()) if reading else None
    try:
        yield one
    finally:
        await one.session.close()
        if reader is not None:
            await asyncio.wait_for(reader, PATIENCE)


def auth_of(request: Request) -> str:
    """The token that a request offered as a subprotocol."""
    names = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    return next((n.strip().removeprefix(AUTH_SUBPROTOCOL) for n in names if AUTH_SUBPROTOCOL in n), "")
