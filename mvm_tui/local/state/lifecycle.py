"""How a MicroVM goes from state to state: requests, idling, windows, hard ends, exits.

Durations are what users of the service measured: a start takes about two seconds, an answer of 200 comes
some 0.15 s before the next Get shows the change, idling is noticed 8 to 10 s late, an exited container
is shown as RUNNING for 15 s more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from mvm_tui.local.state.errors import conflict, invalid
from mvm_tui.local.state.keeper import GuestKeeper
from mvm_tui.local.state.microvms import MicrovmRecord
from mvm_tui.local.supervisor_link import SupervisorGoneError
from mvm_tui.model.microvm import PENDING, RUNNING, SUSPENDED, SUSPENDING, TERMINATED, TERMINATING

if TYPE_CHECKING:
    from mvm_tui.local.clock import Timing
    from mvm_tui.local.state.cloud import Region
    from mvm_tui.local.state.fleet import Fleet

LAG_SECONDS = 0.15
START_SECONDS = 1.2
SUSPEND_SECONDS = 1.2
RESUME_SECONDS = 0.6
TERMINATE_SECONDS = 2.0
IDLE_NOTICED_SECONDS = 8.0
EXIT_NOTICED_SECONDS = 15.0

SUCCESS = "Success."
LIFETIME = "MicroVM exceeded maximum lifetime."
PLATFORM_ERROR = "INTERNAL_PLATFORM_ERROR"

_log = logging.getLogger(__name__)

_ON_THE_WAY = {RUNNING: PENDING, SUSPENDED: SUSPENDING, TERMINATED: TERMINATING}
_CLOCK_GRAIN = 0.01

Work = Callable[[], Coroutine[Any, Any, None]]


class Lifecycle:
    """Drives the MicroVMs of one region. At most one piece of work per MicroVM; a new one ends the old."""

    def __init__(self, region: Region, fleet: Fleet) -> None:
        self.timing: Timing = region.cloud.timing
        self.region_name = region.name
        self._fleet = fleet
        self._keeper = GuestKeeper(region, self._exited)

    def launch(self, vm: MicrovmRecord) -> None:
        """Set a PENDING record on its way to RUNNING."""
        self._begin(vm, RUNNING, lambda: self._launch(vm))

    def suspend(self, vm: MicrovmRecord) -> None:
        """Accept a request to suspend; on SUSPENDED there is nothing to do.

        Raises:
            ServiceError: ValidationException on TERMINATED, ConflictException while it changes state.
        """
        self._refuse_unless_settled(vm)
        if vm.state == RUNNING:
            self._begin(vm, SUSPENDED, lambda: self._suspend(vm, LAG_SECONDS))

    def resume(self, vm: MicrovmRecord) -> None:
        """Accept a request to resume; on RUNNING, or on its way there from SUSPENDED, nothing is to do.

        Raises:
            ServiceError: As `suspend`.
        """
        if vm.state == SUSPENDED and vm.moving == RUNNING:
            return
        self._refuse_unless_settled(vm)
        if vm.state == SUSPENDED:
            self._begin(vm, RUNNING, lambda: self._resume(vm, LAG_SECONDS))

    def terminate(self, vm: MicrovmRecord) -> None:
        """Accept a request to terminate, in any state; on one that has ended nothing happens."""
        self._end(vm, SUCCESS, LAG_SECONDS)

    def expire(self, vm: MicrovmRecord) -> None:
        """Its hard end, or the end of its suspended window."""
        self._end(vm, LIFETIME)

    async def wake_record(self, vm: MicrovmRecord) -> None:
        """Give a record without processes its guest, and start its idle clock."""
        try:
            await self._revive(vm)
        except OSError as problem:
            _log.warning("MicroVM %s: %s", vm.id, problem)
            self._end(vm, PLATFORM_ERROR)
        if vm.state == RUNNING and vm.moving is None and vm.timer is None:
            self._arm_idle(vm)

    async def auto_resume(self, vm: MicrovmRecord) -> bool:
        """Resume because of traffic. Waits for RUNNING; False where the policy or the state forbids it."""
        if vm.launch.idle is None or not vm.launch.idle.auto_resume:
            return False
        if vm.work is not None and vm.moving in (SUSPENDED, RUNNING):
            await asyncio.wait({vm.work})
        if vm.state == SUSPENDED and vm.moving is None:
            self._begin(vm, RUNNING, lambda: self._resume(vm, 0.0))
            if vm.work is not None:
                await asyncio.wait({vm.work})
        return vm.state == RUNNING

    async def close(self, vm: MicrovmRecord) -> None:
        """End its processes, whatever its state; the record stays as it is."""
        self._drop_plans(vm)
        await self._keeper.stop(vm)

    def lives(self, vm: MicrovmRecord) -> bool:
        """Whether there is anything of it beside the record: processes, a task, a timer."""
        return not (vm.guest is None and vm.work is None and vm.timer is None and not self._keeper.starts(vm))

    async def _launch(self, vm: MicrovmRecord) -> None:
        await self.timing.sleep(START_SECONDS)
        await self._keeper.ensure(vm)
        failure = await self._keeper.run_hook(vm)
        if failure is not None:
            self._end(vm, failure)
            return
        self._settle(vm, RUNNING)
        self._arm_idle(vm)

    async def _revive(self, vm: MicrovmRecord) -> None:
        """Start the guest of a record that had none. It lived before, so its run hook cannot end it."""
        if await self._keeper.ensure(vm):
            await self._keeper.run_hook(vm)

    async def _suspend(self, vm: MicrovmRecord, lag: float, *, by_idling: bool = False) -> None:
        await self.timing.sleep(lag)
        vm.state = SUSPENDING
        failure = await self._keeper.hook(vm, "suspend", {"microvmId": vm.id})
        if failure is not None:
            self._end(vm, failure)
            return
        if vm.guest is not None:
            await vm.guest.suspend()
        await self.timing.sleep(SUSPEND_SECONDS)
        self._settle(vm, SUSPENDED)
        if by_idling and vm.launch.idle is not None:
            vm.timer = self.timing.call_later(vm.launch.idle.suspended, self.expire, vm)

    async def _resume(self, vm: MicrovmRecord, lag: float) -> None:
        await self.timing.sleep(lag + RESUME_SECONDS)
        if vm.guest is None:
            await self._revive(vm)
        else:
            await vm.guest.resume()
            await self._keeper.hook(vm, "resume", {"microvmId": vm.id})
        self._settle(vm, RUNNING)
        self._arm_idle(vm)

    async def _terminate(self, vm: MicrovmRecord, reason: str, lag: float) -> None:
        await self.timing.sleep(lag)
        was_running = vm.state == RUNNING
        vm.state = TERMINATING
        if was_running:
            await self._keeper.hook(vm, "terminate", {"microvmId": vm.id})
        await self._keeper.stop(vm)
        await self.timing.sleep(TERMINATE_SECONDS)
        vm.state_reason = reason
        vm.terminated_at = self.timing.now()
        self._settle(vm, TERMINATED)
        self._fleet.note_ended(vm)

    def _arm_idle(self, vm: MicrovmRecord) -> None:
        if vm.launch.idle is not None:
            vm.note_traffic()
            self._look_later(vm, vm.launch.idle.max_idle + IDLE_NOTICED_SECONDS)

    def _look_later(self, vm: MicrovmRecord, seconds: float) -> None:
        vm.timer = self.timing.call_later(seconds, self._look_at_idling, vm)

    def _look_at_idling(self, vm: MicrovmRecord) -> None:
        """Suspend it if it was quiet long enough, else look again when it could have been."""
        idle = vm.launch.idle
        if idle is None or vm.state != RUNNING or vm.moving is not None:
            return
        quiet = self.timing.service_seconds_since(vm.traffic_at)
        missing = idle.max_idle + IDLE_NOTICED_SECONDS - quiet
        if missing > _CLOCK_GRAIN:
            self._look_later(vm, missing)
        elif idle.suspended == 0:
            self.expire(vm)
        else:
            self._begin(vm, SUSPENDED, lambda: self._suspend(vm, 0.0, by_idling=True))

    def _exited(self, vm: MicrovmRecord, code: int) -> None:
        """The app ended by itself: its endpoint is dead at once, the record says so later."""
        reason = f"Container Stopped with Exit Code: {code}"
        self.timing.call_later(EXIT_NOTICED_SECONDS, self._end, vm, reason)

    def _refuse_unless_settled(self, vm: MicrovmRecord) -> None:
        if vm.state == TERMINATED:
            raise invalid(f"The MicroVM {vm.id} has been terminated and its state cannot be changed.")
        if vm.moving is not None or vm.state not in (RUNNING, SUSPENDED):
            shown = _ON_THE_WAY.get(vm.moving or "", vm.state)
            raise conflict(f"The MicroVM {vm.id} is in state {shown} and its state cannot be changed.")

    def _settle(self, vm: MicrovmRecord, state: str) -> None:
        vm.state = state
        vm.moving = None

    def _begin(self, vm: MicrovmRecord, goal: str, work: Work) -> None:
        self._drop_plans(vm)
        vm.moving = goal
        vm.work = asyncio.get_running_loop().create_task(self._guarded(vm, work))

    async def _guarded(self, vm: MicrovmRecord, work: Work) -> None:
        try:
            await work()
        except SupervisorGoneError:
            # Its app has ended meanwhile, and `_exited` will say so.
            self._settle(vm, RUNNING)
        except OSError as problem:
            _log.warning("MicroVM %s: %s", vm.id, problem)
            self._end(vm, PLATFORM_ERROR)

    def _drop_plans(self, vm: MicrovmRecord) -> None:
        if vm.timer is not None:
            vm.timer.cancel()
            vm.timer = None
        if vm.work is not None:
            vm.work.cancel()
            vm.work = None

    def _end(self, vm: MicrovmRecord, reason: str, lag: float = 0.0) -> None:
        if not vm.ended and vm.moving != TERMINATED:
            self._begin(vm, TERMINATED, lambda: self._terminate(vm, reason, lag))
