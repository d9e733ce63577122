from __future__ import annotations

import re
from typing import Any

import pytest

from mvm_tui.local.wire.errors import ServiceError
from tests.local.state.world import BUILD_ROLE, World

SPEC_MEMBERS: dict[str, Any] = {
    "additionalOsCapabilities": None,
    "baseImageArn": "arn:aws:lambda:us-east-2:aws:microvm-image:al2023-1",
    "baseImageVersion": "1.0",
    "buildRoleArn": BUILD_ROLE,
    "codeArtifact": {"uri": "s3://elsewhere/code.zip"},
    "cpuConfigurations": None,
    "description": None,
    "egressNetworkConnectors": [
        "arn:aws:lambda:us-east-2:aws:network-connector:aws-network-connector:INTERNET_EGRESS"
    ],
    "environmentVariables": None,
    "hooks": None,
    "logging": None,
    "resources": [{"minimumMemoryInMiB": 2048}],
}


async def test_create_answers_the_whole_specification(world: World) -> None:
    params = {name: SPEC_MEMBERS[name] for name in ("baseImageArn", "buildRoleArn", "codeArtifact")}
    answer = await world.call("CreateMicrovmImage", name="web", **params)
    assert re.fullmatch("[0-9a-f-]{36}", answer.pop("id"))
    assert answer == SPEC_MEMBERS | {
        "buildPhaseOverrides": None,
        "createdAt": world.timing.now(),
        "imageArn": "arn:aws:lambda:us-east-2:000000000000:microvm-image:web",
        "imageVersion": "1.0",
        "latestActiveImageVersion": None,
        "latestFailedImageVersion": None,
        "name": "web",
        "roleConfiguration": None,
        "state": "CREATING",
        "tags": None,
        "updatedAt": world.timing.now(),
    }


async def test_update_answers_it_without_tags(world: World) -> None:
    arn = await world.image()
    answer = await world.call("UpdateMicrovmImage", imageIdentifier=arn, **world.spec(description="new"))
    assert "tags" not in answer
    assert answer["imageVersion"] == "2.0"
    assert answer["latestActiveImageVersion"] == "1.0"
    assert answer["description"] == "new"
    assert answer["state"] == "UPDATING"


async def test_get_and_list_have_their_own_members(world: World) -> None:
    arn = await world.image(tags={"team": "blue"})
    got = await world.call("GetMicrovmImage", imageIdentifier=arn)
    assert got["tags"] == {"team": "blue"}
    assert got["state"] == "CREATED"
    basic = {
        *("createdAt", "id", "imageArn", "latestActiveImageVersion", "latestFailedImageVersion"),
        *("name", "state"),
    }
    assert set(got) == basic | {"tags", "updatedAt"}
    listed = await world.call("ListMicrovmImages")
    assert [set(item) for item in listed["items"]] == [basic]
    assert listed["nextToken"] is None


async def test_a_name_filter_may_leave_a_page_empty(world: World) -> None:
    for name in ("api", "batch", "web-1", "cron", "web-2"):
        await world.image(name)
    names: list[list[str]] = []
    token: str | None = None
    while True:
        params = {"nextToken": token} if token else {}
        page = await world.call("ListMicrovmImages", nameFilter="web", maxResults=2, **params)
        names.append([item["name"] for item in page["items"]])
        token = page["nextToken"]
        if token is None:
            break
    assert names == [[], ["web-1"], ["web-2"]]


async def test_versions_are_listed_whole_and_newest_first(world: World) -> None:
    arn = await world.image()
    await world.call("UpdateMicrovmImage", imageIdentifier=arn, **world.spec())
    await world.pass_time(10)
    listed = await world.call("ListMicrovmImageVersions", imageIdentifier=arn)
    assert [item["imageVersion"] for item in listed["items"]] == ["2.0", "1.0"]
    got = await world.call("GetMicrovmImageVersion", imageIdentifier=arn, imageVersion="1.0")
    assert got == listed["items"][1]
    version = world.region.images.version(arn, "1.0")
    assert got == SPEC_MEMBERS | {
        "createdAt": version.created_at,
        "imageArn": arn,
        "imageVersion": "1.0",
        "state": "SUCCESSFUL",
        "stateReason": None,
        "status": "ACTIVE",
        "tags": None,
        "updatedAt": version.updated_at,
        "versionStateTimeBucket": "SUCCESSFUL#26110112",
    }


