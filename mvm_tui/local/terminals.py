"""A pseudo-terminal's own end, on the event loop: read, written and resized without blocking.

The other end, with line editing, echo and job control, is the kernel's, as in every terminal.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import termios
from contextlib import suppress

# The kernel hands out at most 4,096 bytes at a time; a frame of a WebSocket is worth more than one of them.
CHUNK_BYTES = 65_536
# What is still read once the shell has ended: jobs it left behind may write without end.
LAST_BYTES = 1 << 20
_DISCARD_SECONDS = 0.01


class Terminal:
    """The end of a pseudo-terminal that a terminal emulator holds. One reader and one writer at a time.

    Its size is 0 x 0 until it is told another.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._readable: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._discarding: asyncio.TimerHandle | None = None
        self._left: int | None = None
        self._closed = False
        os.set_blocking(descriptor, False)

    def resize(self, columns: int, rows: int) -> None:
        """Set the size, each from 0 to 65,535; the kernel tells the programs in the foreground."""
        if not self._closed:
            with suppress(OSError):
                fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def read(self) -> bytes:
        """What the programs have written, 1 to `CHUNK_BYTES` bytes; empty at the end of the terminal."""
        while not self._closed:
            data = self._take()
            if data is not None:
                return data
            self._readable = self._loop.create_future()
            self._loop.add_reader(self._descriptor, _wake, self._readable)
            try:
                await self._readable
            finally:
                self._readable = None
                if not self._closed:
                    self._loop.remove_reader(self._descriptor)
        return b""

    async def write(self, data: bytes) -> None:
        """Type something; waits while the programs do not read what was typed before."""
        rest = memoryview(data)
        while rest and not self._closed:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                await self._until_writable()
            except OSError:
                return

    def finish(self) -> None:
        """The shell has ended: `read` gives what is there, at most `LAST_BYTES`, and then the end."""
        if self._left is None:
            self._left = LAST_BYTES
        _wake(self._readable)

    def discard(self) -> None:
        """From now on nobody looks: throw away what is written, so that its writers can go on."""
        if self._closed:
            return
        self._discarding = None
        if self._take() == b"":
            self.close()
        else:
            self._loop.add_reader(self._descriptor, self._discard_later)

    def close(self) -> None:
        """Hang up: the kernel tells the shell and the programs in the foreground. May be called again."""
        if self._closed:
            return
        self._closed = True
        if self._discarding is not None:
            self._discarding.cancel()
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        os.close(self._descriptor)
        _wake(self._readable)
        _wake(self._writable)

    def _take(self) -> bytes | None:
        """What is there now; `None` if nothing is, empty if nothing will be any more."""
        missing = CHUNK_BYTES if self._left is None else min(CHUNK_BYTES, self._left)
        pieces: list[bytes] = []
        piece: bytes | None = None
        while missing > 0:
            piece = self._read_once(missing)
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
        data = b"".join(pieces)
        if self._left is not None:
            self._left -= len(data)
            return data
        return data or piece

    def _read_once(self, most: int) -> bytes | None:
        try:
            return os.read(self._descriptor, most)
        except BlockingIOError:
            return None
        except OSError:
            # Linux says so when no program holds the other end any more.
            return b""

    async def _until_writable(self) -> None:
        self._writable = self._loop.create_future()
        self._loop.add_writer(self._descriptor, _wake, self._writable)
        try:
            await self._writable
        finally:
            self._writable = None
            if not self._closed:
                self._loop.remove_writer(self._descriptor)

    def _discard_later(self) -> None:
        """A pause after each piece: what nobody sees is worth little of the loop's time."""
        self._loop.remove_reader(self._descriptor)
        self._discarding = self._loop.call_later(_DISCARD_SECONDS, self.discard)


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
