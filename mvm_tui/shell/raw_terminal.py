"""The user's own terminal in raw mode, and itself again on every way out."""

from __future__ import annotations

import os
import signal
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType

from mvm_tui.shell.guard import Seen
from mvm_tui.shell.modes import POP_TITLE, PUSH_TITLE, modes_off

_READ = 65_536


def undone(seen: Seen) -> str:
    """What undoes what the output did, of which nothing is left to undo then."""
    text = modes_off(alternate=seen.alternate, origin=seen.origin, palette=seen.palette)
    seen.alternate = seen.origin = seen.palette = False
    return text


class RawTerminal:
    """Two descriptors of one terminal. Use as a context manager, also around what may raise anything.

    On leaving, the settings of the line and every mode that a program may have switched on are undone: after
    an end, an exception or a signal that raised one.

    Args:
        titles: Whether the title may be changed: then it is kept and put back, where the terminal can.

    Raises:
        termios.error: From entering, where `source` is no terminal.
    """

    def __init__(self, source: int, sink: int, *, titles: bool = False) -> None:
        self.source = source
        self.sink = sink
        # Kept by whoever filters the output; says what has to be undone.
        self.seen = Seen()
        self._titles = titles

    def __enter__(self) -> RawTerminal:
        self._settings = termios.tcgetattr(self.source)
        tty.setraw(self.source, termios.TCSANOW)
        if self._titles:
            self.write_text(PUSH_TITLE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A terminal that is gone needs no tidying; one that takes nothing is left by another signal.
        try:
            with suppress(OSError):
                self.plain()
                # What is said next does not go on behind the guest's prompt.
                self.write_text("\r\n")
                if self._titles:
                    self.write_text(POP_TITLE)
        finally:
            with suppress(OSError, termios.error):
                termios.tcsetattr(self.source, termios.TCSANOW, self._settings)

    def plain(self) -> None:
        """Undo the modes that the output switched on so far."""
        self.write_text(undone(self.seen))

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows; 80 and 24 where the terminal says none."""
        try:
            cols, rows = os.get_terminal_size(self.sink)
        except OSError:
            cols, rows = 0, 0
        return cols or 80, rows or 24

    def read(self) -> bytes:
        """What was typed; empty at the end. Blocks where nothing was."""
        return os.read(self.source, _READ)

    def write(self, data: bytes) -> None:
        """Print all of it; blocks while the terminal takes no more."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.sink, view) :]

    def write_text(self, text: str) -> None:
        """Print text of ours."""
        self.write(text.encode())


class Resizes:
    """Calls back when the window changes its size, while a block runs. In the main thread only."""

    def __init__(self, tell: Callable[[], object]) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGWINCH, self._changed)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGWINCH, self._before)

    def _changed(self, number: int, frame: FrameType | None) -> None:
        self._tell()
