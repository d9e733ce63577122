"""A shell's endpoint for measuring, in a process of its own: it echoes, floods, and drops when told to.

``python -m bench.shell_endpoint PORT_FILE`` writes the port that it listens on. What is typed comes back; of
lines that begin with ``!`` it does what they say instead: ``!flood MEGABYTES`` prints numbered lines,
``!drop`` cuts the connection.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from mvm_tui.shell.protocol import SUBPROTOCOL

_PIECE = 16_384


def numbered(number: int) -> bytes:
    """Line `number` of the flood: coloured, of different lengths, as logs are."""
    text = f"{number:>9} the quick brown fox jumps over the lazy dog".ljust(60 + number % 40, ".")
    return f"\x1b[3{1 + number % 6}m{text}\x1b[0m\r\n".encode()


def flood(size: int) -> tuple[bytes, int]:
    """At least `size` bytes of lines, and how many lines they are."""
    out = bytearray()
    count = 0
    while len(out) < size:
        out += numbered(count)
        count += 1
    return bytes(out), count


async def _handle(connection: ServerConnection) -> None:
    await connection.send('{"type":"session_init","session_id":"bench"}')
    line = b""
    async for message in connection:
        if isinstance(message, str):
            continue
        line += message
        if line.startswith(b"!"):
            if not line.endswith(b"\r"):
                continue
            await _command(connection, line.decode().strip("!\r").split())
        else:
            await connection.send(message)
        line = b""


async def _command(connection: ServerConnection, words: list[str]) -> None:
    if words[0] == "drop":
        connection.transport.abort()
        return
    data, _ = flood(int(float(words[1]) * 1e6))
    for at in range(0, len(data), _PIECE):
        await connection.send(data[at : at + _PIECE])


def _choose(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


async def _serve(port_file: Path) -> None:
    async with serve(
        _handle,
        "127.0.0.1",
        0,
        select_subprotocol=_choose,
        compression=None,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        partial = port_file.with_suffix(".part")
        partial.write_text(str(port))
        partial.rename(port_file)
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    # A connection that is cut is what is measured, no trouble.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    asyncio.run(_serve(Path(sys.argv[1])))
