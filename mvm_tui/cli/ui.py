"""Opens the UI, and sees to it that the terminal is itself again however that ends."""

from __future__ import annotations

import errno
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.session import Session

if TYPE_CHECKING:
    from mvm_tui.config.load import Known
    from mvm_tui.tui.start import StartOptions

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)
_PATIENCE_SECONDS = 4.0
_STDERR = 2


def known_words() -> Known:
    """What the config file may name: actions and columns. Themes are the UI's to check."""
    from mvm_tui.config.load import Known
    from mvm_tui.fleet.actions import ACTIONS
    from mvm_tui.fleet.catalogue.shells import SHELL_ACTIONS
    from mvm_tui.fleet.sections import SECTIONS
    from mvm_tui.model.sorting import COLUMN_IDS, SORTABLE

    together = [{action.id for action in section.actions} for section in SECTIONS]
    together.append({action.id for action in SHELL_ACTIONS})
    return Known({action.id: action.keys for action in ACTIONS}, together, COLUMN_IDS, sortable=SORTABLE)


def open_ui(session: Session) -> int:
    """Run the UI on what options, environment and config file say; its exit code."""
    need_terminal()
    from mvm_tui.tui.start import StartOptions

    session.loaded = session.read_config(known_words)
    options = StartOptions(
        target=session.target,
        state_dir=session.paths.state_dir,
        settings=session.loaded.settings,
        complaints=[str(complaint) for complaint in session.loaded.complaints],
        read_only=session.given.read_only,
        clock=session.clock,
        theme=session.settings.theme or "",
        themes_dir=session.paths.config_file.parent / "themes",
    )
    return run_ui(options)


def need_terminal() -> None:
    """Raise Refusal where there is nothing to draw on or to type at."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal("The UI needs a terminal. See mvm-tui --help for the verbs that need none.")


def run_ui(options: StartOptions, abandon: Callable[[], None] = lambda: None) -> int:
    """Run the UI to its end; the terminal is as before, even after an exception or a signal.

    `abandon` is called where the UI hangs and the process has to end without its usual cleaning up.
    """
    from mvm_tui.tui.start import run

    terminal = _Terminal()
    with _ending_by_signal(abandon, terminal.restore), terminal:
        return run(options)


class _Terminal:
    """Undoes what a full-screen program did to the terminal if it could not do so itself."""

    def __init__(self) -> None:
        self._descriptor = sys.stdin.fileno()
        self._settings = termios.tcgetattr(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        for stream in (sys.stdout, sys.stderr):
            # What was drawn and is still to be written goes before what undoes it.
            with suppress(OSError, ValueError):
                stream.flush()
        self.restore()

    def restore(self) -> None:
        """Put its settings and modes back. One that is gone needs no tidying."""
        from mvm_tui.shell.modes import modes_off

        with suppress(OSError, termios.error):
            termios.tcsetattr(self._descriptor, termios.TCSANOW, self._settings)
            if os.isatty(_STDERR):
                # Past Python's buffers: whoever holds them may be what hangs.
                os.write(_STDERR, modes_off().encode())


@contextmanager
def _ending_by_signal(abandon: Callable[[], None], restore: Callable[[], None]) -> Iterator[None]:
    """A signal that would end the process at once, and a terminal that is gone, end it in an orderly way.

    A screen that hangs, as it does with nothing left to draw on, is given a few seconds.
    """

    def give_up(code: int) -> None:
        restore()
        abandon()
        os._exit(code)

    def end(number: int, frame: FrameType | None) -> None:
        code = 128 + number
        last = threading.Timer(_PATIENCE_SECONDS, give_up, [code])
        last.daemon = True
        last.start()
        raise SystemExit(code)

    def thread_died(args: threading.ExceptHookArgs) -> None:
        log_death(args)
        if isinstance(args.exc_value, OSError) and args.exc_value.errno == errno.EIO:
            os.kill(os.getpid(), signal.SIGHUP)

    log_death, threading.excepthook = threading.excepthook, thread_died
    handlers = {number: signal.signal(number, end) for number in _ENDINGS}
    try:
        yield
    finally:
        threading.excepthook = log_death
        for number, handler in handlers.items():
            signal.signal(number, handler)
