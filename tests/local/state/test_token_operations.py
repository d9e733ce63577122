from __future__ import annotations

from typing import Any

import pytest

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.model.connectors import managed_arn
from tests.local.state.world import World

ALL_PORTS: dict[str, Any] = {"allPorts": {}}


async def mint(world: World, operation: str, **params: Any) -> str:
    answer = await world.call(operation, **{"expirationInMinutes": 60} | params)
    assert answer.keys() == {"authToken"}
    assert answer["authToken"].keys() == {"X-aws-proxy-auth"}
    token: str = answer["authToken"]["X-aws-proxy-auth"]
    return token


@pytest.mark.parametrize(
    ("allowed", "ports"),
    [
        ([ALL_PORTS], None),
        ([{"port": 8080}], ((8080, 8080),)),
        ([{"port": 80}, {"range": {"startPort": 3000, "endPort": 3009}}], ((80, 80), (3000, 3009))),
        ([{"port": 80}, ALL_PORTS], None),
    ],
)
async def test_what_a_token_grants(
    world: World, allowed: list[dict[str, Any]], ports: tuple[tuple[int, int], ...] | None
) -> None:
    vm = await world.running()
    token = await mint(world, "CreateMicrovmAuthToken", microvmIdentifier=vm.id, allowedPorts=allowed)
    grant = world.cloud.tokens.check(token)
    assert grant is not None
    assert (grant.microvm_id, grant.kind, grant.ports) == (vm.id, "http", ports)
    await world.pass_time(3601)
    assert world.cloud.tokens.check(token) is None


async def test_a_suspended_one_has_tokens_too(world: World) -> None:
    vm = await world.suspended()
    await mint(world, "CreateMicrovmAuthToken", microvmIdentifier=vm.id, allowedPorts=[ALL_PORTS])


async def test_a_shell_needs_its_connector(world: World) -> None:
    vm = await world.running()
    with pytest.raises(ServiceError) as refused:
        await mint(world, "CreateMicrovmShellAuthToken", microvmIdentifier=vm.id)
    assert (refused.value.code, refused.value.status) == ("ValidationException", 400)
    told = "Shell access requires SHELL_INGRESS network connector to be configured on the MicroVM."
    assert refused.value.body() == {"message": told}


async def test_a_shell_token(world: World) -> None:
    shell = [managed_arn("SHELL_INGRESS", "us-east-2")]
    vm = await world.running(ingressNetworkConnectors=shell)
    token = await mint(world, "CreateMicrovmShellAuthToken", microvmIdentifier=vm.id)
    grant = world.cloud.tokens.check(token)
    assert grant is not None
    assert grant.kind == "shell"


async def test_an_hour_is_the_longest(world: World) -> None:
    vm = await world.running()
    with pytest.raises(ServiceError) as refused:
        await mint(
            world,
            "CreateMicrovmAuthToken",
            microvmIdentifier=vm.id,
            allowedPorts=[ALL_PORTS],
            expirationInMinutes=61,
        )
    assert refused.value.message == "ExpirationMinutes 61 exceeded max allowed of 60."


async def test_none_for_a_terminated_one(world: World) -> None:
    vm = await world.running()
    vm.lifecycle.terminate(vm)
    await world.pass_time(5)
    with pytest.raises(ServiceError, match="has been terminated"):
        await mint(world, "CreateMicrovmAuthToken", microvmIdentifier=vm.id, allowedPorts=[ALL_PORTS])
