"""Who may parse output now: shells take turns on the UI's loop, each for a slice that no frame notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

# Seconds of one slice, and bytes after which the clock is looked at: what is slowest to parse, random true
# colour, takes about 2 ms for so many.
SLICE_SECONDS = 0.006
STEP_BYTES = 4_096


class ParseTurns:
    """One slice at a time, in the order in which they were asked for. Between two the loop turns."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def feed(self, data: bytes, feed: Callable[[bytes], None], drawn: Callable[[], None]) -> None:
        """Hand all of `data` to `feed`, in slices; `drawn` is called after each."""
        view = memoryview(data)
        at = 0
        while at < len(view):
            async with self._lock:
                until = time.perf_counter() + SLICE_SECONDS
                while at < len(view) and time.perf_counter() < until:
                    feed(bytes(view[at : at + STEP_BYTES]))
                    at += STEP_BYTES
                drawn()
            if at < len(view):
                await asyncio.sleep(0)
