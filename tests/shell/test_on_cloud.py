"""Sessions on the local cloud: its API, its proxy, its real shells, and its faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from mvm_tui.aws import microvms
from mvm_tui.aws.session import Connection, Target
from mvm_tui.aws.tokens import shell_token
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Gone
from mvm_tui.model.launch import LaunchRequest
from mvm_tui.model.microvm import RUNNING, SUSPENDED, Microvm
from mvm_tui.model.token import AccessToken
from mvm_tui.shell.refusals import ConnectionsUsedUp, NotReady, VmEnded
from mvm_tui.shell.session import Access, ShellOptions, ShellSession
from mvm_tui.shell.states import Closed, End, Event, NewShell, Open, Reconnecting, StateChanged, VmChanged
from mvm_tui.shell.tokens import Tokens
from tests.cloud import cloud_process, set_faults

OPTIONS = ShellOptions(watch_seconds=0.1)


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=20, rates=False) as facts:
        yield facts


@pytest.fixture
def connection(facts: Facts) -> Iterator[Connection]:
    target = Target(
        region=facts.region,
        endpoint_url=facts.endpoint,
        access_key=facts.access_key,
        secret_key=facts.secret_key,
    )
    connection = Connection.open(target, SystemClock())
    yield connection
    set_faults(facts)
    connection.close()


@pytest.fixture(scope="module")
def vm_ids() -> dict[str, str]:
    """The MicroVM that the tests share, once one has launched it."""
    return {}


@pytest.fixture
def vm(connection: Connection, vm_ids: dict[str, str]) -> str:
    if not vm_ids:
        vm_ids["shared"] = launched(connection)
    return vm_ids["shared"]


def launched(connection: Connection) -> str:
    listed = [one for page in microvms.pages(connection) for one in page]
    worker = next(one for one in listed if one.image_name == "worker")
    request = LaunchRequest(worker.image_arn, shell=True)
    return microvms.run(connection, request).vm.id


class Watched:
    """A session on the cloud, with what it printed and said."""

    def __init__(self, connection: Connection, vm: str, options: ShellOptions, *, resume: bool) -> None:
        tokens = Tokens(lambda purpose: shell_token(connection, purpose.vm_id), SystemClock())

        def look(vm_id: str) -> Microvm:
            return microvms.get(connection, vm_id)

        def wake(vm_id: str) -> str:
            return microvms.resume(connection, vm_id)

        self.text = ""
        self.events: list[Event] = []
        access = Access(tokens.shell, look, wake if resume else None)
        self.session = ShellSession(vm, access, options=options, on_event=self.events.append)

    async def read(self) -> None:
        async for piece in self.session:
            self.text += (
                "\n<new shell>\n" if isinstance(piece, NewShell) else piece.decode("utf-8", "replace")
            )

    async def until(self, wanted: str, seconds: float = 20) -> None:
        await self.wait(lambda: wanted in self.text, seconds)

    async def wait(self, condition: object, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        assert callable(condition)
        while not condition():
            assert time.monotonic() < deadline, (self.text[-300:], self.events[-5:])
            await asyncio.sleep(0.005)

    @property
    def closed(self) -> Closed | None:
        return self.session.state if isinstance(self.session.state, Closed) else None


@asynccontextmanager
async def attached(
    connection: Connection, vm: str, options: ShellOptions = OPTIONS, *, resume: bool = False
) -> AsyncIterator[Watched]:
    one = Watched(connection, vm, options, resume=resume)
    one.session.start(90, 25)
    reading = asyncio.create_task(one.read())
    try:
        yield one
    finally:
        await one.session.close()
        await asyncio.wait_for(reading, 10)


async def test_a_shell_right_after_its_launch(connection: Connection, vm: str) -> None:
    async with attached(connection, vm) as one:
        await one.until("λ $")
        one.session.send(b"stty size; echo mark-$((20+3))\r")
        await one.until("mark-23")
        assert "25 90" in one.text
        one.session.send(b"exit\r")
        await one.wait(lambda: one.closed == Closed(End.EXITED))


async def test_a_dropped_socket_is_replaced_within_two_seconds(
    connection: Connection, facts: Facts, vm: str
) -> None:
    async with attached(connection, vm) as one:
        await one.until("λ $")
        dropped = time.monotonic()
        set_faults(facts, "shell-drop*1")
        await one.wait(lambda: one.session.state == Open(2, getattr(one.session.state, "session_id", "")))
        assert time.monotonic() - dropped < 2
        one.session.send(b"echo mark-$((20+3))\r")
        await one.until("mark-23")
        assert "<new shell>" in one.text


async def test_a_stalled_socket_is_given_up(
    connection: Connection, facts: Facts, vm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mvm_tui.shell.link.DEAD_SECONDS", 0.5)
    async with attached(connection, vm, ShellOptions(ping_seconds=0.1, watch_seconds=0)) as one:
        await one.until("λ $")
        set_faults(facts, "shell-stall*1")
        await one.wait(lambda: isinstance(one.session.state, Reconnecting))


async def test_a_slow_link_loses_nothing(connection: Connection, facts: Facts, vm: str) -> None:
    async with attached(connection, vm) as one:
        await one.until("λ $")
        set_faults(facts, "shell-slow=20000")
        one.session.send(b"seq 1 3000; echo mark-$((20+3))\r")
        await one.until("mark-23", 40)
        numbers = [line.strip() for line in one.text.splitlines()]
        assert all(str(number) in numbers for number in range(1, 3_001))


@pytest.mark.parametrize(("status", "kind"), [(429, ConnectionsUsedUp), (502, NotReady)])
async def test_refused_upgrades(
    connection: Connection, facts: Facts, vm: str, status: int, kind: type[Exception]
) -> None:
    async with attached(connection, vm) as one:
        await one.until("λ $")
        set_faults(facts, f"shell-refuse={status}", "shell-drop*1")
        await one.wait(lambda: isinstance(getattr(one.session.state, "problem", None), kind))
        set_faults(facts)
        await one.wait(lambda: isinstance(one.session.state, Open))


async def test_a_refusal_for_good_ends_it(connection: Connection, facts: Facts, vm: str) -> None:
    set_faults(facts, "shell-refuse=404")
    async with attached(connection, vm) as one:
        await one.wait(lambda: one.closed is not None)
        assert one.closed is not None
        assert one.closed.end is End.REFUSED
        assert "shell.path" in str(one.closed.problem)


async def test_suspended_resumed_and_ended(connection: Connection) -> None:
    vm = launched(connection)
    async with attached(connection, vm) as one:
        await one.until("λ $")
        microvms.suspend(connection, vm)
        await one.wait(lambda: VmChanged(SUSPENDED) in one.events)
        await one.wait(lambda: one.closed is not None, 60)
        assert one.closed is not None
        assert one.closed.end is End.SUSPENDED
    async with attached(connection, vm, resume=True) as one:
        await one.until("λ $", 40)
        assert microvms.get(connection, vm).state == RUNNING
        microvms.terminate(connection, vm)
        await one.wait(lambda: one.closed is not None)
        assert one.closed is not None
        assert one.closed.end is End.ENDED
        assert isinstance(one.closed.problem, VmEnded | Gone)


async def test_a_token_that_is_refused_is_replaced(connection: Connection, vm: str) -> None:
    """A token of another MicroVM stands for one that has expired: the proxy refuses both alike."""
    listed = [one for page in microvms.pages(connection) for one in page]
    running = [one.id for one in listed if one.state == RUNNING and one.id != vm]
    other = next(each for each in running if microvms.get(connection, each).shell)
    minted: list[bool] = []

    def mint(vm_id: str, *, fresh: bool) -> AccessToken:
        minted.append(fresh)
        return shell_token(connection, vm_id if fresh else other)

    session = ShellSession(vm, Access(mint, lambda vm_id: microvms.get(connection, vm_id)), options=OPTIONS)
    session.start(80, 24)
    deadline = time.monotonic() + 20
    while not isinstance(session.state, Open):
        assert time.monotonic() < deadline, session.state
        await asyncio.sleep(0.01)
    await session.close()
    assert minted == [False, True]


def test_states_are_told_in_order(connection: Connection, vm: str) -> None:
    async def run() -> list[str]:
        async with attached(connection, vm) as one:
            await one.wait(lambda: isinstance(one.session.state, Open))
        return [type(event.state).__name__ for event in one.events if isinstance(event, StateChanged)]

    assert asyncio.run(run()) == ["Connecting", "Connecting", "Connecting", "Open", "Closed"]
