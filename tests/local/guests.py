"""What tests of guests share: short folders, patience, and a look at processes from outside."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mvm_tui.local import process_tree
from mvm_tui.local.processes import Guest, GuestSpec
from mvm_tui.local.supervisor import guest_mark

PROGRAMS = Path(__file__).parent / "guest_programs"
PATIENCE = 15.0


def program(name: str, *arguments: str) -> tuple[str, ...]:
    """The command of one of the guest programs."""
    return (sys.executable, "-I", "-S", str(PROGRAMS / f"{name}.py"), *arguments)


@contextmanager
def outside(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the test's own, ended on leaving."""
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def proc(pid: int, name: str) -> str:
    """A file of ``/proc/<pid>``, empty once the process is gone: it may end between two looks."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def descriptors(pid: int) -> dict[int, str]:
    """What a process has open, by descriptor; what is closed meanwhile is left out."""
    opened = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            opened[int(entry.name)] = str(entry.readlink())
    return opened


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; fail with `what` after `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs, a zombie not counted."""
    row = process_tree.process(pid)
    return row is not None and row.state not in "ZX"


def tree(guest: Guest) -> dict[int, process_tree.Process]:
    """The guest's processes now, by id."""
    assert guest.supervisor_pid is not None
    levels = process_tree.Tree(guest.supervisor_pid, guest_mark(str(guest.spec.folder))).levels()
    return {row.pid: row for level in levels for row in level if row.state not in "ZX"}


def foreground(pid: int) -> bool:
    """Whether a process is in the foreground of its terminal (proc(5): process group, terminal's group)."""
    fields = proc(pid, "stat").rpartition(")")[2].split()
    return fields[2] == fields[5]


class Ticks:
    """The file a ticker keeps."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _read(self) -> list[str]:
        return self._path.read_text().split() if self._path.exists() else ["0", "0"]

    @property
    def pid(self) -> int:
        return int(self._read()[0])

    @property
    def count(self) -> int:
        return int(self._read()[1])

    async def move(self, by: int = 3) -> None:
        """Wait until it has counted on."""
        goal = self.count + by
        await until(lambda: self.count >= goal, f"{self._path.name} counts on")


class Heard:
    """Lines and exit codes of one guest."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.codes: list[int] = []

    async def start(
        self,
        command: tuple[str, ...],
        folder: Path,
        *,
        env: dict[str, str] | None = None,
        source: Path | None = None,
        port: int | None = None,
    ) -> Guest:
        spec = GuestSpec("microvm-1", command, env or {}, source, folder, port)
        return await Guest.start(spec, self.lines.append, self.codes.append)

    async def exit(self) -> int:
        await until(lambda: self.codes, "the guest has exited")
        return self.codes[0]
