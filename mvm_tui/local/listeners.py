"""Which TCP listeners of the host belong to one MicroVM.

Guests share the host's loopback, so a port alone says nothing about whose it is. On Linux a listener counts
only if its socket is open in the VM's own process tree (``/proc/net/tcp`` and ``/proc/<pid>/fd``, proc(5)).
Elsewhere only the port that was assigned to the VM is answered for.
"""

from __future__ import annotations

import ipaddress
import os
import random
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from mvm_tui.local import process_tree

# Below the ranges that Linux (32768-60999) and macOS (49152-65535) hand out by themselves.
ASSIGNED_PORTS = range(20_000, 30_000)
LISTEN = "0A"


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket of the host: loopback address that reaches it, port, inode."""

    host: str
    port: int
    inode: str


@dataclass(frozen=True, slots=True)
class _Held:
    listener: Listener
    pid: int
    started: str
    descriptor: str


class OwnListeners:
    """Finds the loopback address of a port that the tree below `root` listens on.

    :param assigned: the port that is this tree's where the kernel does not tell whose a listener is.
    """

    def __init__(self, root: int, assigned: int | None = None) -> None:
        self._root = root
        self._assigned = assigned
        self._held: dict[int, _Held] = {}

    def address(self, port: int) -> tuple[str, int] | None:
        """Host and port, or `None` where no process of the tree listens."""
        if not process_tree.has_proc():
            return ("127.0.0.1", port) if port == self._assigned and taken(port) else None
        held = self._held.get(port)
        if held is None or not _still_held(held):
            held = self._find(port)
        if held is None:
            self._held.pop(port, None)
            return None
        self._held[port] = held
        return (held.listener.host, port)

    def _find(self, port: int) -> _Held | None:
        wanted = {
            f"socket:[{listener.inode}]": listener for listener in _listeners() if listener.port == port
        }
        if not wanted:
            return None
        for level in process_tree.descendants(self._root):
            for row in level:
                for descriptor, target in _descriptors(row.pid):
                    if target in wanted:
                        return _Held(wanted[target], row.pid, row.started, descriptor)
        return None


def free_port() -> int:
    """A port of loopback that nobody listens on now and the system gives nobody by itself.

    :raises OSError: none was free in many tries.
    """
    for _ in range(200):
        port = random.choice(ASSIGNED_PORTS)  # noqa: S311 - only spread, nothing secret
        if not taken(port):
            return port
    raise OSError("no free loopback port")


def taken(port: int) -> bool:
    """Whether somebody listens on this port of loopback."""
    with socket.socket() as trial:
        # A restarted server may take a port whose old connections still linger, so this trial may as well.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def parse_listeners(table: str) -> Iterator[Listener]:
    """Listeners of ``/proc/net/tcp`` or ``tcp6`` that loopback reaches."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10 or fields[3] != LISTEN:
            continue
        address, _, port = fields[1].rpartition(":")
        if host := _loopback(address):
            yield Listener(host, int(port, 16), fields[9])


def _loopback(address: str) -> str | None:
    """The loopback address that reaches a bound address, given in the kernel's words of hex."""
    words = [
        bytes.fromhex(address[start : start + 8])[:: _word_order()] for start in range(0, len(address), 8)
    ]
    bound = ipaddress.ip_address(b"".join(words))
    if bound.is_unspecified:
        return "127.0.0.1" if bound.version == 4 else "::1"
    mapped = bound.ipv4_mapped if isinstance(bound, ipaddress.IPv6Address) else None
    bound = mapped or bound
    return str(bound) if bound.is_loopback else None


def _word_order() -> int:
    return -1 if sys.byteorder == "little" else 1


def _listeners() -> Iterator[Listener]:
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{name}", encoding="ascii") as table:  # noqa: PTH123
                yield from parse_listeners(table.read())
        except OSError:
            continue


def _descriptors(pid: int) -> Iterator[tuple[str, str]]:
    """Each open descriptor of a process, as path below ``/proc``, with what it is."""
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            paths = [entry.path for entry in entries]
    except OSError:
        return
    for path in paths:
        if target := _target(path):
            yield path, target


def _target(path: str) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115
    except OSError:
        return None


def _still_held(held: _Held) -> bool:
    row = process_tree.process(held.pid)
    if row is None or row.started != held.started:
        return False
    return _target(held.descriptor) == f"socket:[{held.listener.inode}]"
