"""Keeps the garbage collector and other threads from delaying the screen.

A full collection over 10,000 MicroVMs takes 40 ms and more, and a thread that parses answers may hold the
interpreter for 5 ms at a time: both are seen as jerks. So what has come to stay is taken out of the
collector's sight (rows die by reference count, they need no collector), and threads take shorter turns.
"""

from __future__ import annotations

import gc
import sys

# Rows that may come before the collector is told of them.
_STEP = 1_000
# Seconds a thread may run before another gets its turn; CPython's own value is 0.005.
_TURN = 0.001


class Settlement:
    """Tells the collector what stays."""

    def __init__(self) -> None:
        self._new = 0

    def start(self) -> None:
        """Everything that is there now stays."""
        sys.setswitchinterval(_TURN)
        gc.enable()
        gc.collect()
        gc.freeze()

    def grew(self, rows: int) -> None:
        """So many rows came: now and then they are settled too."""
        self._new += rows
        if self._new >= _STEP:
            self._new = 0
            # Young garbage goes first, else it would stay.
            gc.collect(1)
            gc.freeze()
