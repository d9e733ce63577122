"""The terminal handed to a session and taken back, inside a program that goes on: as the UI does it."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import termios
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mvm_tui.shell.passthrough import Interrupted, Manners, PassThrough
from mvm_tui.shell.raw_terminal import RawTerminal
from mvm_tui.shell.session import ShellOptions, ShellSession
from mvm_tui.shell.states import EndsSoon, Note, Open, Piece, VmChanged
from tests.shell.servers import VM_ID, Service, a_vm, echo_endpoint, eventually

OPTIONS = ShellOptions(watch_seconds=0)


@dataclass
class Outer:
    """The far side of the user's terminal."""

    master: int
    slave: int

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def drawn(self) -> bytes:
        """What was drawn since the last time."""
        found = b""
        while select.select([self.master], [], [], 0)[0]:
            found += os.read(self.master, 65_536)
        return found


@pytest.fixture
def outer() -> Iterator[Outer]:
    master, slave = pty.openpty()
    yield Outer(master, slave)
    os.close(master)
    os.close(slave)


async def shown(outer: Outer, wanted: bytes) -> bytes:
    """All that was drawn until `wanted` was."""
    drawn = bytearray()

    def found() -> bool:
        drawn.extend(outer.drawn())
        return wanted in drawn

    await eventually(found)
    return bytes(drawn)


async def opened(session: ShellSession) -> None:
    await eventually(lambda: isinstance(session.state, Open))


def test_a_signal_while_it_tidies_up_still_gives_the_line_back(
    outer: Outer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = termios.tcgetattr(outer.slave)

    def interrupted(terminal: RawTerminal) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(RawTerminal, "plain", interrupted)
    with pytest.raises(SystemExit), RawTerminal(outer.slave, outer.slave):
        assert termios.tcgetattr(outer.slave) != before
    assert termios.tcgetattr(outer.slave) == before


async def test_leaving_leaves_the_session_open_and_everything_as_it_was(outer: Outer) -> None:
    before = termios.tcgetattr(outer.slave)
    handler = signal.getsignal(signal.SIGWINCH)
    seen: list[Piece] = []
    async with echo_endpoint() as server:
        session = ShellSession(VM_ID, Service(a_vm(server.endpoint)).access(), options=OPTIONS)
        session.start(80, 24)
        await opened(session)
        with RawTerminal(outer.slave, outer.slave) as terminal:
            passing = PassThrough(session, terminal, Manners(("ctrl+a",)), seen.append)
            running = asyncio.create_task(passing.run())
            await asyncio.sleep(0)
            outer.type(b"one\x03")
            await shown(outer, b"one\x03")
            for event, said in (
                (VmChanged("SUSPENDING", "why"), b"The MicroVM is suspending: why."),
                (EndsSoon(5, None), b"ends in 5m"),  # type: ignore[arg-type]  # the moment is not looked at
                (Note("a note"), b"a note"),
            ):
                passing.heard(event)
                await shown(outer, said)
            outer.type(b"\x01d")
            assert await asyncio.wait_for(running, 10) is True
        assert isinstance(session.state, Open)
        assert session.send(b"two")
        assert await asyncio.wait_for(session.receive(), 10) == b"two"
        await session.close()
    assert seen == [b"one\x03"]
    assert termios.tcgetattr(outer.slave) == before
    assert signal.getsignal(signal.SIGWINCH) is handler


async def test_over_a_program_with_the_whole_screen_notices_leave_the_cursor(outer: Outer) -> None:
    async with echo_endpoint() as server:
        session = ShellSession(VM_ID, Service(a_vm(server.endpoint)).access(), options=OPTIONS)
        session.start(80, 24)
        await opened(session)
        with RawTerminal(outer.slave, outer.slave) as terminal:
            passing = PassThrough(session, terminal, Manners())
            running = asyncio.create_task(passing.run())
            await asyncio.sleep(0)
            outer.type(b"\x1b[?1049h")
            await shown(outer, b"\x1b[?1049h")
            passing.heard(Note("a note"))
            drawn = await shown(outer, b"\x1b8")
            assert drawn.startswith(b"\x1b7\x1b[1;1H")
            await session.close()
            assert await asyncio.wait_for(running, 10) is False
        assert b"\x1b[?1049l" in outer.drawn()


async def test_ctrl_c_before_the_first_connection_is_an_interruption(outer: Outer) -> None:
    service = Service(a_vm("vm.localhost:9", "PENDING", age=1))
    session = ShellSession(VM_ID, service.access(), options=OPTIONS)
    session.start(80, 24)
    with RawTerminal(outer.slave, outer.slave) as terminal:
        running = asyncio.create_task(PassThrough(session, terminal, Manners()).run())
        await asyncio.sleep(0)
        outer.type(b"\x03")
        with pytest.raises(Interrupted):
            await asyncio.wait_for(running, 10)
    await session.close()


async def test_a_terminal_that_takes_nothing_does_not_keep_the_user(outer: Outer) -> None:
    """What is printed waits in a thread; the leader still works."""
    async with echo_endpoint() as server:
        session = ShellSession(VM_ID, Service(a_vm(server.endpoint)).access(), options=OPTIONS)
        session.start(80, 24)
        await opened(session)
        terminal = RawTerminal(outer.slave, outer.slave)
        terminal.__enter__()
        running = asyncio.create_task(PassThrough(session, terminal, Manners()).run())
        await asyncio.sleep(0)
        session.send(b"x" * 300_000)
        await eventually(lambda: session.waiting > 0)
        outer.type(b"\x1dd")
        assert await asyncio.wait_for(running, 10) is True
        await session.close()
        # Its last words would wait for the terminal, too.
        await eventually(lambda: not outer.drawn())
        terminal.__exit__(None, None, None)
