"""Whole process trees: read them, stop them, let them go on, kill them.

The supervisor runs this under ``python -I -S``, so only light modules of the standard library are imported.
Linux is read from ``/proc``, and the kernel brings orphans back below the supervisor. Elsewhere ``ps`` is
asked, and a process that has left its parent is known by its process group or by a mark in its environment.
"""

from __future__ import annotations

import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

STILL = "TtZX"
_COLUMNS = ("-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "state=", "-o", "lstart=")
# macOS spells "with their environment" -E; the letter e without a dash is the older spelling elsewhere.
_ENVIRONMENTS = (
    ("-AEww", "-o", "pid=,command=") if sys.platform == "darwin" else ("axeww", "-o", "pid=,command=")
)
FREEZE_DEADLINE = 5.0
LEVEL_DEADLINE = 0.25
KILL_DEADLINE = 10.0


class Process:
    """One row of the process table; ``state`` is the kernel's letter, ``started`` tells a reused id apart."""

    __slots__ = ("group", "parent", "pid", "started", "state")

    def __init__(self, pid: int, parent: int, group: int, state: str, started: str) -> None:
        self.pid = pid
        self.parent = parent
        self.group = group
        self.state = state
        self.started = started


def parse_stat(text: str) -> Process:
    """A row from ``/proc/<pid>/stat`` (proc(5)); the command in brackets may hold brackets and spaces."""
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Process(int(head.split(" ", 1)[0]), int(fields[1]), int(fields[2]), fields[0], fields[19])


def parse_ps(text: str) -> dict[int, Process]:
    """Rows of ``ps -A -o pid= -o ppid= -o pgid= -o state= -o lstart=``."""
    rows = {}
    for line in text.splitlines():
        fields = line.split(None, 4)
        if len(fields) == 5:
            pid, parent, group, state, started = fields
            rows[int(pid)] = Process(int(pid), int(parent), int(group), state[:1], started)
    return rows


def process(pid: int) -> Process | None:
    """The row of one process, from ``/proc``."""
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return parse_stat(os.read(descriptor, 4096).decode("utf-8", "replace"))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def table() -> dict[int, Process]:
    """Every process this user can see, by id."""
    if not has_proc():
        return _ask_ps()
    with os.scandir("/proc") as entries:
        rows = (process(int(entry.name)) for entry in entries if entry.name.isdigit())
        return {row.pid: row for row in rows if row is not None}


def descendants(root: int, rows: dict[int, Process] | None = None) -> list[list[Process]]:
    """The processes below `root`, one list per generation, its children first; `root` is not among them."""
    rows = table() if rows is None else rows
    return _generations([row for row in rows.values() if row.parent == root], rows)


def _generations(level: list[Process], rows: dict[int, Process]) -> list[list[Process]]:
    children: dict[int, list[Process]] = {}
    for row in rows.values():
        children.setdefault(row.parent, []).append(row)
    levels = []
    while level:
        levels.append(level)
        level = [child for row in level for child in children.get(row.pid, ())]
    return levels


def freeze(levels: Callable[[], list[list[Process]]]) -> dict[int, str]:
    """Stop a tree, parents before children, until nothing new appears.

    A shell whose job stops before the shell does takes the terminal back, so a generation is waited for
    before the next one is stopped. What was stopped already (a job put aside with ctrl+z) is not in the
    answer. Two passes in a row must find nothing, for a child whose parent ends during a pass is
    missing from it.

    :param levels: reads the tree anew, generation by generation.
    :return: what was stopped here, id to start mark, for `thaw`.
    """
    stopped: dict[int, str] = {}
    quiet = 0
    deadline = time.monotonic() + FREEZE_DEADLINE
    while quiet < 2 and time.monotonic() < deadline:
        quiet += 1
        for level in levels():
            running = [row for row in level if row.state not in STILL]
            if running:
                quiet = 0
                stopped.update((row.pid, row.started) for row in running if send(row.pid, signal.SIGSTOP))
                _await_stop([row.pid for row in running])
    return stopped


def thaw(levels: list[list[Process]], stopped: dict[int, str]) -> None:
    """Let go on what `freeze` stopped, children before parents."""
    for level in reversed(levels):
        for row in level:
            if stopped.get(row.pid) == row.started:
                send(row.pid, signal.SIGCONT)


def kill(levels: Callable[[], list[list[Process]]], reap: Callable[[], object]) -> bool:
    """Kill a tree until nothing is left of it.

    It is stopped first, so that it cannot fork faster than it dies.

    :param reap: collects children that have ended.
    :return: whether all of it is gone.
    """
    freeze(levels)
    deadline = time.monotonic() + KILL_DEADLINE
    pause = 0.001
    while True:
        reap()
        left = [row.pid for level in levels() for row in level]
        if not left:
            return True
        if time.monotonic() > deadline:
            return False
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


def kill_marked(mark: str) -> None:
    """Kill every process whose environment holds `mark`: what a supervisor that was killed has left."""
    deadline = time.monotonic() + KILL_DEADLINE
    while time.monotonic() < deadline:
        left = marked(mark)
        if not left:
            return
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.005)


