"""The seam between a MicroVM's record and the processes that are its guest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mvm_tui.local.processes import GuestSpec
    from mvm_tui.local.shell_door import ShellHost

OnLine = Callable[[str], None]
OnExit = Callable[[int], None]


class GuestProcess(Protocol):
    """What a record needs of the processes of its MicroVM."""

    async def suspend(self) -> None: ...
    async def resume(self) -> None: ...
    async def terminate(self) -> None: ...
    def address_of(self, guest_port: int) -> tuple[str, int] | None: ...
    @property
    def ended(self) -> bool: ...
    @property
    def shells(self) -> ShellHost | None: ...


GuestStarter = Callable[["GuestSpec", OnLine, OnExit], Awaitable[GuestProcess]]


async def start_process(spec: GuestSpec, on_line: OnLine, on_exit: OnExit) -> GuestProcess:
    """Start a real process tree under its supervisor."""
    from mvm_tui.local.processes import Guest

    return await Guest.start(spec, on_line, on_exit)
