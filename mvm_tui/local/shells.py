"""A shell inside a MicroVM: a session of its own below the VM's supervisor, on a terminal of its own.

What it is given follows what users of the service saw: bash, ``TERM=xterm``, the prompt ``λ $``, no size
until the first resize, and nothing of the image's environment. It reads none of the host's start-up files.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from mvm_tui.local.guest_environment import GUEST_PATH, guest_environment
from mvm_tui.local.supervisor_link import SupervisorGoneError, SupervisorLink
from mvm_tui.local.terminals import Terminal

PROMPT = "λ $ "
TERM = "xterm"
# How long a shell that was hung up may take to end before it is killed, in real seconds.
HANGUP_SECONDS = 2.0


class Shell:
    """One running shell. `ended` gives its exit code, or `None` if the MicroVM was lost with it."""

    def __init__(self, name: str, pid: int, terminal: Terminal) -> None:
        self.name = name
        self.pid = pid
        self.terminal = terminal
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.attached = True
        self.frozen = False
        self.on_freeze: Callable[[], None] = _nothing
        self.on_thaw: Callable[[], None] = _nothing

    def note_end(self, code: int | None) -> None:
        """It runs no more; what it wrote can still be read by whoever is attached."""
        if not self.ended.done():
            self.ended.set_result(code)
        if self.attached:
            self.terminal.finish()
        else:
            self.terminal.close()


class Shells:
    """The shells of one MicroVM, those that nobody is attached to any more included.

    :param folder: the VM's folder.
    :param start_in: where a shell starts.
    """

    def __init__(self, link: SupervisorLink, folder: Path, start_in: Path) -> None:
        self._link = link
        self._folder = folder
        self._start_in = start_in
        self._numbers = itertools.count(1)
        self._running: dict[str, Shell] = {}
        self._frozen = False
        self._killing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    async def open(self) -> Shell:
        """Start a shell.

        :raises SupervisorGoneError: the MicroVM has ended or is suspended.
        :raises OSError: the machine has no terminal left.
        """
        if self._frozen:
            raise SupervisorGoneError("the MicroVM is suspended")
        ours, theirs = os.openpty()
        terminal = Terminal(ours)
        shell = Shell(f"shell-{next(self._numbers)}", 0, terminal)
        self._running[shell.name] = shell
        try:
            answer = await self._link.ask(
                "spawn",
                (theirs, theirs, theirs),
                name=shell.name,
                argv=list(shell_command()),
                env=shell_environment(self._folder),
                cwd=str(self._start_in),
                terminal=True,
            )
        except BaseException:
            self._forget(shell)
            raise
        finally:
            os.close(theirs)
        shell.pid = answer["pid"]
        return shell

    def leave(self, shell: Shell, *, lives_on: bool = False) -> None:
        """Nobody is attached any more: hang up, and see to it that the shell ends.

        Like every terminal's end this ends the shell and its jobs, but not what detached itself from it
        (``nohup``, ``tmux``).

        :param lives_on: the connection was lost with a suspension, which the shell and its jobs survive
            unseen. In a suspended MicroVM that holds for every shell: none can be told.
        """
        shell.attached = False
        shell.on_freeze = shell.on_thaw = _nothing
        if shell.ended.done():
            shell.terminal.close()
        elif lives_on or shell.frozen:
            shell.terminal.discard()
        else:
            shell.terminal.close()
            self._start(self._see_end(shell))

    def freeze(self) -> None:
        """The MicroVM is about to be suspended."""
        self._frozen = True
        for shell in tuple(self._running.values()):
            shell.frozen = True
            shell.on_freeze()

    def thaw(self) -> None:
        """The MicroVM goes on."""
        self._frozen = False
        for shell in tuple(self._running.values()):
            shell.frozen = False
            shell.on_thaw()

    def note_exit(self, name: str, code: int) -> None:
        """The supervisor tells that one has ended."""
        shell = self._running.pop(name, None)
        if shell is not None:
            shell.note_end(code)

    def lose(self) -> None:
        """The MicroVM has ended, and all of them with it."""
        for shell in self._running.values():
            shell.note_end(None)
        self._running.clear()

    def _forget(self, shell: Shell) -> None:
        self._running.pop(shell.name, None)
        shell.attached = False
        shell.note_end(None)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._killing.add(task)
        task.add_done_callback(self._killing.discard)

    async def _see_end(self, shell: Shell) -> None:
        done, _ = await asyncio.wait({shell.ended}, timeout=HANGUP_SECONDS)
        if not done:
            with suppress(SupervisorGoneError, TimeoutError):
                await self._link.ask("kill", name=shell.name)


def shell_command() -> tuple[str, ...]:
    """An interactive bash, or the system's `sh` where there is none."""
    bash = shutil.which("bash", path=GUEST_PATH)
    return (bash, "--noprofile", "--norc", "-i") if bash else ("sh", "-i")


def shell_environment(folder: Path) -> dict[str, str]:
    """The whole environment of a shell: the VM's own folders, and nothing of the image's."""
    return guest_environment({"TERM": TERM, "PS1": PROMPT, "SHELL": shell_command()[0]}, folder, None)


def _nothing() -> None:
    """Nobody is attached."""
