"""Whether a MicroVM runs, and resuming it if the user said so; any request may resume one by itself."""

from __future__ import annotations

import asyncio

from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Conflict
from mvm_tui.model.microvm import RUNNING, SUSPENDED, SUSPENDING, TRANSITIONAL
from mvm_tui.model.text import clean
from mvm_tui.reach.access import Access

# How long a reading of the MicroVM's state holds.
STATE_SECONDS = 2.0
RESUME_SECONDS = 30.0
_PAUSE_SECONDS = 0.25


class Waking:
    """Looks before requests are sent, at most every two seconds."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._seen_awake = float("-inf")
        self._looking = asyncio.Lock()

    async def awake(self) -> None:
        """See that the MicroVM runs.

        Raises:
            Problem: It is suspended and may not be resumed, or does not come up, or cannot be read.
        """
        async with self._looking:
            if self._clock.monotonic() - self._seen_awake < STATE_SECONDS:
                return
            vm = await asyncio.to_thread(self._access.look)
            if vm.state in (SUSPENDED, SUSPENDING):
                await self._resume(vm.state)
            self._seen_awake = self._clock.monotonic()

    async def _resume(self, state: str) -> None:
        resume = self._access.resume
        if resume is None:
            fix = "Resume it first, or agree that requests resume it: --resume."
            raise Conflict("The MicroVM is suspended.", "Resuming it costs, and you did not ask for it.", fix)
        if state == SUSPENDING:
            # The service resumes none that is still on its way down.
            await self.reached(SUSPENDED)
        await asyncio.to_thread(resume)
        await self.reached(RUNNING)

    async def reached(self, state: str) -> float:
        """Read until the MicroVM is in that state; the seconds it took. Raises Problem if it never is."""
        began = self._clock.monotonic()
        while (vm := await asyncio.to_thread(self._access.look)).state != state:
            waited = self._clock.monotonic() - began
            if waited > RESUME_SECONDS or vm.state not in (*TRANSITIONAL, RUNNING, SUSPENDED):
                why = f"It is {clean(vm.state, 40)} after {waited:.0f} s."
                raise Conflict(f"The MicroVM does not become {state}.", why, "See mvm-tui get.")
            await asyncio.sleep(_PAUSE_SECONDS)
        return self._clock.monotonic() - began
