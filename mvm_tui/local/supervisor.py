"""The supervisor of one MicroVM: a small process that owns the VM's process tree and outlives none of it.

It is started by `mvm_tui.local.supervisor_link` under ``python -I -S`` and sleeps in ``select`` until its
control socket, a child or the death of the cloud wakes it. On Linux it is a child subreaper, so that a
daemon which has left its parents still hangs below it, and gets a signal when the cloud dies; everywhere
it ends when the control socket closes. Ending means: kill the tree, remove the VM's folder.
A guest on Linux cannot gain privileges (no sudo), so that its supervisor may always kill it.

Protocol, one JSON object per line. Requests carry ``id`` and ``do``:

- ``spawn``: ``name``, ``argv``, ``env``, ``cwd``, and three descriptors (stdin, stdout, stderr) sent with the
  line. The child leads a session of its own; with ``terminal`` its stdin is that session's controlling
  terminal. When the child named ``main`` ends, so does the VM.
- ``kill``: the child called ``name`` and all below it.
- ``suspend``, ``resume``, ``terminate``.

Answers carry the request's ``id``; a child's end is told by ``{"event": "exit", "name": …, "code": …}``,
where a death by signal N reads 128 + N, as a container's does.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import sys
import termios

from mvm_tui.local import process_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

MAIN = "main"
MAX_REQUEST = 1 << 20
MAX_DESCRIPTOR = 1 << 16
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38
PARENT_DIED = signal.SIGUSR1
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """``supervisor CONTROL_DESCRIPTOR FOLDER``: serve one MicroVM until it ends."""
    control = socket.socket(fileno=int(sys.argv[1]))
    supervisor = Supervisor(control, folder=sys.argv[2])
    supervisor.watch_signals()
    supervisor.serve()


class Supervisor:
    """Owns one VM's process tree, as told over the control socket."""

    def __init__(self, control: socket.socket, folder: str) -> None:
        self._control = control
        self._folder = folder
        self._cloud = os.getppid()
        self._tree = process_tree.Tree(os.getpid(), guest_mark(folder))
        self._names: dict[int, str] = {}
        self._stopped: dict[int, str] = {}
        self._buffer = b""
        self._descriptors: list[int] = []
        self._prctl = _linux_prctl()
        self._woken, self._waker = os.pipe()

    def watch_signals(self) -> None:
        """Turn signals into bytes on a pipe, adopt orphans, and ask to be told of the cloud's death."""
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, PARENT_DIED, *ENDING):
            signal.signal(number, lambda *_: None)
        self._ask_kernel(PR_SET_CHILD_SUBREAPER, 1)
        self._ask_kernel(PR_SET_NO_NEW_PRIVS, 1)
        self._ask_kernel(PR_SET_PDEATHSIG, PARENT_DIED)

    def serve(self) -> None:
        """Answer requests and collect children until the VM ends."""
        while True:
            control = self._control.fileno()
            readable, _, _ = select.select([control, self._woken], [], [])
            if self._woken in readable:
                self._handle_signals(os.read(self._woken, 4096))
            if control in readable:
                self._receive()

    def _handle_signals(self, numbers: bytes) -> None:
        # The death signal comes when the *thread* that started us ends, so the process is looked at as well.
        orphaned = PARENT_DIED in numbers and os.getppid() != self._cloud
        if orphaned or any(number in numbers for number in ENDING):
            self._end()
        for name, code in self._reap():
            if name == MAIN:
                self._end({"event": "exit", "name": name, "code": code})
            self._say({"event": "exit", "name": name, "code": code})

    def _receive(self) -> None:
        try:
            data, descriptors = _receive_descriptors(self._control)
        except ConnectionError:
            data, descriptors = b"", []
        self._descriptors += descriptors
        if not data:
            self._end()
        self._buffer += data
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            self._obey(json.loads(line))
        if len(self._buffer) > MAX_REQUEST:
            self._end()

    def _obey(self, request: dict[str, Any]) -> None:
        answer = {"id": request["id"]}
        match request["do"]:
            case "spawn":
                answer["pid"] = self._spawn(request)
            case "kill":
                self._kill(request["name"])
            case "suspend":
                self._stopped |= process_tree.freeze(self._tree.levels)
            case "resume":
                process_tree.thaw(self._tree.levels(), self._stopped)
                self._stopped = {}
            case "terminate":
                self._end(answer)
        self._say(answer)

    def _spawn(self, request: dict[str, Any]) -> int:
        given, self._descriptors = self._descriptors[:3], self._descriptors[3:]
        pid = os.fork()
        if pid == 0:
            self._ask_kernel(PR_SET_PDEATHSIG, signal.SIGKILL)
            terminal = bool(request.get("terminal"))
            _become(request["argv"], request["env"], request["cwd"], given, terminal=terminal)
        for descriptor in given:
            os.close(descriptor)
        self._names[pid] = request["name"]
        return pid

    def _kill(self, name: str) -> None:
        """Kill a child that does not listen, and what runs below it."""
        for pid in [pid for pid, known in self._names.items() if known == name]:
            below = [row.pid for level in process_tree.descendants(pid) for row in level]
            for each in (pid, *below):
                process_tree.send(each, signal.SIGKILL)

    def _reap(self) -> list[tuple[str, int]]:
        """Collect every child that has ended, adopted ones too; name and exit code of those we spawned."""
        ended: list[tuple[str, int]] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            if name := self._names.pop(pid, None):
                code = os.waitstatus_to_exitcode(status)
                ended.append((name, code if code >= 0 else 128 - code))

    def _end(self, last_words: dict[str, Any] | None = None) -> NoReturn:
        process_tree.kill(self._tree.levels, self._reap)
        if last_words:
            self._say(last_words)
        remove_folder(self._folder)
        os._exit(0)

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            # Nobody listens any more; the next read of the socket says so and ends the VM.
            return

    def _ask_kernel(self, option: int, value: int) -> None:
        if self._prctl is not None:
            self._prctl(option, value, 0, 0, 0)


