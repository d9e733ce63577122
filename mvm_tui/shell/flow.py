"""What waits between socket and user: output that is bounded, and input that is paced."""

from __future__ import annotations

import asyncio
from collections import deque

from mvm_tui.shell.states import NewShell, Piece

# Output that may wait to be drawn; beyond it the socket is not read, and the guest's writes block.
INBOX_BYTES = 256 * 1024
# The most that one reading takes out.
PIECE_BYTES = 64 * 1024
# Input goes out in pieces with pauses: a guest's terminal in canonical mode holds about 4 KB and drops the
# rest. 2,048 bytes and 5 ms are what sunaba measured to survive.
CHUNK_BYTES = 2_048
PAUSE_SECONDS = 0.005
# A paste beyond this is a mistake; what it exceeds is not taken.
OUTBOX_BYTES = 64 * 1024 * 1024


class Inbox:
    """Output in order, at most `limit` bytes and one frame. One reader, one writer, one event loop."""

    def __init__(self, limit: int = INBOX_BYTES) -> None:
        self._limit = limit
        self._pieces: deque[Piece] = deque()
        self._bytes = 0
        self._ended = False
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def waiting(self) -> int:
        """Bytes that wait to be read."""
        return self._bytes

    @property
    def full(self) -> bool:
        return self._bytes >= self._limit

    async def put(self, data: bytes) -> None:
        """Add output as soon as there is room."""
        await self._room.wait()
        if data:
            self._pieces.append(data)
            self._bytes += len(data)
            self._update()

    def mark(self, marker: NewShell) -> None:
        """Add a marker, for which there is always room."""
        self._pieces.append(marker)
        self._update()

    def end(self) -> None:
        """Nothing more comes; what waits can still be read."""
        self._ended = True
        self._update()

    def _update(self) -> None:
        if self.full:
            self._room.clear()
        else:
            self._room.set()
        if self._pieces or self._ended:
            self._filled.set()
        else:
            self._filled.clear()

    async def get(self) -> Piece:
        """All output that waits, up to `PIECE_BYTES`, or one marker; ``b""`` after the end."""
        await self._filled.wait()
        return self.get_nowait()

    def get_nowait(self) -> Piece:
        """As `get`; ``b""`` also where nothing waits."""
        if self._pieces and isinstance(self._pieces[0], NewShell):
            marker = self._pieces.popleft()
            self._update()
            return marker
        taken: list[bytes] = []
        room = PIECE_BYTES
        while self._pieces and room > 0 and isinstance(piece := self._pieces[0], bytes):
            self._pieces.popleft()
            if len(piece) > room:
                self._pieces.appendleft(piece[room:])
                piece = piece[:room]
            taken.append(piece)
            room -= len(piece)
            self._bytes -= len(piece)
        self._update()
        return b"".join(taken)


class Outbox:
    """Input on its way to the socket."""

    def __init__(self, limit: int = OUTBOX_BYTES) -> None:
        self._limit = limit
        self._data = bytearray()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def __len__(self) -> int:
        return len(self._data)

    def put(self, data: bytes) -> bool:
        """Add input; False, with nothing of it taken, where there is no room."""
        if len(self._data) + len(data) > self._limit:
            return False
        self._data += data
        if self._data:
            self._filled.set()
            self._emptied.clear()
        return True

    def clear(self) -> None:
        """Drop what waits."""
        self._data.clear()
        self._filled.clear()
        self._emptied.set()

    async def take(self) -> bytes:
        """The next chunk, as soon as there is one."""
        await self._filled.wait()
        chunk = bytes(self._data[:CHUNK_BYTES])
        del self._data[:CHUNK_BYTES]
        if not self._data:
            self._filled.clear()
        return chunk

    def taken(self) -> None:
        """The chunk last taken is out."""
        if not self._data:
            self._emptied.set()

    async def emptied(self) -> None:
        """Return once all has gone out, or was dropped."""
        await self._emptied.wait()
