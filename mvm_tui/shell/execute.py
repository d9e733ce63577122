"""Runs one command through a shell, with its exit code, its input, and its two outputs apart.

The service's shell is a terminal: it has no channel for an exit code, none for errors, and it changes bytes.
So the shell is replaced by a small `sh` script that puts the terminal into raw mode and speaks in lines, each
with a nonce that nothing else prints (the idea of a marker is sunaba's):

- What the command prints comes as base64 after ``NONCEo`` and ``NONCEe``, a line at most 1,024 bytes; a
  ``.`` ends each. ``NONCEx7`` is the exit code, ``NONCEa`` says that a group of input lines was passed on.
- What it reads goes as base64 in lines of at most 1,024 bytes, ``.`` after a group, ``=`` at the end. Where
  the guest's `dd` reads whole blocks (``NONCEc1``), ``%32`` before 32 full lines spares its `sh` to read each
  byte by itself. ``T``, ``I`` and ``K`` send SIGTERM, SIGINT and SIGKILL to the script's process group.

A terminal in raw mode holds its writer up instead of dropping what it cannot hold, so nothing is paced; but
only some groups are under way at a time, so that a signal is not stuck behind a megabyte of input. A command
that does not read its input at all can still block the way: it is then killed through a second shell, by the
process group that ``NONCEp123`` named. When the connection ends, the terminal hangs up, and so ends the
command, unless it detached itself from it.
"""

from __future__ import annotations

import asyncio
import binascii
import secrets
import shlex
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mvm_tui.model.errors import GatewayFault, Problem, Unexpected
from mvm_tui.model.text import clean
from mvm_tui.shell.protocol import chunks
from mvm_tui.shell.session import ShellSession
from mvm_tui.shell.states import Closed, End, Open

OURS_FAILED = 125
TIMED_OUT = 124

# How long the shell may take to answer at all; a start-up file of its own may be slow.
START_SECONDS = 20.0
# How long a command may take to end after SIGTERM or SIGINT, and again after SIGKILL.
GRACE_SECONDS = 2.0
# Characters of base64 on a line; with nonce, tag and newline under 1,024 bytes.
LINE_CHARACTERS = 1_000
# Bytes of input in a group: whole lines, so that only the last one is padded.
_LINE_BYTES = LINE_CHARACTERS // 4 * 3
GROUP_BYTES = _LINE_BYTES * 32
GROUPS_UNDER_WAY = 8
_LONGEST_LINE = 8_192

# Typed at the prompt, so short; the space keeps it out of most histories. The nonce stands in two parts, so
# that its echo is not taken for an answer.
_FIRST = (
    ' exec sh -c \'stty raw -echo 2>/dev/null;n={a}"{b}";'
    'for t in base64 dd;do command -v $t >/dev/null 2>&1||{{ printf "%s\\n" "${{n}}N$t";exit 1;}};done;'
    'printf "%s\\n" "${{n}}R";s=;while IFS= read -r l&&[ "$l" != . ];do s=$s$l;done;'
    'eval "$(printf %s "$s"|base64 -d)"\'\r'
)
_SCRIPT = """
trap '' INT TERM
e=base64
[ -n "$(printf a | base64 -w {width} 2>/dev/null)" ] && e='base64 -w {width}'
c=0
[ "$(printf aaaa | dd bs=4 count=1 iflag=fullblock 2>/dev/null)" = aaaa ] && c=1
printf '%s\\n' "${{n}}c$c" "${{n}}p$$"
out() {{
  while b=$(dd bs=30000 count=1 2>/dev/null | $e) && [ -n "$b" ]; do
    for l in $b; do printf '%s\\n' "$n$1$l"; done
  done
  printf '%s\\n' "$n$1."
}}
feed() {{
  b=
  while IFS= read -r l; do
    case $l in
      .) printf '%s' "$b" | base64 -d 2>/dev/null; b=; printf '%s\\n' "${{n}}a" >&3 ;;
      %*) dd bs={line} count="${{l#%}}" iflag=fullblock 2>/dev/null | base64 -d 2>/dev/null
        printf '%s\\n' "${{n}}a" >&3 ;;
      =) exec >/dev/null ;;
      T) kill -TERM 0 ;;
      I) kill -INT 0 ;;
      K) kill -KILL 0 ;;
      Q) break ;;
      *) b="$b$l
" ;;
    esac
  done
}}
exec 3>&1
feed | {{
  {{
    {{
      {{ ( trap - INT TERM; exec 3>&-; {command} ) 2>&5 5>&-; printf '%s\\n' "${{n}}x$?" >&3; }} 2>/dev/null
    }} 5>&1 1>&4 4>&- | out e >&3 4>&-
  }} 4>&1 | out o
}} >&3
"""

