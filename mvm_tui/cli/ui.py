"""Opens the UI, and sees to it that the terminal is itself again however that ends."""

from __future__ import annotations

import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.session import Session
from mvm_tui.config.load import Known
from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.model.sorting import SORTABLE

if TYPE_CHECKING:
    from mvm_tui.tui.start import StartOptions

# Every mode a full-screen program may have switched on: mouse, focus, paste, keyboard, the other screen,
# the hidden cursor, colours.
_MODES_OFF = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[<u"
    "\x1b[?1049l\x1b[?25h\x1b[0m"
)
_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def known_words() -> Known:
    """What the config file may name: actions and columns. Themes are the UI's to check."""
    return Known({action.id: action.keys for action in ACTIONS}, SORTABLE)


def open_ui(session: Session) -> int:
    """Run the UI on what options, environment and config file say; its exit code."""
    need_terminal()
    from mvm_tui.tui.start import StartOptions

    session.loaded = session.read_config(known_words())
    options = StartOptions(
        target=session.target,
        state_dir=session.paths.state_dir,
        settings=session.loaded.settings,
        complaints=[str(complaint) for complaint in session.loaded.complaints],
        read_only=session.given.read_only,
        clock=session.clock,
        themes_dir=session.paths.config_file.parent / "themes",
    )
    return run_ui(options)


def need_terminal() -> None:
    """Raise Refusal where there is nothing to draw on or to type at."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal("The UI needs a terminal. See mvm-tui --help for the verbs that need none.")


def run_ui(options: StartOptions) -> int:
    """Run the UI to its end; the terminal is as before, even after an exception or a signal."""
    from mvm_tui.tui.start import run

    with clean_terminal():
        return run(options)


@contextmanager
def clean_terminal() -> Iterator[None]:
    """Undo what a full-screen program did to the terminal if it could not do so itself."""
    descriptor = sys.stdin.fileno()
    settings = termios.tcgetattr(descriptor)
    handlers = {number: signal.signal(number, _end) for number in _ENDINGS}
    try:
        yield
    except BaseException:
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)
        if sys.stderr.isatty():
            sys.stderr.write(_MODES_OFF)
            sys.stderr.flush()
        raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    """A signal that would end the process at once ends it by the way that cleans up."""
    raise SystemExit(128 + number)
