"""Watches the MicroVM of an open shell: its state, and how near its hard end is.

The socket tells late or not at all: after a suspension the proxy drops it up to a minute later (rayito
noticed after 57 s), and the end of the lifetime cuts a shell that is in use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.microvm import TERMINATED, Microvm
from mvm_tui.model.text import clean
from mvm_tui.shell.blocking import in_thread
from mvm_tui.shell.states import EndsSoon, VmChanged

WATCH_SECONDS = 5.0
MINUTES = (10, 5, 1)


class Watch:
    """Reads the MicroVM now and then while `run` runs, and tells what is new.

    Args:
        look: Reads the MicroVM; blocking; raises Problem.
        tell: Is handed `VmChanged` and `EndsSoon`.
    """

    def __init__(
        self,
        look: Callable[[], Microvm],
        tell: Callable[[VmChanged | EndsSoon], None],
        clock: Clock,
        seconds: float = WATCH_SECONDS,
    ) -> None:
        self._look = look
        self._tell = tell
        self._clock = clock
        self._seconds = seconds
        self._state = ""
        self._told: int | None = None

    def saw(self, vm: Microvm) -> None:
        """Take in a reading, whoever made it."""
        if self._state and vm.state != self._state:
            reason = (vm.details.state_reason if vm.details else "") or ""
            self._tell(VmChanged(clean(vm.state, 60), clean(reason)))
        self._state = vm.state
        if vm.ends_at is not None:
            self._count_down(vm.ends_at)

    async def run(self) -> None:
        """Look again and again, until cancelled. A reading that fails is left out: the next may not."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                vm = await in_thread(self._look)
            except Gone:
                if self._state != TERMINATED:
                    self._state = TERMINATED
                    self._tell(VmChanged(TERMINATED, "The service does not know it any more."))
            except Problem:
                continue
            else:
                self.saw(vm)

    def _count_down(self, end: datetime) -> None:
        left = end - self._clock.now()
        passed = [minutes for minutes in MINUTES if left <= timedelta(minutes=minutes)]
        if not passed or left <= timedelta(0):
            return
        step = min(passed)
        if self._told is None or step < self._told:
            self._told = step
            self._tell(EndsSoon(max(round(left.total_seconds() / 60), 1), end))
