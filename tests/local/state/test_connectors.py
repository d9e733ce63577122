from __future__ import annotations

import pytest

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.model.connectors import managed_arn
from tests.local.state.world import World

VPC = {"VpcEgressConfiguration": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}


def arns(*names: str) -> list[str]:
    return [managed_arn(name, "us-east-2") for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ("HTTP_INGRESS",),
        ("SHELL_INGRESS",),
        ("ALL_INGRESS",),
        ("NO_INGRESS",),
        ("HTTP_INGRESS", "SHELL_INGRESS"),
    ],
)
def test_allowed_ingress(world: World, names: tuple[str, ...]) -> None:
    assert list(world.region.connectors.ingress(arns(*names))) == arns(*names)


@pytest.mark.parametrize("asked", [None, []])
def test_defaults(world: World, asked: list[str] | None) -> None:
    assert list(world.region.connectors.ingress(asked)) == arns("HTTP_INGRESS")
    assert list(world.region.connectors.egress(asked)) == arns("INTERNET_EGRESS")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            arns("ALL_INGRESS", "SHELL_INGRESS"),
            "ALL_INGRESS cannot be combined with other ingress network connectors; "
            "use HTTP_INGRESS and/or SHELL_INGRESS instead",
        ),
        (
            arns("HTTP_INGRESS", "NO_INGRESS"),
            "NO_INGRESS cannot be combined with other ingress network connectors",
        ),
        (arns("INTERNET_EGRESS"), "Unrecognized managed network connector ARN"),
        (arns("FTP_INGRESS"), "Unrecognized managed network connector ARN"),
        (["HTTP_INGRESS"], "Malformed network connector ARN"),
    ],
)
def test_refused_ingress(world: World, asked: list[str], told: str) -> None:
    with pytest.raises(ServiceError) as refused:
        world.region.connectors.ingress(asked)
    assert refused.value.code == "ValidationException"
    assert refused.value.message == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (arns("NO_EGRESS"), "Unrecognized managed network connector ARN"),
        (["INTERNET_EGRESS"], "Malformed network connector ARN"),
    ],
)
def test_refused_egress(world: World, asked: list[str], told: str) -> None:
    with pytest.raises(ServiceError) as refused:
        world.region.connectors.egress(asked)
    assert refused.value.message == told


async def test_a_connector_of_the_account_must_be_active(world: World) -> None:
    made = await world.call("CreateNetworkConnector", "lambda-core", Name="vpc", Configuration=VPC)
    assert made["State"] == "PENDING"
    with pytest.raises(ServiceError, match="PENDING"):
        world.region.connectors.egress([made["Arn"]])
    await world.pass_time(6)
    assert world.region.connectors.egress([made["Arn"]]) == (made["Arn"],)
    with pytest.raises(ServiceError, match="not found"):
        world.region.connectors.egress([made["Arn"] + "0"])


async def test_members_of_each_answer(world: World) -> None:
    role = "arn:aws:iam::000000000000:role/operator"
    asked = {"Name": "vpc", "Configuration": VPC, "OperatorRole": role, "ClientToken": "one"}
    made = await world.call("CreateNetworkConnector", "lambda-core", **asked)
    basic = {"Arn", "Configuration", "Id", "Name", "OperatorRole", "State"}
    assert set(made) == basic
    assert await world.call("CreateNetworkConnector", "lambda-core", **asked) == made
    with pytest.raises(ServiceError) as refused:
        await world.call("CreateNetworkConnector", "lambda-core", **asked | {"Name": "other"})
    assert (refused.value.code, refused.value.status) == ("ResourceConflictException", 409)
    await world.pass_time(6)
    got = await world.call("GetNetworkConnector", "lambda-core", Identifier=made["Id"])
    assert set(got) == basic | {"LastModified", "StateReason"}
    assert (got["State"], got["StateReason"]) == ("ACTIVE", "Initial creation")
    listed = await world.call("ListNetworkConnectors", "lambda-core")
    assert listed.keys() == {"NetworkConnectors"}
    assert set(listed["NetworkConnectors"][0]) == {"Arn", "Id", "LastModified", "Name", "State", "Type"}
    updated = await world.call(
        "UpdateNetworkConnector", "lambda-core", Identifier=made["Id"], Configuration=VPC, OperatorRole=role
    )
    assert set(updated) == basic | {"LastModified", "LastUpdateStatus", "LastUpdateStatusReason"}
    assert updated["LastUpdateStatusReason"] == "No configuration changes detected"
    deleted = await world.call("DeleteNetworkConnector", "lambda-core", Identifier=made["Arn"])
    assert set(deleted) == basic
    assert deleted["State"] == "DELETING"
    await world.pass_time(6)
    with pytest.raises(ServiceError) as refused:
        await world.call("GetNetworkConnector", "lambda-core", Identifier="nc-gone")
    assert refused.value.body() == {
        "Message": "Network connector not found for: "
        "arn:aws:lambda:us-east-2:000000000000:network-connector:nc-gone"
    }


async def test_listing_in_pages_by_state(world: World) -> None:
    for number in range(5):
        await world.call("CreateNetworkConnector", "lambda-core", Name=f"vpc-{number}", Configuration=VPC)
    await world.pass_time(6)
    await world.call("CreateNetworkConnector", "lambda-core", Name="young", Configuration=VPC)
    names: list[str] = []
    asked: dict[str, object] = {"State": "PENDING", "MaxItems": 2}
    pages = 0
    while True:
        page = await world.call("ListNetworkConnectors", "lambda-core", **asked)
        pages += 1
        names += [one["Name"] for one in page["NetworkConnectors"]]
        if "NextMarker" not in page:
            break
        asked["Marker"] = page["NextMarker"]
    assert (names, pages) == (["young"], 3)
