"""A cloud on a clock that tests move, with guests that only note what is asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mvm_tui.local.operations  # noqa: F401 registers the handlers
from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.processes import GuestSpec
from mvm_tui.local.shell_door import ShellHost
from mvm_tui.local.state.cloud import Cloud, CloudOptions
from mvm_tui.local.state.guests import OnExit, OnLine
from mvm_tui.local.state.microvms import MicrovmRecord
from mvm_tui.local.supervisor_link import SupervisorGoneError
from mvm_tui.local.wire.operations import Call, handler_for

BUILD_ROLE = "arn:aws:iam::000000000000:role/build"


class NotingGuest:
    """Stands in for a process tree: notes what is asked of it, says lines, exits when told to."""

    shells: ShellHost | None = None
    ended = False

    def __init__(self, spec: GuestSpec, on_line: OnLine, on_exit: OnExit) -> None:
        self.spec = spec
        self.say = on_line
        self.exit = on_exit
        self.asked: list[str] = []
        self.gone = False

    async def suspend(self) -> None:
        if self.gone:
            raise SupervisorGoneError("suspend")
        self.asked.append("suspend")

    async def resume(self) -> None:
        self.asked.append("resume")

    async def terminate(self) -> None:
        self.asked.append("terminate")

    def address_of(self, guest_port: int) -> tuple[str, int] | None:
        return ("127.0.0.1", guest_port)


class World:
    """One cloud, its clock, and calls as a client makes them."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.timing = ManualTiming()
        self.guests: dict[str, NotingGuest] = {}
        self.refuse_guests = False
        self.on_start: Callable[[NotingGuest], None] = lambda _guest: None
        chosen = CloudOptions(root=root, seed="empty", **options)
        self.cloud = Cloud(chosen, self.timing, start_guest=self._start_guest)
        self.region = self.cloud.region("us-east-2")

    async def _start_guest(self, spec: GuestSpec, on_line: OnLine, on_exit: OnExit) -> NotingGuest:
        await asyncio.sleep(0)
        if self.refuse_guests:
            raise OSError("no room for another folder")
        guest = self.guests[spec.vm_id] = NotingGuest(spec, on_line, on_exit)
        self.on_start(guest)
        return guest

    @property
    def base_arn(self) -> str:
        return f"arn:aws:lambda:{self.region.name}:aws:microvm-image:al2023-1"

    async def call(self, operation: str, service: str = "lambda-microvms", **params: Any) -> dict[str, Any]:
        """What the handler of an operation answers."""
        handler = handler_for(service, operation)
        assert handler is not None
        answer = await handler(Call(self.cloud, self.region, service, operation, params, "request"))
        assert isinstance(answer, dict)
        return answer

    async def pass_time(self, seconds: float) -> None:
        await self.timing.run(seconds)

    async def begin_image(self, name: str = "web", memory: int = 2048, **params: Any) -> str:
        """Start an image's first build; gives the ARN."""
        answer = await self.call("CreateMicrovmImage", name=name, **self.spec(memory, **params))
        arn: str = answer["imageArn"]
        return arn

    async def image(self, name: str = "web", memory: int = 2048, **params: Any) -> str:
        """A built image's ARN."""
        arn = await self.begin_image(name, memory, **params)
        await self.pass_time(10)
        return arn

    def spec(self, memory: int = 2048, **params: Any) -> dict[str, Any]:
        return {
            "baseImageArn": self.base_arn,
            "buildRoleArn": BUILD_ROLE,
            "codeArtifact": {"uri": "s3://elsewhere/code.zip"},
            "resources": [{"minimumMemoryInMiB": memory}],
        } | params

    async def run(self, arn: str, **params: Any) -> MicrovmRecord:
        """A MicroVM on its way to RUNNING."""
        answer = await self.call("RunMicrovm", imageIdentifier=arn, **params)
        return self.region.microvms.get(answer["microvmId"])

    async def running(self, arn: str | None = None, **params: Any) -> MicrovmRecord:
        """A MicroVM that is RUNNING."""
        vm = await self.run(arn or await self.image(), **params)
        await self.pass_time(3)
        return vm

    async def suspended(self, **params: Any) -> MicrovmRecord:
        """A MicroVM that a request has suspended."""
        vm = await self.running(**params)
        vm.lifecycle.suspend(vm)
        await self.pass_time(3)
        return vm


MakeWorld = Callable[..., World]
