"""`replay`: plays a recording of a shell."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from mvm_tui.cli.options import verb
from mvm_tui.cli.output import say, write
from mvm_tui.cli.session import Session

_SLOWEST, _FASTEST = 0.05, 100.0
# How late an interruption may be heard.
_NAP_SECONDS = 0.2


@verb(
    "replay",
    help="Play a recording (asciicast v2). It only paints: what would ask the terminal, write the clipboard "
    "or set the title is left out. Into a pipe it plays without pauses.",
    examples="""
    mvm-tui replay web-1.cast
    mvm-tui replay web-1.cast --speed 4 --idle-limit 1
    """,
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--speed",
    type=click.FloatRange(_SLOWEST, _FASTEST),
    default=1.0,
    metavar="N",
    help="2 plays twice as fast.",
)
@click.option(
    "--idle-limit",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Longest pause; without it the recording's own.",
)
def replay_verb(session: Session, file: Path, speed: float, idle_limit: float | None) -> None:
    from mvm_tui.shell.modes import modes_off
    from mvm_tui.shell.replay import Cast, play
    from mvm_tui.shell.sieve import Sieve

    shown = sys.stdout.isatty()
    sieve = Sieve()
    with Cast(file) as cast:
        if shown:
            _warn_of_size(cast.header.cols, cast.header.rows)
        try:
            wait = _sleep if shown else _at_once
            play(cast, sieve, write, wait, speed=speed, idle_limit=idle_limit)
        finally:
            if shown:
                write(modes_off(alternate=sieve.alternate) + "\n")


def _sleep(seconds: float) -> None:
    """Sleep in short naps: of a ctrl-c that comes just before one, Python hears when that one ends."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _NAP_SECONDS))


def _at_once(seconds: float) -> None:
    """Nobody watches a pipe."""


def _warn_of_size(cols: int, rows: int) -> None:
    import os

    size = os.get_terminal_size(sys.stdout.fileno())
    if size.columns < cols or size.lines < rows:
        say(f"It was recorded at {cols}x{rows}; this terminal is {size.columns}x{size.lines}.")
