"""The terminal that the UI runs on: as Textual drives it, but quicker, its keys with their bytes."""

from __future__ import annotations

import codecs
import os
import select
import signal
import threading
from typing import Any

from textual._parser import ParseError
from textual.drivers.linux_driver import LinuxDriver

from mvm_tui.tui.key_sequences import ESCAPE_SECONDS, SequenceParser
from mvm_tui.tui.terminal_output import TerminalOutput

_IDLE_SECONDS = 0.1
_READ_BYTES = 65_536


class ShellDriver(LinuxDriver):
    """Textual's driver for Linux and macOS.

    Attributes:
        whole_keys: Set while keys are wanted as they were typed: `SequenceKey`.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.whole_keys = threading.Event()
        self._away = False
        assert self._file is not None, "Textual draws on standard error, which the command line has checked"
        self._output = TerminalOutput(self._file.fileno())

    def write(self, data: str) -> None:
        """Draw; nothing while the terminal is somebody else's."""
        if not self._away:
            self._output.write(data)

    def suspend_application_mode(self) -> None:
        """Hand the terminal over."""
        super().suspend_application_mode()
        self._away = True

    def resume_application_mode(self) -> None:
        """Take it back."""
        self._away = False
        super().resume_application_mode()

    def close(self) -> None:
        """Leave the terminal to somebody else: all that was drawn is there."""
        self._output.drain()
        super().close()

    def run_input_thread(self) -> None:
        """Read what is typed until the app ends or hands the terminal over."""
        parser = SequenceParser(self.whole_keys, self._debug)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            # A sequence cut in two is waited for no longer than it may take.
            timeout = ESCAPE_SECONDS if parser.waiting else _IDLE_SECONDS
            ready, _, _ = select.select([self.fileno], [], [], timeout)
            if ready:
                read = self._read()
                if not read:
                    # A terminal has no end but that of its other side: the same as if it had hung up on us.
                    return os.kill(os.getpid(), signal.SIGHUP)
                text = decode(read)
                for message in parser.feed(text) if text else ():
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass
        return None

    def _read(self) -> bytes:
        """What was typed; empty where the terminal is gone."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""
