"""One connection to one shell, from the open websocket to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from mvm_tui.shell.flow import PAUSE_SECONDS, Inbox, Outbox
from mvm_tui.shell.protocol import FIRST_FRAME_SECONDS, control, resize_message, session_id

# The proxy cuts websockets that were quiet for about 60 s (superagent measured 60.3 s without pings, and over
# 130 s with one every 25 s); AWS's sample pings every 20 s. A link without any frame for 60 s is dead.
PING_SECONDS = 20.0
DEAD_SECONDS = 60.0
# Resizes while a window is dragged: only the last one is sent.
RESIZE_SECONDS = 0.1
# How long a peer may take to take our leave, behind what was typed before.
LEAVE_SECONDS = 2.0
# Close code of a shell that ended, with the reason "shell exited" (microvms-agentd).
_NORMAL = 1000

Size = tuple[int, int]


class Link:
    """Moves bytes both ways. `run` returns how it ended; everything else is told to the callbacks.

    Args:
        tap: Is handed all output as it arrives, before it is queued.
        ping_seconds: Time between pings; 0 sends none, and then a dead connection is not noticed.
        pause: Seconds between two chunks of input.
    """

    def __init__(
        self,
        socket: ClientConnection,
        inbox: Inbox,
        outbox: Outbox,
        tap: Callable[[bytes], None],
        *,
        ping_seconds: float = PING_SECONDS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self.session_id = ""
        self._socket = socket
        self._inbox = inbox
        self._outbox = outbox
        self._tap = tap
        self._ping_seconds = ping_seconds
        self._pause = pause
        self._first_frame = asyncio.Event()
        self._heard = time.monotonic()
        self._size: Size | None = None
        self._sent_size: Size | None = None
        self._resizing: asyncio.Task[None] | None = None
        self._pinging: asyncio.Task[None] | None = None
        self._ready = False

    async def run(self, size: Size, on_ready: Callable[[], None]) -> bool:
        """Serve the connection to its end; True if the shell exited, False if the connection was lost.

        `on_ready` is called once the size has been told, and input may be given.
        """
        self._size = size
        reading = asyncio.create_task(self._read())
        others = [asyncio.create_task(self._begin(on_ready)), asyncio.create_task(self._keep_alive())]
        try:
            return await reading
        finally:
            self._ready = False
            for task in (reading, *others, self._resizing, self._pinging):
                if task is not None:
                    task.cancel()
            await asyncio.gather(reading, *others, return_exceptions=True)

    def resize(self, size: Size) -> None:
        """Tell the shell its window, once the window has been still for a moment."""
        self._size = size
        if self._ready and (self._resizing is None or self._resizing.done()):
            self._resizing = asyncio.create_task(self._resize_soon())

    async def close(self) -> None:
        """Leave; a peer that does not answer is not waited for."""
        with suppress(OSError, ConnectionClosed):
            try:
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self._socket.close()
            except TimeoutError:
                self.abort()

    def abort(self) -> None:
        """Cut the connection at once."""
        self._socket.transport.abort()

    async def probe(self, seconds: float) -> None:
        """Cut the connection if no pong comes in time."""
        with suppress(OSError, ConnectionClosed):
            try:
                async with asyncio.timeout(seconds):
                    await (await self._socket.ping())
            except TimeoutError:
                if not self._inbox.full:
                    self.abort()

    async def _begin(self, on_ready: Callable[[], None]) -> None:
        """Wait for the first frame, tell the size, then pass on what is typed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_FRAME_SECONDS):
                await self._first_frame.wait()
        with suppress(OSError, ConnectionClosed):
            await self._send_size()
            self._ready = True
            on_ready()
            while True:
                await self._socket.send(await self._outbox.take())
                self._outbox.taken()
                if len(self._outbox):
                    await asyncio.sleep(self._pause)

    async def _read(self) -> bool:
        try:
            while True:
                message = await self._socket.recv()
                self._heard = time.monotonic()
                await self._take(message)
                self._first_frame.set()
        except ConnectionClosed as closed:
            return closed.rcvd is not None and closed.rcvd.code == _NORMAL
        except OSError:
            return False

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, str):
            members = control(message)
            if members is not None:
                self.session_id = session_id(members) or self.session_id
                return
            message = message.encode("utf-8", "surrogatepass")
        self._tap(message)
        await self._inbox.put(message)

    async def _resize_soon(self) -> None:
        with suppress(OSError, ConnectionClosed):
            while self._size != self._sent_size:
                await asyncio.sleep(RESIZE_SECONDS)
                await self._send_size()

    async def _send_size(self) -> None:
        size = self._size
        if size is not None and size != self._sent_size:
            await self._socket.send(resize_message(*size))
            self._sent_size = size

    async def _keep_alive(self) -> None:
        if self._ping_seconds <= 0:
            return
        while True:
            await asyncio.sleep(self._ping_seconds)
            # Where the peer takes nothing a ping waits behind what was typed: one is enough then.
            if self._pinging is None or self._pinging.done():
                self._pinging = asyncio.create_task(self._ping())
            # While nobody takes the output, pongs are not read either: that is no death.
            patience = max(DEAD_SECONDS, 2 * self._ping_seconds)
            if self._inbox.full:
                self._heard = time.monotonic()
            elif time.monotonic() - self._heard > patience:
                self.abort()

    async def _ping(self) -> None:
        with suppress(OSError, ConnectionClosed):
            pong = await self._socket.ping()
            pong.add_done_callback(self._heard_pong)  # type: ignore[attr-defined]  # it is a future

    def _heard_pong(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self._heard = time.monotonic()