def guest_mark(folder: str) -> str:
    """What the environment of every process of a VM holds: HOME is the VM's own and cannot be chosen."""
    return f"HOME={folder}/home"


def remove_folder(folder: str) -> None:
    """Remove a VM's folder, also where the guest has left folders that nobody may write to."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    if os.access(folder, os.F_OK):
        with contextlib.suppress(OSError):
            _unlock(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _unlock(folder: str) -> None:
    """Make every folder below writable, from the top; a link is left alone, for it may lead outside."""
    os.chmod(folder, 0o700)  # noqa: PTH101 - pathlib would be loaded for this alone
    with os.scandir(folder) as entries:
        inner = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    for path in inner:
        _unlock(path)


def _receive_descriptors(control: socket.socket) -> tuple[bytes, list[int]]:
    """Some bytes of the control socket and the descriptors that came with them, closed on exec."""
    numbers = array.array("i")
    room = socket.CMSG_LEN(8 * numbers.itemsize)
    data, ancillary, _flags, _address = control.recvmsg(65536, room)
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
    for number in numbers:
        os.set_inheritable(number, False)
    return data, list(numbers)


def _become(
    argv: list[str], env: dict[str, str], cwd: str, descriptors: list[int], *, terminal: bool
) -> NoReturn:
    """Turn this fresh child into the guest: own session, default signals, three descriptors and no other."""
    try:
        os.setsid()
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            if signal.getsignal(number) is not signal.SIG_DFL:
                signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
        if terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.closerange(3, MAX_DESCRIPTOR)
        os.umask(0o022)
        os.chdir(cwd)
        os.execvpe(argv[0], argv, env)  # noqa: S606 - the image's own command, no shell wanted
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _linux_prctl() -> Any:
    return ctypes.CDLL(None).prctl if sys.platform == "linux" else None
