"""Who may parse output now: shells take turns on the UI's loop, each for a slice that no frame notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

# Seconds of one slice, and bytes after which the clock is looked at: what is slowest to parse, random true
# colour, takes about 2 ms for so many.
SLICE_SECONDS = 0.004
STEP_BYTES = 4_096
# What a key does goes through ten turns of the loop and more before it is seen: for a while after each key
# slices are short, and so many turns lie between two.
HURRIED_SECONDS = 0.001
HURRIED_TURNS = 16
HURRY_LASTS = 0.25


class ParseTurns:
    """One slice at a time, in the order in which they were asked for. Between two the loop turns."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._hurried_until = 0.0

    def hurry(self) -> None:
        """The user does something: it goes before output for a while."""
        self._hurried_until = time.perf_counter() + HURRY_LASTS

    async def feed(
        self, data: bytes, feed: Callable[[bytes], None], drawn: Callable[[], None], *, seen: bool
    ) -> None:
        """Hand all of `data` to `feed`, in slices; `drawn` is called after each.

        What is not `seen` by anybody has no need of long ones.
        """
        view = memoryview(data)
        at = 0
        while at < len(view):
            async with self._lock:
                now = time.perf_counter()
                hurried = not seen or now < self._hurried_until
                until = now + (HURRIED_SECONDS if hurried else SLICE_SECONDS)
                while at < len(view) and time.perf_counter() < until:
                    feed(bytes(view[at : at + STEP_BYTES]))
                    at += STEP_BYTES
                drawn()
                for _ in range(HURRIED_TURNS if hurried else 1):
                    await asyncio.sleep(0)
