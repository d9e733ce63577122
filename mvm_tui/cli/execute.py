"""`exec`: one command in a MicroVM, with its input, its outputs and its exit code."""

from __future__ import annotations

import asyncio
import base64
import codecs
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, TextIO

import click

from mvm_tui.cli import exits
from mvm_tui.cli.asking import yes_option
from mvm_tui.cli.durations import Duration
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import NDJSON, TABLE, emit_line, emit_object, say, say_from_handler, write_bytes
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Problem

if TYPE_CHECKING:
    from mvm_tui.cli.attaching import Reachable
    from mvm_tui.shell.execute import Execution, Sink, Streams
    from mvm_tui.shell.states import Event

_READ = 65_536
# A command gets no window; programs that ask for one get the smallest that all know.
_COLS, _ROWS = 80, 24


@verb(
    "exec",
    help="Run a command in a MicroVM, without a terminal. What is piped in is its input. Its exit code is "
    "ours; 124 at --timeout, 125 where it could not be run, 130 when interrupted. No shell looks at "
    "its words: for pipes and wildcards run sh -c '…'.",
    examples="""
    mvm-tui exec web-1 -- uname -a
    tar c src | mvm-tui exec web-1 -- tar x -C /tmp
    mvm-tui exec web-1 --timeout 30s -o json -- sh -c 'ls /var/log | wc -l'
    """,
)
@click.argument("microvm", metavar="VM")
@click.argument("command", metavar="-- COMMAND...", nargs=-1, required=True)
@click.option("--timeout", type=Duration(), metavar="TIME", help="Kill the command after this time: 30s, 5m.")
@click.option("-n", "--no-stdin", is_flag=True, help="Give the command no input, and leave ours unread.")
@yes_option
def exec_verb(session: Session, microvm: str, command: tuple[str, ...], **options: Any) -> None:
    from mvm_tui.cli.attaching import reachable
    from mvm_tui.shell.execute import OURS_FAILED

    try:
        target = reachable(session, microvm, options["yes"])
        code = asyncio.run(_run(session, target, command, options))
    except Problem as problem:
        say("\n".join(part for part in (problem.what, problem.why, problem.fix) if part))
        code = OURS_FAILED
    except click.ClickException as error:
        error.show()
        code = OURS_FAILED
    click.get_current_context().exit(code)


async def _run(session: Session, target: Reachable, command: tuple[str, ...], options: dict[str, Any]) -> int:
    from dataclasses import replace

    from mvm_tui.shell.execute import TIMED_OUT, Execution
    from mvm_tui.shell.session import ShellSession

    # Nothing is typed into it first, and nothing is paced: see mvm_tui.shell.execute.
    manner = replace(target.options, reconnect=False, on_attach="", pause=0)
    vm_id, access = target.row.id, target.access
    shell = ShellSession(vm_id, access, options=manner, on_event=_heard, clock=session.clock)
    output = _outputs(session.form)
    stdin = None if options["no_stdin"] or sys.stdin.isatty() else _pieces(sys.stdin.fileno())
    streams = output.streams(stdin)
    execution = Execution(shell, command, streams, lambda: ShellSession(vm_id, access, options=manner))
    stopped = _stopping(execution)
    shell.start(_COLS, _ROWS)
    try:
        code = await execution.run(options["timeout"] or None)
    except Problem as problem:
        raise target.explained(problem) from None
    finally:
        await shell.close()
    if stopped:
        code = exits.INTERRUPTED if stopped[0] == signal.SIGINT else 128 + stopped[0]
    elif execution.timed_out:
        say(f"It did not end in {options['timeout']} s.")
    output.finish(code)
    return TIMED_OUT if code is None else code


def _heard(event: Event) -> None:
    """What the user is to know of the MicroVM while the command runs."""
    from mvm_tui.shell.states import EndsSoon, VmChanged

    if isinstance(event, VmChanged):
        say(f"The MicroVM is {event.vm_state.lower()}.")
    elif isinstance(event, EndsSoon):
        say(f"The MicroVM ends in {event.minutes} min, whatever runs in it.")


def _stopping(execution: Execution) -> list[int]:
    """End the command by the signals that would end us; which one came, once one did.

    The second one does not wait for the command.
    """
    came: list[int] = []
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        if came:
            say_from_handler("Left without waiting for the command.")
            os._exit(128 + number)
        came.append(number)
        execution.stop("I" if number == signal.SIGINT else "T")

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    return came


async def _pieces(descriptor: int) -> AsyncIterator[bytes]:
    """What is piped in, as it comes."""
    from mvm_tui.shell.blocking import in_thread

    while data := await in_thread(lambda: os.read(descriptor, _READ)):
        yield data


def _outputs(form: str) -> _Plain | _Lines | _Whole:
    return _Plain() if form == TABLE else _Lines() if form == NDJSON else _Whole()


class _Plain:
    """Bytes as they are; on a terminal without what would steer it."""

    def streams(self, stdin: AsyncIterator[bytes] | None) -> Streams:
        from mvm_tui.shell.execute import Streams

        return Streams(_sink(_writer(sys.stdout)), _sink(_writer(sys.stderr)), stdin)

    def finish(self, code: int | None) -> None:
        """Nothing is kept."""


class _Lines:
    """One JSON object for each piece of output, and one for the end."""

    def streams(self, stdin: AsyncIterator[bytes] | None) -> Streams:
        from mvm_tui.shell.execute import Streams

        return Streams(_sink(self._teller("stdout")), _sink(self._teller("stderr")), stdin)

    def _teller(self, stream: str) -> Callable[[bytes], None]:
        return lambda data: emit_line(NDJSON, {"stream": stream, **_texts("data", data)}, ())

    def finish(self, code: int | None) -> None:
        emit_line(NDJSON, {"stream": None, "exit_code": code}, ())


class _Whole:
    """One JSON object at the end."""

    def __init__(self) -> None:
        self._kept = {"stdout": bytearray(), "stderr": bytearray()}

    def streams(self, stdin: AsyncIterator[bytes] | None) -> Streams:
        from mvm_tui.shell.execute import Streams

        return Streams(_sink(self._kept["stdout"].extend), _sink(self._kept["stderr"].extend), stdin)

    def finish(self, code: int | None) -> None:
        texts = {
            name: text
            for stream, data in self._kept.items()
            for name, text in _texts(stream, bytes(data)).items()
        }
        emit_object("json", {"exit_code": code, **texts}, ())


def _texts(name: str, data: bytes) -> dict[str, str | None]:
    """``NAME`` is the text where the bytes are UTF-8, else null; ``NAME_base64`` the other way round."""
    try:
        return {name: data.decode(), f"{name}_base64": None}
    except UnicodeDecodeError:
        return {name: None, f"{name}_base64": base64.b64encode(data).decode()}


def _sink(write: Callable[[bytes], object]) -> Sink:
    """Writes in a thread: a reader that takes its time holds up the command, not the connection's pings."""
    from mvm_tui.shell.blocking import in_thread

    async def take(data: bytes) -> None:
        await in_thread(lambda: write(data))

    return take


def _writer(stream: TextIO) -> Callable[[bytes], object]:
    if not stream.isatty():
        return write_bytes if stream is sys.stdout else lambda data: _write_error(stream, data)
    from mvm_tui.shell.sieve import Sieve

    sieve = Sieve()
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def show(data: bytes) -> None:
        stream.write(sieve.feed(decode(data)))
        stream.flush()

    return show


def _write_error(stream: TextIO, data: bytes) -> None:
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()
