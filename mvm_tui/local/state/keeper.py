"""A MicroVM's guest: started once, asked through its hooks, ended for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mvm_tui.local.hooks import HookName, call_hook
from mvm_tui.local.log_events import milliseconds
from mvm_tui.local.processes import COPY, GuestSpec
from mvm_tui.local.state.durations import iso_duration
from mvm_tui.local.state.guests import GuestProcess
from mvm_tui.local.state.microvms import MicrovmRecord

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region

# A real snapshot listens at once; a process needs a moment.
_LISTEN_POLL_SECONDS = 0.03
_LISTEN_POLLS = 300
_HTTP_OK = 200

OnExit = Callable[[MicrovmRecord, int], None]


class GuestKeeper:
    """Starts and ends guests. `on_exit` hears of apps that ended by themselves."""

    def __init__(self, region: Region, on_exit: OnExit) -> None:
        self._region = region
        self._on_exit = on_exit
        self._starting: dict[str, asyncio.Task[None]] = {}

    async def ensure(self, vm: MicrovmRecord) -> bool:
        """Have its guest running; True for the caller who had it started.

        Callers that come together share one start, which outlives them.

        Raises:
            OSError: It cannot be started.
        """
        if vm.guest is not None:
            return False
        start = self._starting.get(vm.id)
        mine = start is None
        if start is None:
            start = asyncio.get_running_loop().create_task(self._start(vm))
            self._starting[vm.id] = start
            start.add_done_callback(lambda _: self._starting.pop(vm.id, None))
        await asyncio.shield(start)
        return mine

    def starts(self, vm: MicrovmRecord) -> bool:
        """Whether a start of its guest is under way."""
        return vm.id in self._starting

    async def stop(self, vm: MicrovmRecord) -> None:
        """End its processes, a start under way included."""
        start = self._starting.get(vm.id)
        if start is not None:
            await asyncio.wait({start})
        if vm.guest is not None:
            await vm.guest.terminate()
            vm.guest = None

    async def hook(self, vm: MicrovmRecord, name: HookName, body: Mapping[str, object]) -> str | None:
        """Call a lifecycle hook if the version enables it; the reason of its failure, or None."""
        enabled = vm.version.hook(name)
        if enabled is None or vm.guest is None:
            return None
        port, timeout = enabled
        result = await call_hook(vm.guest.address_of(port), name, dict(body), timeout)
        title = name.capitalize()
        if result.status == _HTTP_OK:
            return None
        if result.status is not None:
            return f"{title} lifecycle hook returned HTTP status {result.status}."
        if result.timed_out:
            return f"{title} lifecycle hook invocation timed out after {iso_duration(timeout)}"
        return f"{title} lifecycle hook check failed: {result.error}"

    async def run_hook(self, vm: MicrovmRecord) -> str | None:
        """Call the run hook with the launch's payload; the reason of its failure, or None."""
        body = {"microvmId": vm.id, "runHookPayload": vm.launch.payload, "bootId": vm.build.boot_id}
        return await self.hook(vm, "run", body)

    async def _start(self, vm: MicrovmRecord) -> None:
        started = await self._region.cloud.start_guest(
            self._spec(vm), partial(self._log, vm), partial(self._on_exit, vm)
        )
        vm.guest = started
        if vm.log_target is not None:
            self._region.logs.announce_stream(*vm.log_target)
        await _until_listening(started, vm.version.awaited_ports)

    def _spec(self, vm: MicrovmRecord) -> GuestSpec:
        folder = self._region.cloud.options.root / "vms" / vm.id
        version, built, own = vm.version, vm.version.built, {"SNAPSHOT_ID": vm.build.boot_id}
        if built is None:
            env = own | version.environment
            return GuestSpec(vm.id, version.sample.argv, env, None, folder, version.port)
        copy = folder / COPY
        env = own | built.environment_in(copy, version.environment)
        return GuestSpec(
            vm.id, built.argv_in(copy), env, built.root, folder, version.port, built.workdir_in(copy)
        )

    def _log(self, vm: MicrovmRecord, line: str) -> None:
        if vm.log_target is not None:
            group, stream = vm.log_target
            self._region.logs.put_line(group, stream, milliseconds(self._region.cloud.timing.now()), line)


async def _until_listening(guest: GuestProcess, ports: Sequence[int]) -> None:
    """Wait, in real time, for the app to listen; one that never does is left alone after a while."""
    for _ in range(_LISTEN_POLLS):
        if guest.ended or all(guest.address_of(port) is not None for port in ports):
            return
        await asyncio.sleep(_LISTEN_POLL_SECONDS)
