"""Where shells of all MicroVMs of a cloud are attached: upgrades in, one shell for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from mvm_tui.local.shell_socket import ShellSocket
from mvm_tui.local.supervisor_link import SupervisorGoneError

if TYPE_CHECKING:
    from mvm_tui.local.clock import Timing
    from mvm_tui.local.faults import Faults
    from mvm_tui.local.shells import Shell

# Clients of the service were seen to use either.
SHELL_PATHS = frozenset({"/", "/shell"})


class ShellHost(Protocol):
    """The shells of one MicroVM, as `mvm_tui.local.shells` starts and ends them."""

    async def open(self) -> Shell: ...
    def leave(self, shell: Shell, *, lives_on: bool = False) -> None: ...


class ShellDoor:
    """Attaches clients to new shells, and troubles those attached as the faults say."""

    def __init__(self, timing: Timing, faults: Faults) -> None:
        self._timing = timing
        self._faults = faults
        self._attached: dict[ShellSocket, str] = {}
        faults.watch(self._trouble_all)

    async def attach(
        self, request: web.BaseRequest, microvm_id: str, host: ShellHost, note_traffic: Callable[[], None]
    ) -> web.StreamResponse | None:
        """Start a shell and carry it until it or the connection ends; `None` if none could be started."""
        try:
            shell = await host.open()
        except (SupervisorGoneError, TimeoutError, OSError):
            return None
        socket = ShellSocket(shell, self._timing, note_traffic)
        self._attached[socket] = microvm_id
        try:
            socket.trouble(self._faults.strike_shell(microvm_id))
            return await socket.run(request)
        finally:
            del self._attached[socket]
            host.leave(shell, lives_on=socket.lives_on)

    def drop_all(self) -> None:
        """Cut every connection, as the end of the cloud does."""
        for socket in self._attached:
            socket.drop()

    def _trouble_all(self) -> None:
        for socket, microvm_id in self._attached.items():
            socket.trouble(self._faults.strike_shell(microvm_id))
