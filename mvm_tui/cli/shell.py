"""`shell`: a MicroVM's shell on the user's own terminal."""

from __future__ import annotations

import signal
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mvm_tui.cli import exits
from mvm_tui.cli.asking import yes_option
from mvm_tui.cli.ending import ending_by_signal
from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import say
from mvm_tui.cli.session import Session
from mvm_tui.config.schema import split_keys
from mvm_tui.model.errors import Problem, Unexpected

if TYPE_CHECKING:
    from mvm_tui.cli.attaching import Reachable
    from mvm_tui.shell.passthrough import Manners
    from mvm_tui.shell.raw_terminal import RawTerminal
    from mvm_tui.shell.states import Closed, Event

_ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


@verb(
    "shell",
    help="Attach this terminal to a MicroVM's shell. The leader (ctrl+] or f12, see shell.leader), then d, "
    "detaches; then ? shows what else it does.",
    examples="""
    mvm-tui shell web-1
    mvm-tui shell web-1 --yes --record web-1.cast
    """,
)
@click.argument("microvm", metavar="VM")
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Record what is printed, as asciicast v2, to a file that does not exist yet.",
)
@yes_option
def shell_verb(session: Session, microvm: str, record: Path | None, yes: bool) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal("A shell needs a terminal. Run one command with mvm-tui exec VM -- COMMAND.")
    from mvm_tui.cli.attaching import reachable
    from mvm_tui.shell.passthrough import Manners
    from mvm_tui.shell.states import End

    target = reachable(session, microvm, yes)
    shell = session.settings.shell
    manners = Manners(split_keys(shell.leader), shell.clipboard == "allow", shell.titles)
    say(f"{target.name}: {manners.leaders[0]} d detaches.")
    closed = _attach(session, target, manners, record)
    while closed.end is End.SUSPENDED:
        # Never by itself, not even with --yes: it may have been suspended because nobody used it.
        target = reachable(session, target.row.id, False)
        closed = _attach(session, target, manners, None)
    click.get_current_context().exit(closed.problem.exit_code if closed.problem else exits.DONE)


def _attach(session: Session, target: Reachable, manners: Manners, record: Path | None) -> Closed:
    import asyncio

    from mvm_tui.shell.passthrough import Interrupted
    from mvm_tui.shell.raw_terminal import RawTerminal

    terminal = RawTerminal(sys.stdin.fileno(), sys.stdout.fileno(), titles=manners.titles)
    try:
        with ending_by_signal(*_ENDINGS), terminal:
            closed, refused = asyncio.run(_carry(session, target, terminal, manners, record))
    except Interrupted:
        raise KeyboardInterrupt from None
    except (OSError, termios.error) as error:
        raise Unexpected("The terminal cannot be used.", getattr(error, "strerror", None) or "") from None
    _tell_end(target, closed, refused)
    if record is not None:
        say(f"Recorded to {record}.")
    return closed


async def _carry(
    session: Session, target: Reachable, terminal: RawTerminal, manners: Manners, record: Path | None
) -> tuple[Closed, int]:
    """Until the user leaves or the session is over: how it ended, and how often the clipboard was refused."""
    from mvm_tui.shell.passthrough import PassThrough
    from mvm_tui.shell.session import ShellSession
    from mvm_tui.shell.states import Closed, End

    def hear(event: Event) -> None:
        passing.heard(event)

    shell = ShellSession(
        target.row.id, target.access, options=target.options, on_event=hear, clock=session.clock
    )
    passing = PassThrough(shell, terminal, manners)
    shell.start(*terminal.size)
    if record is not None:
        shell.start_recording(record)
    try:
        left = await passing.run()
    finally:
        closed = shell.state
        await shell.close()
    if left or not isinstance(closed, Closed):
        closed = Closed(End.DETACHED)
    return closed, passing.clipboard_refused


def _tell_end(target: Reachable, closed: Closed, refused: int) -> None:
    from mvm_tui.shell.passthrough import farewell

    if refused:
        say(
            "A program in the MicroVM wanted to write your clipboard and was not let: "
            'set shell.clipboard = "allow" in the config if you want that.'
        )
    if closed.problem is not None:
        problem: Problem = target.explained(closed.problem)
        say("\n".join(part for part in (problem.what, problem.why, problem.fix) if part))
    else:
        say(farewell(closed))
