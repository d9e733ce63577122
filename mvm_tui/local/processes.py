"""A MicroVM as processes of this machine: a process tree under a supervisor of its own.

A local guest is isolated from nothing: it runs as the user, sees the user's files and the host's
loopback. What it is not given is the cloud's environment and descriptors.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mvm_tui.local import listeners, process_tree
from mvm_tui.local.guest_environment import guest_environment
from mvm_tui.local.output import OutputReader
from mvm_tui.local.shells import Shells
from mvm_tui.local.supervisor import MAIN, guest_mark, remove_folder
from mvm_tui.local.supervisor_link import SupervisorGoneError, SupervisorLink

KILLED = 137
PORT_ATTEMPTS = 3
# Where a VM's folder holds its copy of the source.
COPY = "app"


@dataclass(frozen=True, slots=True)
class GuestSpec:
    """What to run as one MicroVM.

    `folder` becomes the VM's own folder, mode 0700; it must not exist yet, its parents are made.
    `source` is copied into its subfolder `COPY`. The command starts in `start_in`, else in that copy, else
    in the guest's HOME. `port` is the guest port (8080 where the image names no other) that the app serves
    on the host port it finds in `PORT`; `None` gives it none.
    """

    vm_id: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    source: Path | None
    folder: Path
    port: int | None = None
    start_in: Path | None = None


class Guest:
    """One MicroVM's process tree under its supervisor. Made by `start`, on the event loop's own thread."""

    def __init__(
        self, spec: GuestSpec, on_line: Callable[[str], None], on_exit: Callable[[int], None]
    ) -> None:
        self.spec = spec
        self._on_line = on_line
        self._on_exit = on_exit
        self._attempts = PORT_ATTEMPTS
        self._terminated = False
        self._ended = False
        self._code: int | None = None
        self._host_port: int | None = None
        self._link: SupervisorLink | None = None
        self._output: OutputReader | None = None
        self._listeners: listeners.OwnListeners | None = None
        self._shells: Shells | None = None
        self._restart: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, spec: GuestSpec, on_line: Callable[[str], None], on_exit: Callable[[int], None]
    ) -> Guest:
        """Start a guest and come back when its command runs.

        A command that cannot be executed says so in its output and exits with 127.

        :param on_line: is given each line of stdout and stderr.
        :param on_exit: is given the exit code, 128 + N after signal N, once, when the command has ended by
            itself and nothing of the VM is left; not after `terminate`.
        :raises OSError: the folder cannot be made or the source not be copied.
        """
        guest = cls(spec, on_line, on_exit)
        try:
            await guest._launch()
        except BaseException:
            await guest.terminate()
            raise
        return guest

    @property
    def supervisor_pid(self) -> int | None:
        """Root of the VM's process tree, `None` before the start."""
        return self._link.pid if self._link else None

    @property
    def ended(self) -> bool:
        """Whether nothing of this VM runs any more."""
        return self._ended

    @property
    def _start_in(self) -> Path:
        return self.spec.start_in or self.spec.folder / (COPY if self.spec.source else "home")

    @property
    def shells(self) -> Shells | None:
        """Its shells, which start where its command started; `None` before the start and after the end."""
        return None if self.ended else self._shells

    async def suspend(self) -> None:
        """Stop the whole tree; it is still when this returns.

        :raises SupervisorGoneError: the guest has ended.
        """
        if self._shells is not None:
            self._shells.freeze()
        await self._ask("suspend")

    async def resume(self) -> None:
        """Let the tree go on, but for what was stopped before `suspend`.

        :raises SupervisorGoneError: the guest has ended.
        """
        await self._ask("resume")
        if self._shells is not None:
            self._shells.thaw()

    async def terminate(self) -> None:
        """Kill the whole tree and remove its folder. May be called again, and after the guest's own end."""
        self._terminated = True
        if self._restart is not None:
            self._restart.cancel()
        if self._link is None:
            return
        with suppress(SupervisorGoneError, TimeoutError):
            await self._link.ask("terminate")
        await self._link.gone()
        await asyncio.to_thread(_clear_up, self.spec.folder)
        self._ended = True

    def address_of(self, guest_port: int) -> tuple[str, int] | None:
        """The loopback address that answers for a port of this VM, `None` if nothing of it listens there.

        The guest's main port stands for the host port it was assigned, if the app heeds that; any other port
        is the host's own, and counts only while a process of this VM's tree listens on it.
        """
        if self._listeners is None or self.ended:
            return None
        assigned = self._host_port if guest_port == self.spec.port else None
        found = self._listeners.address(assigned) if assigned else None
        return found or self._listeners.address(guest_port)

    async def _ask(self, do: str) -> None:
        if self._link is None:
            raise SupervisorGoneError(do)
        await self._link.ask(do)

    async def _launch(self) -> None:
        folder = self.spec.folder
        await asyncio.to_thread(_make_folder, folder, self.spec.source)
        self._code = None
        self._host_port = listeners.free_port() if self.spec.port else None
        self._link = SupervisorLink(folder, self._heard, self._gone)
        self._listeners = listeners.OwnListeners(self._link.pid, self._host_port)
        self._shells = Shells(self._link, folder, self._start_in)
        read_end, write_end = os.pipe()
        self._output = OutputReader(read_end, self._on_line)
        with open(os.devnull, "rb") as nothing, open(write_end, "wb") as output:  # noqa: ASYNC230, PTH123
            await self._link.ask(
                "spawn",
                (nothing.fileno(), output.fileno(), output.fileno()),
                name=MAIN,
                argv=list(self.spec.argv),
                env=guest_environment(self.spec.env, folder, self._host_port),
                cwd=str(self._start_in),
            )

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] != "exit":
            return
        if event["name"] == MAIN:
            self._code = event["code"]
        elif self._shells is not None:
            self._shells.note_exit(event["name"], event["code"])

    def _gone(self) -> None:
        """The supervisor has ended: the app's own end, a terminate, or a supervisor that was killed."""
        if self._shells is not None:
            self._shells.lose()
        if self._output is not None:
            self._output.drain()
        if not self._terminated:
            self._restart = asyncio.get_running_loop().create_task(self._after_exit())

    async def _after_exit(self) -> None:
        assert self._link is not None
        await self._link.gone()
        await asyncio.to_thread(_clear_up, self.spec.folder)
        if self._code and self._attempts > 1 and self._host_port and listeners.taken(self._host_port):
            # Another process of the host took the assigned port before the app could.
            self._attempts -= 1
            with suppress(OSError):
                await self._launch()
                return
        self._ended = True
        self._on_exit(KILLED if self._code is None else self._code)


def _clear_up(folder: Path) -> None:
    """Do what a supervisor that was killed could not do itself; the others leave no folder."""
    if not folder.exists():
        return
    process_tree.kill_marked(guest_mark(str(folder)))
    remove_folder(str(folder))


def _make_folder(folder: Path, source: Path | None) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        (folder / "home").mkdir(mode=0o700)
        (folder / "tmp").mkdir(mode=0o700)
        if source is not None:
            shutil.copytree(source, folder / COPY, symlinks=True)
    except OSError:
        remove_folder(str(folder))
        raise
