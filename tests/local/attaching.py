"""What tests of shells share: a MicroVM with a real guest behind the proxy, and somebody who types."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.faults import Faults
from mvm_tui.local.processes import Guest
from mvm_tui.local.proxy import EndpointProxy
from mvm_tui.local.shell_door import ShellDoor
from mvm_tui.local.shells import Shells
from mvm_tui.local.state.tokens import Kind, Tokens
from mvm_tui.model.connectors import managed_arn
from tests.local.guests import PATIENCE, Heard, foreground, proc, tree, until

HOUR = timedelta(hours=1)
# With the switch for bracketed paste before it, as bash writes it.
PROMPT = "\x1b[?2004hλ $ ".encode()


@dataclass
class Ingress:
    ingress: tuple[str, ...] = (managed_arn("SHELL_INGRESS", "us-east-1"),)


@dataclass
class Vm:
    """A MicroVM's record around a real guest."""

    guest: Guest
    id: str = "microvm-1"
    state: str = "RUNNING"
    memory_mib: int = 2048
    default_port: int = 8080
    launch: Ingress = field(default_factory=Ingress)
    traffic: int = 0

    @property
    def shells(self) -> Shells:
        assert self.guest.shells is not None
        return self.guest.shells

    def note_traffic(self) -> None:
        self.traffic += 1

    async def touch(self) -> None:
        """It has its guest."""

    async def auto_resume(self) -> bool:
        await self.resume()
        return True

    async def suspend(self) -> None:
        self.state = "SUSPENDED"
        await self.guest.suspend()

    async def resume(self) -> None:
        await self.guest.resume()
        self.state = "RUNNING"


class Typist:
    """Somebody at a shell: types, and waits for what it shows."""

    def __init__(self, socket: ClientConnection, session: str = "") -> None:
        self.socket = socket
        self.session = session
        self.shown = b""

    async def start(self) -> None:
        """Wait for the first frame and the first prompt."""
        self.session = str(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        await self.until(PROMPT)

    async def type(self, text: str | bytes) -> None:
        await self.socket.send(text)

    async def resize(self, columns: int, rows: int) -> None:
        await self.type(json.dumps({"type": "resize", "cols": columns, "rows": rows}))

    async def until(self, marker: str | bytes) -> bytes:
        """What is shown up to and with a marker; fails after `PATIENCE` seconds without it."""
        wanted = marker if isinstance(marker, bytes) else marker.encode()
        async with asyncio.timeout(PATIENCE):
            while wanted not in self.shown:
                frame = await self.socket.recv()
                assert isinstance(frame, bytes)
                self.shown += frame
        before, _, self.shown = self.shown.partition(wanted)
        return before + wanted

    async def run(self, command: str) -> str:
        """Type a command and give what it prints, without colours and line ends."""
        await self.until_quiet()
        await self.type(command + "\n")
        await self.until(command.encode()[-10:] + b"\r\n")
        told = await self.until(PROMPT)
        text = told.removesuffix(PROMPT).decode()
        return text.replace("\x1b[?2004l", "").replace("\r", "").strip()

    async def until_quiet(self) -> None:
        """Take what was shown already."""
        self.shown = b""

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the end; 1006 where the connection was cut without a word."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    self.shown += as_bytes(await self.socket.recv())
                except ConnectionClosed as end:
                    return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")


def as_bytes(frame: str | bytes) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


@dataclass
class Place:
    """One MicroVM behind its proxy, on a clock that the test moves."""

    vm: Vm
    tokens: Tokens
    timing: ManualTiming
    faults: Faults
    port: int

    async def in_foreground(self, program: str) -> int:
        """Wait until a program of this name has its terminal, as it has not at once; its process id."""
        found: list[int] = []

        def look() -> list[int]:
            found[:] = [pid for pid in tree(self.vm.guest) if proc(pid, "comm").strip() == program]
            found[:] = [pid for pid in found if foreground(pid)]
            return found

        await until(look, f"{program} is in the foreground")
        return found[0]

    def token(self, kind: Kind = "shell", *, vm_id: str = "microvm-1") -> str:
        return self.tokens.mint(vm_id, None, kind, HOUR)

    @asynccontextmanager
    async def connected(
        self,
        *,
        path: str = "/shell",
        token: str | None = None,
        offered: tuple[str, ...] | None = None,
        headers: dict[str, str] | None = None,
    ) -> AsyncIterator[ClientConnection]:
        """A bare WebSocket, authenticated by subprotocols unless told otherwise."""
        if offered is None:
            given = self.token() if token is None else token
            offered = ("lambda-microvms", f"lambda-microvms.authentication.{given}")
        async with connect(
            f"ws://127.0.0.1:{self.port}{path}",
            subprotocols=list(offered) or None,  # type: ignore[arg-type]
            additional_headers=headers or {},
            max_size=None,
            ping_interval=None,
            close_timeout=1,
        ) as socket:
            yield socket

    @asynccontextmanager
    async def attached(self) -> AsyncIterator[Typist]:
        """Somebody at the prompt of a new shell."""
        async with self.connected() as socket:
            typist = Typist(socket)
            await typist.start()
            yield typist


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """A MicroVM that sleeps, and its proxy on a free port."""
    timing, faults = ManualTiming(), Faults()
    tokens = Tokens(timing)
    proxy = EndpointProxy(tokens, ShellDoor(timing, faults), faults)
    guest = await Heard().start(("sleep", "1000"), folder / "vm", env={"STAGE": "demo"})
    vm = Vm(guest)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await proxy.handle(request, vm)

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Place(vm, tokens, timing, faults, runner.addresses[0][1])
    finally:
        await runner.cleanup()
        await guest.terminate()
