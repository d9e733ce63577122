"""Whose listener is whose on a loopback that all share."""

from __future__ import annotations

import os
import socket
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local import listeners, process_tree
from tests.local.guests import outside

LISTEN_THEN_WAIT = """
import signal, socket, sys
server = socket.create_server((sys.argv[1], 0), family=int(sys.argv[2]))
print(server.getsockname()[1], flush=True)
signal.pause()
"""
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, port: int, state: str = "0A", inode: int = 77) -> str:
    queues = "00000000:00000000 00:00000000 00000000"
    return f"   0: {address}:{port:04X} 00000000:0000 {state} {queues} 1000 0 {inode}\n"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("0100007F", "127.0.0.1"),
        ("0200007F", "127.0.0.2"),
        ("00000000", "127.0.0.1"),
        ("0" * 32, "::1"),
        ("0" * 24 + "01000000", "::1"),
        ("0" * 16 + "FFFF00000100007F", "127.0.0.1"),
    ],
)
def test_bound_addresses_that_loopback_reaches(address: str, host: str) -> None:
    assert list(listeners.parse_listeners(HEAD + row(address, 8080))) == [
        listeners.Listener(host, 8080, "77")
    ]


def test_other_addresses_and_other_states_are_left_out() -> None:
    table = HEAD + row("0A00000A", 8080) + row("0100007F", 8080, state="01") + "  1: short\n"
    assert list(listeners.parse_listeners(table)) == []


@given(port=st.integers(0, 65535), inode=st.integers(0, 2**63))
def test_port_and_inode_are_read(port: int, inode: int) -> None:
    (found,) = listeners.parse_listeners(HEAD + row("0100007F", port, inode=inode))
    assert (found.port, found.inode) == (port, str(inode))


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_listener_counts_only_for_its_own_tree(host: str, family: int) -> None:
    command = (sys.executable, "-I", "-S", "-c", LISTEN_THEN_WAIT, host, str(int(family)))
    with outside(*command) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        own = listeners.OwnListeners(os.getpid())
        assert own.address(port) == (host, port)
        assert own.address(port) == (host, port)
        assert listeners.OwnListeners(child.pid).address(port) is None
        child.kill()
        child.wait()
        assert own.address(port) is None


def test_where_the_kernel_does_not_tell_only_the_assigned_port_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_tree, "has_proc", lambda: False)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        assigned, foreign = one.getsockname()[1], other.getsockname()[1]
        own = listeners.OwnListeners(os.getpid(), assigned)
        assert own.address(assigned) == ("127.0.0.1", assigned)
        assert own.address(foreign) is None
    assert own.address(assigned) is None


def test_a_free_port_is_free_and_a_taken_one_is_not() -> None:
    port = listeners.free_port()
    assert port in listeners.ASSIGNED_PORTS
    assert not listeners.taken(port)
    with socket.create_server(("127.0.0.1", port)):
        assert listeners.taken(port)
