"""Runs a full-screen program in a pseudo-terminal and reads what it draws, as text."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

# Makes standard input the controlling terminal, then becomes the program.
_TAKE_TERMINAL = (
    sys.executable,
    "-c",
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n",
)
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^][^\x1b]*\x1b\\|\x1b\[[0-?]*[ -/]*[@-~]|\x1b."
)


class PtySession:
    """A program on a terminal of its own. Use as a context manager: on leaving, the program is ended.

    Args:
        command: What to run.
        home: Its home directory; nothing of the tester's own settings or keys reaches it.
        size: Columns and rows.
        stderr: A file for its standard error; None sends it to the terminal.
        extra: More environment variables.
        controlling: Whether the terminal is the program's controlling one: then it hears of new sizes.
    """

    def __init__(
        self,
        command: Sequence[str],
        home: Path,
        size: tuple[int, int] = (120, 40),
        stderr: Path | None = None,
        extra: dict[str, str] | None = None,
        *,
        controlling: bool = False,
    ) -> None:
        self._command = [*_TAKE_TERMINAL, *command] if controlling else command
        self._size = size
        self._stderr = stderr
        self.raw = ""
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            **(extra or {}),
        }

    def __enter__(self) -> PtySession:
        self._master, slave = pty.openpty()
        self.resize(*self._size)
        errors = self._stderr.open("wb") if self._stderr else None
        self.process = subprocess.Popen(
            self._command,
            stdin=slave,
            stdout=slave,
            stderr=errors or slave,
            env=self._environment,
            start_new_session=True,
        )
        os.close(slave)
        if errors:
            errors.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.wait_exit(10)
            except TimeoutError:
                self.process.kill()
                self.process.wait()
        os.close(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; a program that controls it is told."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self) -> list[object]:
        """The settings of the line, as ``tcgetattr`` gives them."""
        return list(termios.tcgetattr(self._master))

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)

    @property
    def text(self) -> str:
        """All that was drawn so far, without escape sequences."""
        return _ESCAPES.sub("", self.raw)

    def send(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._master, keys.encode())

    def wait_for(self, wanted: str, timeout: float = 30) -> None:
        """Read until ``wanted`` was drawn since the last `forget`; TimeoutError with the screen if not."""
        self.wait_until(lambda text: wanted in text, repr(wanted), timeout)

    def wait_until(self, condition: Callable[[str], bool], what: str, timeout: float = 30) -> None:
        """Read until ``condition`` holds of the text drawn."""
        deadline = time.monotonic() + timeout
        while not condition(self.text):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout:g} s for {what}; drawn:\n{self.text[-4000:]}")
            self._read(0.05)

    def drain_until(self, condition: Callable[[], bool], what: str, timeout: float = 30) -> None:
        """Read fast and keep nothing until ``condition`` holds: a terminal that never holds a program up."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout:g} s for {what}")
            self._read(0.05)
            self.forget()

    def wait_exit(self, timeout: float = 30) -> int:
        """The program's exit status, reading what it still draws."""
        deadline = time.monotonic() + timeout
        while (status := self.process.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"still running after {timeout:g} s; drawn:\n{self.text[-4000:]}")
            self._read(0.05)
        # One reading gives what the terminal holds in one of its buffers, not all of them.
        while self._read(0):
            continue
        return status

    def forget(self) -> None:
        """Drop what was drawn so far."""
        self.raw = ""

    def _read(self, timeout: float) -> bool:
        """Read what was drawn; whether there was something."""
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return False
        try:
            drawn = os.read(self._master, 65_536)
        except OSError:
            time.sleep(min(timeout, 0.01))
            return False
        # Split characters matter to nobody here.
        self.raw += drawn.decode("utf-8", "replace")
        return bool(drawn)
