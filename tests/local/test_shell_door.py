"""Who may attach to a shell, where, and what everybody else is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from websockets.exceptions import InvalidStatus

from mvm_tui.local.faults import parse_faults
from tests.local.attaching import Place, place
from tests.local.guests import until

AUTHENTICATION = "lambda-microvms.authentication."
Refusal = tuple[int, str, str]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as made:
        yield made


async def refusal(here: Place, **how: object) -> Refusal:
    """Status, body and ``x-aws-proxy-error`` of an upgrade that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with here.connected(**how):  # type: ignore[arg-type]
            pass
    response = refused.value.response
    return (
        response.status_code,
        (response.body or b"").decode(),
        response.headers.get("x-aws-proxy-error", ""),
    )


@pytest.mark.parametrize("path", ["/", "/shell", "/shell?from=here"])
async def test_both_paths_lead_to_it(here: Place, path: str) -> None:
    async with here.connected(path=path) as socket:
        assert '"session_init"' in str(await socket.recv())


@pytest.mark.parametrize("path", ["/aws/lambda-microvms/runtime/v1/shell", "/shell/", "/items"])
async def test_other_paths_do_not(here: Place, path: str) -> None:
    assert await refusal(here, path=path) == (502, "", "APP_CONNECT_FAILED")


@pytest.mark.parametrize("others", [(), ("lambda-microvms.port.8022",), ("shell",)])
async def test_the_subprotocols_may_come_in_any_company_and_order(
    here: Place, others: tuple[str, ...]
) -> None:
    offered = ("lambda-microvms", AUTHENTICATION + here.token(), *others)
    for order in (offered, tuple(reversed(offered))):
        async with here.connected(offered=order) as socket:
            assert socket.subprotocol == "lambda-microvms"
            assert '"session_init"' in str(await socket.recv())


@pytest.mark.parametrize("more", [{}, {"X-aws-proxy-port": "8022"}])
async def test_the_token_may_come_in_a_header_and_then_nothing_is_echoed(
    here: Place, more: dict[str, str]
) -> None:
    async with here.connected(offered=(), headers={"X-aws-proxy-auth": here.token(), **more}) as socket:
        assert socket.subprotocol is None
        assert '"session_init"' in str(await socket.recv())


async def test_a_token_without_the_services_subprotocol_is_not_answered_with_one(here: Place) -> None:
    async with here.connected(offered=(AUTHENTICATION + here.token(),)) as socket:
        assert socket.subprotocol is None


async def test_without_a_token_or_with_a_wrong_one_the_texts_are_the_services(here: Place) -> None:
    missing = (403, "Request missing authentication", "UNAUTHORIZED")
    failed = (403, "Token authentication failed", "UNAUTHORIZED")
    assert await refusal(here, offered=("lambda-microvms",)) == missing
    assert await refusal(here, token="no-token") == missing
    assert await refusal(here, token=here.token(vm_id="microvm-2")) == failed
    expired = here.tokens.mint("microvm-1", None, "shell", timedelta(minutes=1))
    here.timing.advance(61)
    assert await refusal(here, token=expired) == failed


async def test_a_session_outlives_its_token(here: Place) -> None:
    token = here.tokens.mint("microvm-1", None, "shell", timedelta(minutes=1))
    async with here.connected(token=token) as socket:
        await socket.recv()
        here.timing.advance(59)
        await (await socket.ping())
        here.timing.advance(59)
        await (await socket.ping())


async def test_the_other_kind_of_token_opens_no_shell(here: Place) -> None:
    assert (await refusal(here, token=here.token("http")))[0] == 403
    here.vm.launch.ingress = (here.vm.launch.ingress[0], here.vm.launch.ingress[0].replace("SHELL", "HTTP"))
    assert await refusal(here, token=here.token("http")) == (502, "", "APP_CONNECT_FAILED")


async def test_a_plain_request_with_a_shells_token_gets_the_empty_502(here: Place) -> None:
    headers = {"X-aws-proxy-auth": here.token()}
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{here.port}/shell", headers=headers) as answer,
    ):
        assert (answer.status, await answer.read()) == (502, b"")


async def test_a_port_that_is_none_is_a_bad_request(here: Place) -> None:
    headers = {"X-aws-proxy-auth": here.token(), "X-aws-proxy-port": "shell"}
    assert (await refusal(here, offered=(), headers=headers))[0] == 400


@pytest.mark.parametrize("state", ["PENDING", "TERMINATING", "TERMINATED"])
async def test_without_a_running_microvm_the_proxy_says_so(here: Place, state: str) -> None:
    here.vm.state = state
    assert await refusal(here) == (502, "", "MICROVM_CONNECT_FAILED")


async def test_a_guest_that_has_just_ended_gives_no_shell(here: Place) -> None:
    await here.vm.guest.terminate()
    assert (await refusal(here))[0] == 502


async def test_an_upgrade_resumes_a_suspended_microvm(here: Place) -> None:
    await here.vm.suspend()
    async with here.attached() as typist:
        assert await typist.run("echo awake") == "awake"


async def test_a_microvm_takes_as_many_connections_as_its_size(here: Place) -> None:
    here.vm.memory_mib = 512
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(here.connected())
        for _ in range(7):
            await stack.enter_async_context(here.connected())
        assert (await refusal(here))[0] == 429
        await first.close()
        await until(lambda: len(here.vm.shells) == 7, "the first shell has ended")
        await stack.enter_async_context(here.connected())


async def test_twenty_shells_at_once_while_one_floods(here: Place) -> None:
    async with AsyncExitStack() as stack:
        shells = [await stack.enter_async_context(here.attached()) for _ in range(20)]
        flooding, *others = shells
        await flooding.type("yes flood\n")
        await flooding.until("flood\r\nflood")
        drain = asyncio.create_task(flooding.closed())
        for number, typist in enumerate(others):
            assert await typist.run(f"echo shell {number}") == f"shell {number}"
        drain.cancel()
    await until(lambda: not len(here.vm.shells), "all shells have ended")


async def test_a_fault_refuses_upgrades_as_the_service_words_it(here: Place) -> None:
    here.faults.replace(parse_faults("shell-refuse=429*1"))
    assert await refusal(here) == (429, "", "")
    here.faults.replace(parse_faults("shell-refuse=403@microvm-1"))
    assert await refusal(here) == (403, "Token authentication failed", "UNAUTHORIZED")
    here.faults.replace(parse_faults("shell-refuse=502@microvm-2,shell-refuse=502*1"))
    assert await refusal(here) == (502, "", "MICROVM_CONNECT_FAILED")
    async with here.attached():
        pass
