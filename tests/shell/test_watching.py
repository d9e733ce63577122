"""What the MicroVM's state means for a session: before it connects, and while it is attached."""

from __future__ import annotations

import asyncio

import pytest
from websockets.http11 import Request, Response

from mvm_tui.model.errors import Conflict, Gone, NoShell, Unreachable
from mvm_tui.model.microvm import PENDING, RUNNING, SUSPENDED, SUSPENDING, TERMINATED
from mvm_tui.model.token import AccessToken
from mvm_tui.shell.refusals import NotReady, VmEnded, VmSuspended
from mvm_tui.shell.session import Access, ShellOptions, ShellSession
from mvm_tui.shell.states import Closed, Connecting, End, EndsSoon, Open, VmChanged
from tests.shell.servers import (
    ALL,
    HTTP,
    SHELL,
    VM_ID,
    Service,
    a_vm,
    attached,
    echo_endpoint,
    ending_in,
    refusal,
)


async def test_a_young_microvm_is_tried_until_it_answers() -> None:
    async with echo_endpoint() as server:
        left = [3]

        def not_yet(request: Request) -> Response | None:
            left[0] -= 1
            return refusal(502, "MICROVM_CONNECT_FAILED") if left[0] >= 0 else None

        server.refuse = not_yet
        async with attached(Service(a_vm(server.endpoint, age=2))) as one:
            await one.until_open()
            problems = [state.problem for state in one.states if isinstance(state, Connecting)]
            assert any(isinstance(problem, NotReady) for problem in problems)


async def test_a_starting_microvm_is_waited_for() -> None:
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint, PENDING, age=1))
        async with attached(service) as one:
            await one.until(lambda: any(isinstance(s, Connecting) and s.attempt == 2 for s in one.states))
            service.become(RUNNING)
            await one.until_open()
            assert service.minted == 1


@pytest.mark.parametrize(
    ("ingress", "said"),
    [((HTTP,), "SHELL_INGRESS; it has HTTP_INGRESS"), ((ALL,), "ALL_INGRESS"), ((ALL, SHELL), "forbids")],
)
async def test_a_microvm_without_a_shell_is_not_asked_for_one(ingress: tuple[str, ...], said: str) -> None:
    service = Service(a_vm("vm.localhost:1", ingress=ingress))
    async with attached(service) as one:
        closed = await one.until_closed()
    assert closed.end is End.REFUSED
    assert isinstance(closed.problem, NoShell)
    assert said in closed.problem.why
    assert service.minted == 0


async def test_a_suspended_microvm_is_left_alone_unless_the_user_agreed() -> None:
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint, SUSPENDED))
        async with attached(service) as one:
            closed = await one.until_closed()
            assert closed.end is End.SUSPENDED
            assert isinstance(closed.problem, VmSuspended)
        assert (service.resumed, service.minted, server.requests) == (0, 0, [])
        async with attached(service, resume=True) as one:
            await one.until_open()
            assert service.resumed == 1
            assert any(isinstance(state, Connecting) and state.doing == "resuming" for state in one.states)


@pytest.mark.parametrize(
    ("state", "end"), [(SUSPENDED, End.SUSPENDED), (TERMINATED, End.ENDED), (RUNNING, End.REFUSED)]
)
async def test_a_token_that_conflicts_with_the_state_is_explained_by_it(state: str, end: End) -> None:
    service = Service(a_vm("vm.localhost:1"))

    def mint(vm_id: str, *, fresh: bool) -> AccessToken:
        service.become(state)
        raise Conflict("Its state forbids it.", "The service's words.")

    session = ShellSession(VM_ID, Access(mint, service.look), options=ShellOptions(patience=0))
    session.start(80, 24)
    while await session.receive():
        pass
    assert isinstance(session.state, Closed)
    assert session.state.end is end


async def test_an_agreed_resumption_holds_for_the_first_connection_only() -> None:
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint, SUSPENDED))
        async with attached(service, resume=True) as one:
            await one.until_open()
            service.become(SUSPENDED)
            server.connections[0].transport.abort()
            assert (await one.until_closed()).end is End.SUSPENDED
            assert service.resumed == 1


async def test_what_the_microvm_does_meanwhile_is_told() -> None:
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint))
        async with attached(service, ShellOptions(watch_seconds=0.01)) as one:
            await one.until_open()
            for state in (SUSPENDING, SUSPENDED, RUNNING):
                service.become(state)
                await one.until(lambda state=state: VmChanged(state) in one.events)  # type: ignore[misc]
            assert isinstance(one.session.state, Open)
            service.become(TERMINATED)
            closed = await one.until_closed()
            assert closed.end is End.ENDED
            assert isinstance(closed.problem, VmEnded)


async def test_a_microvm_that_is_gone_ends_the_session() -> None:
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint))
        async with attached(service, ShellOptions(watch_seconds=0.01)) as one:
            await one.until_open()
            service.problem = Unreachable("No answer.")
            await asyncio.sleep(0.05)
            assert isinstance(one.session.state, Open), "a failed reading is no end"
            service.problem = Gone("It does not exist.")
            assert (await one.until_closed()).end is End.ENDED


async def test_the_hard_end_is_counted_down() -> None:
    async with echo_endpoint() as server:
        service = Service(ending_in(a_vm(server.endpoint), 7))
        async with attached(service, ShellOptions(watch_seconds=0.01)) as one:
            await one.until_open()
            for minutes in (4.9, 4.8, 0.9):
                service.vm = ending_in(service.vm, minutes)
                await asyncio.sleep(0.05)
            await one.until(lambda: len([e for e in one.events if isinstance(e, EndsSoon)]) == 3)
            told = [event.minutes for event in one.events if isinstance(event, EndsSoon)]
            assert told == [7, 5, 1]