async def test_builds(world: World) -> None:
    arn = await world.image()
    asked = {"imageIdentifier": arn, "imageVersion": "1.0"}
    listed = await world.call("ListMicrovmImageBuilds", **asked)
    assert [item["chipsetGeneration"] for item in listed["items"]] == ["4", "3"]
    first = listed["items"][0]
    assert first | {"buildId": "", "createdAt": None} == {
        "architecture": "ARM_64",
        "buildId": "",
        "buildState": "SUCCESSFUL",
        "chipset": "GRAVITON",
        "chipsetGeneration": "4",
        "createdAt": None,
        "imageArn": arn,
        "imageVersion": "1.0",
        "stateReason": None,
        "terminationReasonCode": None,
    }
    got = await world.call("GetMicrovmImageBuild", buildId=first["buildId"], **asked)
    sizes = got.pop("snapshotBuild")
    assert got == first
    assert sizes["memorySnapshotSizeInBytes"] == 609_087_488
    older = await world.call("ListMicrovmImageBuilds", chipsetGeneration="3", **asked)
    assert older["items"] == listed["items"][1:]
    with pytest.raises(ServiceError, match="MicroVMImageBuild not found"):
        await world.call("GetMicrovmImageBuild", buildId="none", **asked)


@pytest.mark.parametrize(
    ("operation", "params", "told"),
    [
        ("GetMicrovmImage", {}, "MicroVMImage not found for MicroVMImageID: {arn}"),
        (
            "GetMicrovmImageVersion",
            {"imageVersion": "1.0"},
            "MicroVMImage not found for MicroVMImage: {arn}, Version: 1.0",
        ),
        ("RunMicrovm", {}, "No active version found for MicroVM image {arn}"),
    ],
)
async def test_unknown_images(world: World, operation: str, params: dict[str, Any], told: str) -> None:
    arn = "arn:aws:lambda:us-east-2:000000000000:microvm-image:none"
    with pytest.raises(ServiceError) as refused:
        await world.call(operation, imageIdentifier=arn, **params)
    assert refused.value.status == 404
    assert refused.value.body() == {
        "message": told.format(arn=arn),
        "resourceId": None,
        "resourceType": None,
    }


async def test_the_managed_base_image(world: World) -> None:
    images = await world.call("ListManagedMicrovmImages")
    assert [set(item) for item in images["items"]] == [{"createdAt", "imageArn", "updatedAt"}]
    assert images["items"][0]["imageArn"] == world.base_arn
    versions = await world.call("ListManagedMicrovmImageVersions", imageIdentifier=world.base_arn)
    assert [(item["imageVersion"], item["status"]) for item in versions["items"]] == [
        ("1", "AVAILABLE"),
        ("0", "AVAILABLE"),
    ]
    assert versions["nextToken"] is None
    other = world.base_arn.replace("al2023-1", "none")
    with pytest.raises(ServiceError, match="MicroVMImage not found"):
        await world.call("ListManagedMicrovmImageVersions", imageIdentifier=other)


async def test_tags(world: World) -> None:
    arn = await world.image()
    await world.call("TagResource", Resource=arn, Tags={"team": "blue", "tier": "1"})
    assert await world.call("ListTags", Resource=arn) == {"Tags": {"team": "blue", "tier": "1"}}
    await world.call("UntagResource", Resource=arn, TagKeys=["tier", "none"])
    assert await world.call("ListTags", Resource=arn) == {"Tags": {"team": "blue"}}
    with pytest.raises(ServiceError) as refused:
        await world.call("ListTags", Resource=arn + "0")
    assert refused.value.status == 404
