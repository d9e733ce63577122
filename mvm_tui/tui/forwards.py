"""The forwarded ports that are open. They end with the app, and with the account they belong to."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mvm_tui.model.errors import Problem, Unexpected
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.model.fleet_row import FleetRow
    from mvm_tui.reach.access import Access
    from mvm_tui.reach.forward import Forward
    from mvm_tui.reach.traffic import Traffic
    from mvm_tui.tui.desk import Desk

_ENDING_SECONDS = 2.0


@dataclass(eq=False, slots=True)
class OpenForward:
    """One forwarded port.

    Attributes:
        port: The guest's; None is the app's.
        url: Where it answers; empty until it does.
        rate: How many requests a second it lets through, in words.
        problem: Why it does not answer (any more); None if it does, or soon will.
    """

    number: int
    vm_id: str
    name: str
    port: int | None
    traffic: Traffic
    url: str = ""
    rate: str = ""
    problem: Problem | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def label(self) -> str:
        """``web-1:3000``; safe to show."""
        return f"{self.name}:{self.port}" if self.port else self.name


class Forwards:
    """The open forwards in the order in which they were opened."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.all: list[OpenForward] = []
        self._numbers = itertools.count(1)
        self._tasks: dict[OpenForward, asyncio.Task[None]] = {}

    def of(self, vm_id: str) -> list[OpenForward]:
        return [forward for forward in self.all if forward.vm_id == vm_id]

    def urls_of(self, vm_id: str) -> list[str]:
        """Where on this machine the MicroVM is reached now."""
        return [forward.url for forward in self.of(vm_id) if forward.url]

    def open(
        self,
        row: FleetRow,
        name: str,
        port: int | None,
        *,
        resume: bool,
        opened: Callable[[OpenForward], None] = lambda forward: None,
    ) -> OpenForward | None:
        """Begin to forward a port; `opened` is called once it answers. None without a connection.

        `resume` says that the user agreed to requests resuming the MicroVM, which costs.
        """
        from mvm_tui.reach.traffic import Traffic

        account = self._desk.accounts.account
        if account is None:
            return None
        access = account.port_access(row.id, port, resume, self._desk.say_from_thread)
        forward = OpenForward(next(self._numbers), row.id, name, port, Traffic())
        self.all.append(forward)
        task = asyncio.get_running_loop().create_task(self._run(forward, row, access, opened))
        self._tasks[forward] = task
        task.add_done_callback(lambda _: self._tasks.pop(forward, None))
        return forward

    def close(self, forward: OpenForward) -> None:
        """End one and forget it."""
        forward.stop.set()
        if forward in self.all:
            self.all.remove(forward)

    def forget(self) -> None:
        """End all, and say so: they belong to an account or a sign-in that is left."""
        ended = self.leaving_costs()
        self._end_all()
        if ended:
            self._desk.say(
                f"{ended} ended: what was forwarded went with the sign-in that was left.", "warning"
            )

    async def close_all(self) -> None:
        """The app ends: wait until nothing listens any more."""
        tasks = list(self._tasks.values())
        self._end_all()
        if tasks:
            await asyncio.wait(tasks, timeout=_ENDING_SECONDS)

    def _end_all(self) -> None:
        for forward in list(self.all):
            self.close(forward)

    def leaving_costs(self) -> str:
        """``2 forwarded ports``; empty without any."""
        count = sum(forward.problem is None for forward in self.all)
        return f"{count} forwarded port{'s' if count > 1 else ''}" if count else ""

    async def _run(
        self,
        forward: OpenForward,
        row: FleetRow,
        access: Access,
        opened: Callable[[OpenForward], None],
    ) -> None:
        try:
            async with await self._listening(forward, row, access) as listening:
                if forward.stop.is_set():
                    # It was ended, or the account left, while it was being opened.
                    return
                forward.url = listening.url
                forward.rate = listening.rate.words
                opened(forward)
                await forward.stop.wait()
        except Problem as problem:
            forward.problem = problem
            self._desk.report(problem, forward.label)
        except OSError as error:
            forward.problem = Unexpected("The port cannot be forwarded.", clean(error.strerror or error))
            self._desk.report(forward.problem, forward.label)

    async def _listening(self, forward: OpenForward, row: FleetRow, access: Access) -> Forward:
        from mvm_tui.reach.access import target_of
        from mvm_tui.reach.forward import Forward

        vm = row.vm if row.vm.details is not None else await asyncio.to_thread(access.look)
        target = target_of(vm, forward.port, row.memory_mib)
        return Forward(target, access, self._desk.options.clock, traffic=forward.traffic)
