"""Guests whose shell is a real one on a real terminal, behind a websocket on loopback."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import signal
import struct
import termios
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.shell.servers import INIT, Server, endpoint

_READ = 4_096


@asynccontextmanager
async def guest(
    argv: Sequence[str], home: Path, *, path: str = "", extra: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """An endpoint that starts `argv` on a terminal for each connection.

    :param path: the guest's PATH; empty for the tester's.
    """
    environment = {
        "PATH": path or os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm",
        "PS1": "λ $ ",
        "LANG": "C.UTF-8",
        **(extra or {}),
    }

    async def serve(connection: ServerConnection) -> None:
        await connection.send(INIT)
        await _on_terminal(connection, argv, environment)

    # That a client has left is to be noticed while its input still waits for the terminal.
    async with endpoint(serve, waiting=None) as server:
        yield server


async def _on_terminal(
    connection: ServerConnection, argv: Sequence[str], environment: Mapping[str, str]
) -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(environment["HOME"])
        os.execvpe(argv[0], list(argv), dict(environment))
    os.set_blocking(master, False)
    reading = asyncio.create_task(_output(connection, master))
    try:
        await _input(connection, master)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        os.close(master)
        await _reap(pid)


async def _input(connection: ServerConnection, master: int) -> None:
    async for message in connection:
        if isinstance(message, str):
            size = json.loads(message)
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size["rows"], size["cols"], 0, 0))
            continue
        while message:
            try:
                message = message[os.write(master, message) :]
            except BlockingIOError:
                if not await _writable(connection, master):
                    return
            except OSError:
                return


async def _output(connection: ServerConnection, master: int) -> None:
    while True:
        await _ready(master, writing=False)
        try:
            data = os.read(master, _READ)
        except BlockingIOError:
            continue
        except OSError:
            data = b""
        with suppress(ConnectionClosed):
            if not data:
                return await connection.close(1000, "shell exited")
            await connection.send(data)


async def _writable(connection: ServerConnection, master: int) -> bool:
    """Wait until the terminal takes more; false if the client has left before."""
    ready = asyncio.create_task(_ready(master, writing=True))
    left = asyncio.create_task(connection.wait_closed())
    await asyncio.wait({ready, left}, return_when=asyncio.FIRST_COMPLETED)
    writable = ready.done()
    for task in (ready, left):
        task.cancel()
    await asyncio.gather(ready, left, return_exceptions=True)
    return writable


async def _ready(descriptor: int, *, writing: bool) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    add, remove = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    add(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        remove(descriptor)


async def _reap(pid: int) -> None:
    """Wait for the shell; one that does not end by itself is killed."""
    waiting = asyncio.create_task(asyncio.to_thread(os.waitpid, pid, 0))
    done, _ = await asyncio.wait({waiting}, timeout=2)
    if not done:
        os.kill(pid, signal.SIGKILL)
    await waiting