Sink = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Streams:
    """Where the command's bytes go and come from. A sink that waits holds the command up.

    Attributes:
        stdin: Pieces of any size; None for no input.
    """

    stdout: Sink
    stderr: Sink
    stdin: AsyncIterator[bytes] | None = None


class Lines:
    """Takes the lines with a nonce out of all that a terminal prints."""

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce.encode()
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """(tag, what follows it) of each line that is complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            _, found, said = line.rstrip(b"\r").rpartition(self._nonce)
            if found and said:
                yield chr(said[0]), said[1:]
        if len(self._rest) > _LONGEST_LINE:
            # No line of ours is so long: what is left of it cannot become one.
            self._rest = self._rest[-_LONGEST_LINE // 2 :]


class Execution:
    """One command in a session that was made for it: `start` it with `ShellOptions.reconnect` off.

    Args:
        argv: The command and its arguments; no shell looks at them.
        another: Gives a second session of the same MicroVM, for a command that cannot be ended through its
            own; None leaves such a one to the end of the connection.
    """

    def __init__(
        self,
        session: ShellSession,
        argv: Sequence[str],
        streams: Streams,
        another: Callable[[], ShellSession] | None = None,
    ) -> None:
        self._session = session
        self._another = another
        self._group = 0
        self._argv = argv
        self._streams = streams
        self._nonce = secrets.token_hex(8)
        self._lines = Lines(self._nonce)
        # Whether the limit of `run` was reached.
        self.timed_out = False
        self._code: int | None = None
        self._ended: set[str] = set()
        self._stopping = asyncio.Event()
        self._signal = "T"
        self._room = asyncio.Semaphore(GROUPS_UNDER_WAY)
        # Whether full lines can go in blocks: known once the script has begun.
        self._blocks: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def stop(self, signal: str = "I") -> None:
        """End the command: ``I`` for SIGINT, ``T`` for SIGTERM. `run` returns once it has ended."""
        self._signal = signal
        self._stopping.set()

    async def run(self, limit: float | None = None) -> int | None:
        """The command's exit code, `TIMED_OUT`, or None where `stop` was called and it gave none.

        Args:
            limit: Seconds from the command's start; None for none.

        Raises:
            Problem: The shell could not be had or does not do, or the connection was lost meanwhile.
        """
        await self._begin()
        feeding = asyncio.create_task(self._feed())
        collecting = asyncio.create_task(self._collect())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({collecting, stopping}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if collecting.done():
                return collecting.result()
            if not stopping.done():
                self.timed_out = True
                await self._kill("T", collecting)
                return TIMED_OUT
            return await self._kill(self._signal, collecting)
        finally:
            self._session.send(b"Q\n")
            for task in (feeding, collecting, stopping):
                task.cancel()
            await asyncio.gather(feeding, collecting, stopping, return_exceptions=True)

    async def _begin(self) -> None:
        """Put our script in the place of the shell, and the command into it."""
        try:
            async with asyncio.timeout(START_SECONDS):
                half = len(self._nonce) // 2
                await self._opened()
                self._send(_FIRST.format(a=self._nonce[:half], b=self._nonce[half:]))
                await self._ready()
        except TimeoutError:
            raise GatewayFault(
                "The shell did not answer.",
                f"Nothing came of it in {START_SECONDS:g} seconds, or it is no sh.",
                "Look at it with mvm-tui shell.",
            ) from None
        command = shlex.join(self._argv)
        script = _SCRIPT.format(width=LINE_CHARACTERS, line=LINE_CHARACTERS + 1, command=command)
        # Words of the command line that are no UTF-8 arrive as the bytes that they are.
        self._send("".join(_encoded(script.encode("utf-8", "surrogateescape"))) + ".\n")

    async def _opened(self) -> None:
        """Return once the session is open. Raises Problem if it never will be."""
        while not isinstance(self._session.state, Open):
            if isinstance(self._session.state, Closed):
                raise self._over(self._session.state)
            await asyncio.sleep(0.005)

    async def _ready(self) -> None:
        while True:
            for tag, said in self._lines.feed(await self._receive()):
                if tag == "N":
                    missing = clean(said.decode("ascii", "replace"), 40)
                    raise Unexpected(
                        f"The MicroVM has no {missing}.",
                        "Commands are run through its shell, whose terminal would change their bytes.",
                        f"Install {missing} in the image, or use mvm-tui shell.",
                    )
                if tag == "R":
                    return

    async def _collect(self) -> int:
        """Pass on what the command prints, until it and its outputs have ended."""
        while self._code is None or len(self._ended) < 2:
            for tag, said in self._lines.feed(await self._receive()):
                await self._take(tag, said)
        return self._code

    async def _take(self, tag: str, said: bytes) -> None:
        if tag in "oe":
            if said == b".":
                self._ended.add(tag)
            else:
                await (self._streams.stdout if tag == "o" else self._streams.stderr)(_decoded(said))
        elif tag == "a":
            self._room.release()
        elif tag == "c" and not self._blocks.done():
            self._blocks.set_result(said == b"1")
        elif tag == "p" and said.isdigit():
            self._group = int(said)
        elif tag == "x" and said.isdigit():
            self._code = int(said)

    async def _feed(self) -> None:
        """Pass on the input in groups, and its end."""
        blocks = await self._blocks
        if self._streams.stdin is not None:
            async for piece in self._streams.stdin:
                for group in chunks(piece, GROUP_BYTES):
                    full = len(group) // _LINE_BYTES if blocks else 0
                    await self._send_group(f"%{full}\n", group[: full * _LINE_BYTES], "")
                    await self._send_group("", group[full * _LINE_BYTES :], ".\n")
        self._send("=\n")

    async def _send_group(self, before: str, data: bytes, after: str) -> None:
        if data:
            await self._room.acquire()
            self._send(before + "".join(_encoded(data)) + after)
            await self._session.sent()

    async def _kill(self, signal: str, collecting: asyncio.Task[int]) -> int | None:
        """Ask the command to end, then end it; its code if it still gave one."""
        for letter in (signal, "K"):
            self._send(f"{letter}\n")
            await asyncio.wait({collecting}, timeout=GRACE_SECONDS)
            if collecting.done():
                break
        if not collecting.done():
            await self._kill_from_outside()
            return None
        return None if collecting.exception() is not None else collecting.result()

    async def _kill_from_outside(self) -> None:
        """Through a second shell; what hinders that leaves the command to the end of the connection."""
        if self._another is None or self._group <= 1:
            return
        session = self._another()
        session.start(80, 24)
        killing = Execution(session, ["kill", "-KILL", f"-{self._group}"], Streams(_ignore, _ignore))
        with suppress(Problem):
            await killing.run(GRACE_SECONDS)
        await session.close()

    def _send(self, text: str) -> None:
        self._session.send(text.encode())

    async def _receive(self) -> bytes:
        piece = await self._session.receive()
        if isinstance(piece, bytes) and piece:
            return piece
        state = self._session.state
        raise self._over(state if isinstance(state, Closed) else Closed(End.LOST))

    def _over(self, closed: Closed) -> Problem:
        """Why the command was not run to its end."""
        if closed.end is End.EXITED:
            return Unexpected(
                "The shell ended before the command did.", "It was killed, or is no sh.", "Look at it."
            )
        if closed.end is End.LOST:
            why = "Whether the command ended is not known."
            return GatewayFault("The connection was lost.", why, "Look at the MicroVM before you repeat it.")
        return closed.problem or Unexpected("The session was closed.", closed.end.value)


async def _ignore(data: bytes) -> None:
    """What a `kill` prints."""


def _encoded(data: bytes) -> Iterator[str]:
    """Lines of base64."""
    text = b64encode(data).decode()
    return (f"{text[at : at + LINE_CHARACTERS]}\n" for at in range(0, len(text), LINE_CHARACTERS))


def _decoded(line: bytes) -> bytes:
    try:
        return binascii.a2b_base64(line, strict_mode=True)
    except ValueError:
        why = "Something else writes to the terminal that the command's output comes through."
        raise GatewayFault("The command's output arrived damaged.", why, "Repeat it.") from None
