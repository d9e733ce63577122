"""What is drawn reaches the terminal in order, and a terminal that takes nothing holds nobody up."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from mvm_tui.tui.terminal_output import TerminalOutput


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    source, sink = os.pipe()
    yield source, sink
    os.close(source)
    os.close(sink)


def test_small_writes_are_there_at_once(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    output = TerminalOutput(sink)
    output.write("one ")
    output.write("two é")
    assert os.read(source, 100) == "one two é".encode()


def test_what_is_too_much_for_the_terminal_follows_in_order(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    output = TerminalOutput(sink)
    parts = [f"<{number}>" * 40_000 for number in range(3)] + ["end"]
    wanted = "".join(parts).encode()
    for part in parts:
        output.write(part)
    read = b""
    while len(read) < len(wanted):
        read += os.read(source, 65_536)
    assert read == wanted
    output.drain()


def test_draining_waits_until_all_is_written(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    output = TerminalOutput(sink)
    output.write("x" * 200_000)
    drained = threading.Event()

    def drain() -> None:
        output.drain()
        drained.set()

    waiting = threading.Thread(target=drain)
    waiting.start()
    assert not drained.is_set()
    read = 0
    while read < 200_000:
        read += len(os.read(source, 65_536))
    waiting.join(10)
    assert drained.is_set()


def test_a_terminal_that_is_gone_is_no_trouble() -> None:
    source, sink = os.pipe()
    output = TerminalOutput(sink)
    os.close(source)
    output.write("x")
    output.write("x" * 200_000)
    output.drain()
    os.close(sink)


def test_a_terminal_that_does_not_wait_gets_everything_all_the_same(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    os.set_blocking(sink, False)
    output = TerminalOutput(sink)
    output.write("x" * 300_000)
    read = 0
    while read < 300_000:
        read += len(os.read(source, 65_536))
    output.drain()
