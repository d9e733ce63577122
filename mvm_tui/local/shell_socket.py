"""One attached shell: a terminal's bytes over a WebSocket, and the ways in which that ends.

What the live service does was measured by its users: a WebSocket without any frame is cut after about 60 s;
a suspension drops the connection, but the client notices up to 57 s later; the shell's own end closes with
1000 and a reason. A dropped connection is cut without a close frame, which clients report as 1006.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from mvm_tui.local.shell_protocol import Resize, parse_text, session_init

if TYPE_CHECKING:
    from mvm_tui.local.clock import Handle, Timing
    from mvm_tui.local.faults import Fault
    from mvm_tui.local.shells import Shell

QUIET_SECONDS = 60.0
# In the service's time, as the states around a suspension are.
LATE_DROP_SECONDS = 57.0
# No limit of the service is recorded; what is longer is closed with 1009.
MAX_FRAME_BYTES = 1 << 20
# Typed bytes that may wait for the guest's terminal while frames are still read: pings are answered, and a
# client that leaves is noticed. Beyond them the client is held up, and only its quiet tells that it has left.
TYPED_BYTES = 1 << 20
CLOSE_SECONDS = 5.0
SHELL_EXITED = b"shell exited"
SUBPROTOCOL = "lambda-microvms"

_SLOW_PIECES_PER_SECOND = 10
_LOST = (ConnectionError, RuntimeError)


class ShellSocket:
    """Carries one shell over one WebSocket.

    :param note_traffic: is called for every frame that carries something; pings do not.
    """

    def __init__(self, shell: Shell, timing: Timing, note_traffic: Callable[[], None]) -> None:
        self._shell = shell
        self._timing = timing
        self._note_traffic = note_traffic
        self._socket = web.WebSocketResponse(
            protocols=[SUBPROTOCOL],
            timeout=CLOSE_SECONDS,
            autoping=False,
            max_msg_size=MAX_FRAME_BYTES,
            compress=False,
        )
        self._dropped = asyncio.Event()
        self._passes = asyncio.Event()
        self._passes.set()
        self._bytes_per_second = 0.0
        self._typed: deque[Resize | bytes] = deque()
        self._typed_bytes = 0
        self._typed_changed = asyncio.Condition()
        self._heard_at = 0.0
        self._timers: dict[str, Handle] = {}
        self.lives_on = False

    async def run(self, request: web.BaseRequest) -> web.WebSocketResponse:
        """Upgrade the request and stay until either side, or the MicroVM, ends it.

        Afterwards `lives_on` says whether the shell outlives the connection.
        """
        self._shell.on_freeze, self._shell.on_thaw = self._freeze, self._thaw
        await self._socket.prepare(request)
        self._heard()
        self._look_at_quiet()
        work = (self._output(), self._input(), self._dropped.wait(), self._type())
        ways = [asyncio.ensure_future(way) for way in work]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for timer in self._timers.values():
                timer.cancel()
            for way in ways:
                way.cancel()
            results = await asyncio.gather(*ways, return_exceptions=True)
        if results[0] is True:
            with suppress(*_LOST):
                await self._socket.close(code=1000, message=SHELL_EXITED)
        elif request.transport is not None and not self._socket.closed:
            request.transport.abort()
        return self._socket

    def drop(self) -> None:
        """Cut the connection without a word."""
        self._dropped.set()

    def trouble(self, faults: Mapping[str, Fault]) -> None:
        """From now on these faults hold for this shell, and no others."""
        self._drop_timers("drop", "stall")
        self._passes.set()
        self._bytes_per_second = faults["shell-slow"].value if "shell-slow" in faults else 0.0
        loop = asyncio.get_running_loop()
        if "shell-stall" in faults:
            self._passes.clear()
            if seconds := faults["shell-stall"].value:
                self._timers["stall"] = loop.call_later(seconds, self._passes.set)
        if "shell-drop" in faults:
            self._timers["drop"] = loop.call_later(faults["shell-drop"].value, self.drop)

    def _freeze(self) -> None:
        """The MicroVM is suspended: nothing passes any more, but the client is told late."""
        self.lives_on = True
        self._timers["late"] = self._timing.call_later(LATE_DROP_SECONDS, self.drop)

    def _thaw(self) -> None:
        """The MicroVM was resumed. Its memory came back, its connections did not."""
        self.drop()

    async def _output(self) -> bool:
        """Pass on what the terminal shows; True when the shell has ended, False when it was lost."""
        await self._socket.send_str(session_init())
        while data := await self._shell.terminal.read():
            async for piece in self._slowly(data):
                await self._passes.wait()
                if self.lives_on:
                    await self._dropped.wait()
                await self._socket.send_bytes(piece)
                self._heard()
                self._note_traffic()
        return await asyncio.shield(self._shell.ended) is not None

    async def _input(self) -> None:
        """Take the client's frames until it closes or is gone."""
        while True:
            message = await self._socket.receive()
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG):
                return
            await self._passes.wait()
            if self.lives_on:
                # What is sent to a suspended MicroVM is lost with the connection.
                continue
            self._heard()
            match message.type:
                case WSMsgType.PING:
                    await self._socket.pong(message.data)
                case WSMsgType.TEXT:
                    await self._take(parse_text(message.data))
                case WSMsgType.BINARY:
                    await self._take(message.data)

    async def _take(self, what: Resize | bytes) -> None:
        """Keep what the client sent until it is its turn; waits while too much is kept."""
        self._note_traffic()
        async with self._typed_changed:
            await self._typed_changed.wait_for(lambda: self._typed_bytes < TYPED_BYTES)
            self._typed.append(what)
            self._typed_bytes += _weight(what)
            self._typed_changed.notify_all()

    async def _type(self) -> None:
        """Hand on what the client sent, in its order, as fast as the guest's terminal takes it."""
        while True:
            async with self._typed_changed:
                await self._typed_changed.wait_for(lambda: self._typed)
                what = self._typed.popleft()
            if isinstance(what, Resize):
                self._shell.terminal.resize(what.columns, what.rows)
            else:
                async for piece in self._slowly(what):
                    await self._shell.terminal.write(piece)
            async with self._typed_changed:
                self._typed_bytes -= _weight(what)
                self._typed_changed.notify_all()

    async def _slowly(self, data: bytes) -> AsyncIterator[bytes]:
        """The data in the pieces, and at the pace, of the link."""
        while data:
            speed = self._bytes_per_second
            size = max(1, int(speed / _SLOW_PIECES_PER_SECOND)) if speed else len(data)
            piece, data = data[:size], data[size:]
            yield piece
            # Even a fast link lets the rest of the cloud have its turn: sending to a fast reader never waits.
            await asyncio.sleep(len(piece) / speed if speed else 0)

    def _heard(self) -> None:
        self._heard_at = self._timing.monotonic()

    def _look_at_quiet(self) -> None:
        """Drop a connection that was quiet for long enough, else look again when it could have been."""
        missing = QUIET_SECONDS - (self._timing.monotonic() - self._heard_at)
        if missing <= 0:
            self.drop()
            return
        # The cut is in real time: clients ping in real time.
        self._timers["quiet"] = self._timing.call_later(missing * self._timing.speed, self._look_at_quiet)

    def _drop_timers(self, *names: str) -> None:
        for name in names:
            if name in self._timers:
                self._timers.pop(name).cancel()


def _weight(what: Resize | bytes) -> int:
    """What keeping it counts for: a resize, or an empty frame, is not for nothing either."""
    return 64 if isinstance(what, Resize) else len(what) + 64
