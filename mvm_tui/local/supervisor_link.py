"""The cloud's end of a supervisor: start one, ask it things, hear what it tells."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mvm_tui

PACKAGE_ROOT = str(Path(mvm_tui.__file__).parent.parent)
BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from mvm_tui.local.supervisor import main; main()"
ANSWER_SECONDS = 20.0


class SupervisorGoneError(Exception):
    """The supervisor has ended, and its MicroVM with it."""


class SupervisorLink:
    """A running supervisor process and the control socket to it.

    Must be made on the event loop's own thread: the death signal that the supervisor asks the kernel for is
    tied to the thread that starts it.

    :param folder: the VM's folder, which the supervisor removes when it ends.
    :param on_event: is given each event, a dict with ``event`` and its members.
    :param on_gone: is called once, when the control socket has closed.
    """

    def __init__(
        self, folder: Path, on_event: Callable[[dict[str, Any]], None], on_gone: Callable[[], None]
    ) -> None:
        self._on_event = on_event
        self._on_gone = on_gone
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = _start(theirs, folder)
        self._socket.setblocking(False)
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @property
    def pid(self) -> int:
        """The supervisor's process id, the root of the VM's process tree."""
        return self._process.pid

    async def ask(self, do: str, descriptors: Sequence[int] = (), **members: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        :raises SupervisorGoneError: the supervisor ended before it answered.
        :raises TimeoutError: no answer within `ANSWER_SECONDS`.
        """
        if self._reading.done():
            raise SupervisorGoneError(do)
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "do": do, **members}).encode() + b"\n"
        try:
            await self._send(line, descriptors)
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            raise
        except OSError as error:
            raise SupervisorGoneError(do) from error
        finally:
            self._waiting.pop(number, None)

    async def gone(self) -> None:
        """Wait until the supervisor process has ended; one that hangs is killed after `ANSWER_SECONDS`."""
        try:
            await asyncio.wait_for(asyncio.shield(self._reading), ANSWER_SECONDS)
        except TimeoutError:
            self._process.kill()
        await asyncio.to_thread(self._process.wait)

    async def _send(self, line: bytes, descriptors: Sequence[int]) -> None:
        sent = socket.send_fds(self._socket, [line], list(descriptors)) if descriptors else 0
        await asyncio.get_running_loop().sock_sendall(self._socket, line[sent:])

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        buffer = b""
        try:
            with contextlib.suppress(ConnectionError):
                while data := await loop.sock_recv(self._socket, 65536):
                    *lines, buffer = (buffer + data).split(b"\n")
                    for line in lines:
                        self._take(json.loads(line))
        finally:
            self._socket.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(SupervisorGoneError("the supervisor has ended"))
            self._on_gone()

    def _take(self, message: dict[str, Any]) -> None:
        if "event" in message:
            self._on_event(message)
            return
        answer = self._waiting.get(message["id"])
        if answer is not None and not answer.done():
            answer.set_result(message)


def _start(control: socket.socket, folder: Path) -> subprocess.Popen[bytes]:
    """Start a supervisor: empty environment, own session, no descriptor but its control socket."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-I", "-S", "-c", BOOT, PACKAGE_ROOT, str(control.fileno()), str(folder)],
        env={},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(control.fileno(),),
        start_new_session=True,
    )
