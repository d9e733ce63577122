"""When garbage is collected, so that it never holds up the screen.

A full collection of a UI with 10,000 MicroVMs takes 40 ms and more, in whichever thread it happens, and
Python starts one whenever it likes. Here it never likes: what stands is taken out of the collector's sight
(`gc.freeze`) before there is much of it, so that looking at the rest is a matter of a millisecond or two.
"""

from __future__ import annotations

import gc
import sys

# New rows after which what stands is counted anew.
ROWS = 1_000
SETTLE_SECONDS = 5.0
# Frozen garbage is rare: it is looked for this often, and when the account changes.
DEEP_SECONDS = 1_800.0
# The youngest objects as often as it takes; all else, in practice, only when `settle` is called.
_THRESHOLDS = (5_000, 1_000, 1_000_000)
# Seconds that a thread which parses answers may keep the screen waiting; CPython's own value is 0.005.
_TURN = 0.001


class Memory:
    """The collector's timetable. Belongs to the UI's own thread."""

    def __init__(self) -> None:
        self._new_rows = 0

    def begin(self) -> None:
        """The screen stands: from here on this timetable holds."""
        sys.setswitchinterval(_TURN)
        gc.set_threshold(*_THRESHOLDS)
        gc.freeze()

    def loaded(self) -> None:
        """All that a connection needs is loaded: it left next to no garbage, and a look would take long."""
        gc.freeze()
        gc.enable()

    def grown(self, rows: int) -> bool:
        """So many rows were added; whether it is time to `settle`, soon, apart from other work."""
        self._new_rows += rows
        if self._new_rows < ROWS:
            return False
        self._new_rows = 0
        return True

    def settle(self) -> None:
        """Collect what is new, and count what is left as standing."""
        gc.collect()
        gc.freeze()

    def deep(self) -> None:
        """Look at everything: for a moment when nobody waits."""
        gc.unfreeze()
        self.settle()