def marked(mark: str) -> set[int]:
    """The processes whose environment holds `mark`, a ``NAME=value``."""
    if not has_proc():
        return parse_environments(_ask(_ENVIRONMENTS), mark)
    return {pid for pid in table() if mark.encode() in _environment(pid)}


def parse_environments(text: str, mark: str) -> set[int]:
    """Ids of the lines of ``ps`` (id, command, environment) that hold `mark`."""
    lines = (line.split() for line in text.splitlines())
    return {int(words[0]) for words in lines if mark in words[1:]}


class Tree:
    """The processes below `root`, with those that left their parent where no kernel brings them back.

    :param mark: what the environment of every process of the tree holds, if the process did not drop it.
    """

    def __init__(self, root: int, mark: str) -> None:
        self._root = root
        self._mark = mark
        self._groups: set[int] = set()

    def levels(self) -> list[list[Process]]:
        """The tree as it is now, generation by generation."""
        rows = table()
        found = descendants(self._root, rows)
        if has_proc():
            return found
        ours = {row.pid for level in found for row in level} | marked(self._mark)
        self._groups.update(row.group for row in rows.values() if row.pid in ours)
        ours.update(row.pid for row in rows.values() if row.group in self._groups)
        ours.discard(self._root)
        return _generations(
            [row for row in rows.values() if row.pid in ours and row.parent not in ours], rows
        )


def send(pid: int, number: int) -> bool:
    """Signal a process; false if it is gone or not ours."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _await_stop(pids: Iterable[int]) -> None:
    """Wait, not for long, until these have stopped: one deep in the kernel stops later."""
    deadline = time.monotonic() + LEVEL_DEADLINE
    waiting = list(pids)
    while waiting and time.monotonic() < deadline:
        rows = {pid: process(pid) for pid in waiting} if has_proc() else table()
        waiting = [pid for pid in waiting if (row := rows.get(pid)) is not None and row.state not in STILL]
        if waiting:
            time.sleep(0.001)


def _environment(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as text:  # noqa: PTH123 - pathlib is slow to load
            return text.read().split(b"\0")
    except OSError:
        return []


def has_proc() -> bool:
    """Whether the kernel shows its processes as Linux does."""
    return os.access("/proc/self/stat", os.R_OK)


def _ask_ps() -> dict[int, Process]:
    return parse_ps(_ask(_COLUMNS))


def _ask(options: tuple[str, ...]) -> str:
    """What ``ps`` prints, without its own line."""
    import subprocess

    with subprocess.Popen(["/bin/ps", *options], stdout=subprocess.PIPE, env={"LC_ALL": "C"}) as ps:  # noqa: S603
        answer, _ = ps.communicate()
    lines = answer.decode("utf-8", "replace").splitlines()
    return "\n".join(line for line in lines if line.split(None, 1)[:1] != [str(ps.pid)])
