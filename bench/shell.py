"""A shell in the whole UI: how soon a key is seen, and what a flood of output does to everything else.

The real application runs on a terminal of 120x40 in a process of its own (``python -m bench.shell UI PORT``),
attached through a websocket on loopback to an endpoint in another (`bench.shell_endpoint`). A key's time is
from the byte written to the application's terminal to the first byte of the frame that shows its echo.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bench import probe
from bench.figures import Figure
from bench.shell_endpoint import flood, numbered
from mvm_tui.aws.session import Target
from mvm_tui.terminal.facade import Terminal
from tests.pty_session import PtySession

SIZE = (120, 40)
ECHOES = 300
P50, P95 = 4.0, 8.0
FLOOD_MB = 50
KEY_MS = 100.0
RECONNECT_SECONDS = 2.0
SHELLS = 20
# Letters that nothing else on the screen holds: each is seen once.
_LETTERS = [chr(code) for code in range(0x100, 0x250)]
_LEADER = "\x1d"


class Screen(PtySession):
    """The application's terminal, with a clock, and an emulator that knows what is on it."""

    def __enter__(self) -> Screen:
        super().__enter__()
        self._terminal = Terminal(*SIZE)
        return self

    def read(self, seconds: float) -> bool:
        """Read what comes within so many seconds; False if nothing does."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        data = os.read(self._master, 1 << 20)
        self.raw += data.decode("utf-8", "replace")
        self._terminal.feed(data)
        return True

    def rest(self, seconds: float) -> None:
        """Read for so long."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    def lines(self) -> list[str]:
        """What is on it."""
        terminal = self._terminal
        return [terminal.text(terminal.top + y) for y in range(terminal.rows)]

    def shows(self, wanted: str) -> bool:
        """Whether this is on it."""
        return any(wanted in line for line in self.lines())

    def until(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Read until the condition holds."""
        until = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > until:
                raise TimeoutError(f"waited for {what}; the screen:\n" + "\n".join(self.lines()))
            self.read(0.02)

    def time_of(self, keys: str, wanted: str, seconds: float = 20) -> float:
        """Milliseconds from typing to the first byte of the frame in which `wanted` is drawn."""
        self.forget()
        began = time.perf_counter()
        self.send(keys)
        while time.perf_counter() - began < seconds:
            ready, _, _ = select.select([self._master], [], [], 0.5)
            arrived = time.perf_counter()
            if ready and self.read(0) and wanted in self.text:
                return (arrived - began) * 1e3
        raise TimeoutError(f"{keys!r} was never answered; the screen:\n" + "\n".join(self.lines()))

    def resident_mb(self) -> float:
        """Resident memory of the application."""
        return probe.resident_mb(self.process.pid)


@contextlib.contextmanager
def _endpoint(folder: Path) -> Iterator[int]:
    port_file = folder / "port"
    process = subprocess.Popen([sys.executable, "-m", "bench.shell_endpoint", str(port_file)])
    try:
        deadline = time.monotonic() + 20
        while not port_file.exists():
            if time.monotonic() > deadline:
                raise TimeoutError("the endpoint did not start")
            time.sleep(0.01)
        yield int(port_file.read_text())
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _bare(port: int, folder: Path) -> Iterator[Screen]:
    with Screen([sys.executable, "-m", "bench.shell_bare", str(port)], folder, SIZE) as screen:
        screen.until(lambda: screen.shows("attached"), "the bare widget")
        screen.rest(1.0)
        yield screen


@contextlib.contextmanager
def _attached(port: int, folder: Path) -> Iterator[Screen]:
    command = [sys.executable, "-m", "bench.shell", "UI", str(port), str(folder)]
    with Screen(command, folder, SIZE) as screen:
        screen.until(lambda: screen.shows("web-1"), "the table")
        screen.send("s")
        screen.until(lambda: screen.shows("attached"), "the shell")
        screen.rest(2.0)
        yield screen


def run() -> list[Figure]:
    """One application for the echo, another for what follows a flood."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _endpoint(folder) as port:
            with _attached(port, folder) as screen, _bare(port, folder) as bare:
                figures = [*_echo_figures(screen, bare), *_reconnect_figures(screen)]
            with _attached(port, folder) as screen:
                figures += _flood_figures(screen)
            with _attached(port, folder) as screen:
                figures += _crowd_figures(screen)
    return figures


def _echoes(screen: Screen, numbers: Iterable[int]) -> list[float]:
    times = []
    for number in numbers:
        letter = _LETTERS[number % len(_LETTERS)]
        times.append(screen.time_of(letter, letter))
        screen.rest(0.03)
    return times


def _percentile(times: list[float], part: float) -> float:
    return sorted(times)[min(int(len(times) * part), len(times) - 1)]


def _echo_figures(screen: Screen, bare: Screen) -> list[Figure]:
    """In turn with the bare widget, so that a noisy moment hits both."""
    times: list[float] = []
    least: list[float] = []
    for start in range(0, ECHOES, 10):
        times += _echoes(screen, range(start, start + 10))
        least += _echoes(bare, range(start, start + 10))
    p50, p95 = statistics.median(least), _percentile(least, 0.95)
    return [
        Figure("echo of a key, p50", statistics.median(times), "ms", P50, f"a bare widget: {p50:.1f} ms"),
        Figure("echo of a key, p95", _percentile(times, 0.95), "ms", P95, f"a bare widget: {p95:.1f} ms"),
        Figure(
            "echo of a key, max", max(times), "ms", note=f"{ECHOES} keys; a bare widget: {max(least):.1f} ms"
        ),
    ]


def _reconnect_figures(screen: Screen) -> list[Figure]:
    began = time.perf_counter()
    screen.send("!drop\r")
    screen.until(lambda: screen.shows("this is a new shell"), "the new shell")
    seconds = time.perf_counter() - began
    return [Figure("a new shell after the socket dropped", seconds, "s", RECONNECT_SECONDS)]


def _flood_figures(screen: Screen) -> list[Figure]:
    """Keys while the flood comes: the leader, which the border answers, and esc."""
    _, count = flood(FLOOD_MB * 1_000_000)
    screen.send("!flood 5\r")
    _, few = flood(5_000_000)
    screen.until(lambda: screen.shows(_label(few - 1)), "the first flood, which fills the history")
    before = screen.resident_mb()
    began = time.perf_counter()
    screen.send(f"!flood {FLOOD_MB}\r")
    times: list[float] = []
    while not screen.shows(_label(count - 1)):
        times.append(screen.time_of(_LEADER, "what now?"))
        times.append(screen.time_of("\x1b", "is the way out"))
        screen.rest(0.02)
    seconds = time.perf_counter() - began
    screen.rest(0.5)
    return [
        Figure(f"a key during {FLOOD_MB} MB of output, p50", statistics.median(times), "ms"),
        Figure("the same, max", max(times), "ms", KEY_MS, f"{len(times)} keys"),
        Figure("output drawn meanwhile", FLOOD_MB / seconds, "MB/s"),
        Figure(
            "memory that it took", screen.resident_mb() - before, "MB", 10.0, "the history was full before"
        ),
        Figure("wrong lines on the final screen", _wrong_lines(screen, count), "", 0.0),
    ]


def _label(number: int) -> str:
    return f"{number:>9} the quick"


def _wrong_lines(screen: Screen, count: int) -> float:
    """Of the lines above the cursor, those that are not the last of the flood."""
    shown = [line.strip("│ ") for line in screen.lines() if " the quick" in line]
    wanted = [numbered(number).decode()[5:-6].strip() for number in range(count - len(shown), count)]
    return float(sum(one != other for one, other in zip(shown, wanted, strict=True))) + (len(shown) < 30)


def _crowd_figures(screen: Screen) -> list[Figure]:
    """Many shells, one of which is flooded while another is typed into."""
    for number in range(2, SHELLS + 1):
        screen.send(_LEADER + "c")
        screen.until(lambda wanted=f"{number} web-1": screen.shows(wanted), f"shell {number}")  # type: ignore[misc]
        screen.rest(0.05)
    screen.rest(1.0)
    screen.send("!flood 400\r")
    screen.until(lambda: screen.shows(" the quick"), "the flood")
    screen.send(_LEADER + "p")
    screen.until(lambda: not screen.shows(" the quick"), "another shell")
    times = _echoes(screen, range(100))
    return [
        Figure(f"echo in one of {SHELLS} shells, another flooded, p50", statistics.median(times), "ms"),
        Figure("the same, p95", _percentile(times, 0.95), "ms", KEY_MS),
        Figure("memory of the application then", screen.resident_mb(), "MB"),
    ]


def _child(port: int, folder: Path) -> None:
    """The application on an account that lives in memory, its shells at the endpoint."""
    from mvm_tui.config.schema import Settings
    from mvm_tui.model.clock import SystemClock
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.start import StartOptions
    from tests.shell.servers import Service, a_vm
    from tests.tui.fakes import FakeAccounts, sample_rows

    gc.disable()
    accounts = FakeAccounts([replace(row) for row in sample_rows()[:1]])
    service = Service(a_vm(f"127.0.0.1:{port}"))
    accounts.shell_access = lambda resume, say: service.access(resume=resume)
    options = StartOptions(Target(region="us-east-1"), folder, Settings(), clock=SystemClock())
    MvmApp(options, accounts.open).run()


if __name__ == "__main__":
    _child(int(sys.argv[2]), Path(sys.argv[3]))
