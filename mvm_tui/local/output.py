"""A guest's output, from a pipe to log lines: bounded, never faster than the cloud can take it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

# CloudWatch Logs quotas: an event holds at most 256 KB, of which 26 bytes are overhead.
MAX_LINE_BYTES = 262_144 - 26
READ_BYTES = 8192
LOOP_SHARE = 0.2
UNNOTICED_SECONDS = 0.0005


class LineSplitter:
    """Cuts a byte stream into lines of at most `MAX_LINE_BYTES`; a longer line becomes several.

    Lines come without their end (``\\n`` or ``\\r\\n``); empty ones are dropped, as a log event cannot
    be empty. Bytes that are no UTF-8 are replaced.
    """

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        lines = [piece for line in whole for piece in self._pieces(line.removesuffix(b"\r"))]
        if len(self._rest) > self._limit:
            *cut, self._rest = self._pieces(self._rest)
            lines += cut
        return [line.decode("utf-8", "replace") for line in lines]

    def close(self) -> list[str]:
        """What is left when the stream has ended without a line end."""
        rest, self._rest = self._rest, b""
        return [piece.decode("utf-8", "replace") for piece in self._pieces(rest)]

    def _pieces(self, line: bytes) -> list[bytes]:
        pieces = []
        while len(line) > self._limit:
            end = _character_start(line, self._limit)
            pieces.append(line[:end])
            line = line[end:]
        return [*pieces, line] if line else pieces


class OutputReader:
    """Reads a pipe on the event loop and hands out lines.

    A guest that writes without end is held back by the pipe: reading takes at most `LOOP_SHARE` of the loop.
    """

    def __init__(self, descriptor: int, on_line: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._on_line = on_line
        self._splitter = LineSplitter()
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._closed = False
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    def drain(self) -> None:
        """Take what is in the pipe now and close it; the writers must have ended."""
        while not self._closed:
            if not self._take():
                self.close()

    def close(self) -> None:
        """Hand out an unfinished last line and close the pipe."""
        if self._closed:
            return
        self._closed = True
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._hand_out(self._splitter.close())

    def _read(self) -> None:
        started = time.perf_counter()
        self._take()
        spent = time.perf_counter() - started
        if spent > UNNOTICED_SECONDS and not self._closed:
            self._loop.remove_reader(self._descriptor)
            self._pause = self._loop.call_later(spent * (1 / LOOP_SHARE - 1), self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        self._loop.add_reader(self._descriptor, self._read)

    def _take(self) -> bool:
        """Read once; false when there is nothing now."""
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self._hand_out(self._splitter.feed(data))
        return True

    def _hand_out(self, lines: list[str]) -> None:
        for line in lines:
            self._on_line(line)


def _character_start(data: bytes, end: int) -> int:
    """The nearest start of a UTF-8 character at or before `end`, so that a cut does not split one."""
    for back in range(min(4, end)):
        if data[end - back] & 0xC0 != 0x80:
            return end - back
    return end
