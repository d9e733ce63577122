"""What is drawn, on its way to the terminal: at once where that cannot block, else by a thread.

To hand every frame to a thread costs a switch of threads, which for the echo of a key is longer than drawing
it. A terminal that does not take what it is given is waited for by the thread alone.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque

# A frame of some lines; what is larger may well not fit into the terminal's buffer.
_AT_ONCE = 4_096
_WAIT_SECONDS = 0.1
# Frames that may wait for a terminal that is too slow, before whoever draws waits with them.
_WAITING = 64


class TerminalOutput:
    """Writes to a file descriptor, in order. Its methods may be called from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pending: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._busy = False

    def write(self, text: str) -> None:
        """Write, or have it written as soon as the terminal takes it."""
        data = text.encode("utf-8", "replace")
        with self._changed:
            if not self._busy and not self._pending and len(data) <= _AT_ONCE and self._ready():
                data = self._written(data)
            if not data:
                return
            while len(self._pending) >= _WAITING:
                self._changed.wait()
            self._pending.append(data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="terminal output", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drain(self) -> None:
        """Return once everything is written."""
        with self._changed:
            while self._pending or self._busy:
                self._changed.wait()

    def _ready(self) -> bool:
        return bool(select.select([], [self._descriptor], [], 0)[1])

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._pending:
                    self._changed.wait()
                data = self._pending.popleft()
                self._busy = True
            while data:
                data = self._written(data)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _written(self, data: bytes) -> bytes:
        """Write what the terminal takes; gives the rest. Where it is gone there is none."""
        try:
            return data[os.write(self._descriptor, data) :]
        except BlockingIOError:
            # Somebody who shares the terminal made it so that it does not wait.
            select.select([], [self._descriptor], [], _WAIT_SECONDS)
            return data
        except OSError:
            return b""
