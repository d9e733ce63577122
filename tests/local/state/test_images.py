from __future__ import annotations

from collections.abc import Awaitable

import pytest

from mvm_tui.local.state.images import ImageRecord
from mvm_tui.local.wire.errors import ServiceError
from tests.local.state.world import World


async def refusal(call: Awaitable[object]) -> tuple[int, str, str | None]:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value.status, refused.value.code, refused.value.message


def image_of(world: World, arn: str) -> ImageRecord:
    return world.region.images.get(arn)


async def test_an_update_makes_the_next_version(world: World) -> None:
    arn = await world.image()
    await world.call("UpdateMicrovmImage", imageIdentifier=arn, **world.spec(512))
    image = image_of(world, arn)
    assert image.state == "UPDATING"
    assert image.latest_active is image.versions["1.0"]
    await world.pass_time(10)
    assert image.state == "UPDATED"
    assert image.latest_active is image.versions["2.0"]
    assert image.versions["2.0"].memory_mib == 512


async def test_a_busy_image_is_a_conflict(world: World) -> None:
    arn = await world.begin_image()
    told = f"MicroVM image {arn} is already in state: CREATING"
    for operation in ("UpdateMicrovmImage", "DeleteMicrovmImage"):
        params = world.spec() if operation.startswith("Update") else {}
        answer = await refusal(world.call(operation, imageIdentifier=arn, **params))
        assert answer == (409, "ConflictException", told)


async def test_a_name_stays_taken_while_its_image_is_being_deleted(world: World) -> None:
    arn = await world.image()
    told = "A MicroVM image with the name 'web' already exists in this account"
    assert await refusal(world.begin_image()) == (400, "ValidationException", told)
    await world.call("DeleteMicrovmImage", imageIdentifier=arn)
    assert await refusal(world.begin_image()) == (400, "ValidationException", told)
    assert (await world.call("GetMicrovmImage", imageIdentifier=arn))["state"] == "DELETING"
    await world.pass_time(6)
    assert await world.begin_image() == arn


async def test_an_image_with_running_microvms_stays(world: World) -> None:
    arn = await world.image()
    vm = await world.running(arn)
    told = "Cannot delete microvm image with running microvms."
    delete = {"imageIdentifier": arn}
    assert await refusal(world.call("DeleteMicrovmImage", **delete)) == (400, "ValidationException", told)
    vm.lifecycle.terminate(vm)
    await world.pass_time(5)
    assert await world.call("DeleteMicrovmImage", **delete) == {"imageIdentifier": arn, "state": "DELETING"}


async def test_the_last_version_stays_and_others_go(world: World) -> None:
    arn = await world.image()
    params = {"imageIdentifier": arn, "imageVersion": "1.0"}
    assert (await refusal(world.call("DeleteMicrovmImageVersion", **params)))[0] == 400
    await world.call("UpdateMicrovmImage", imageIdentifier=arn, **world.spec())
    await world.pass_time(10)
    answer = await world.call("DeleteMicrovmImageVersion", **params)
    assert answer == {"imageIdentifier": arn, "imageVersion": "1.0", "state": "DELETING"}
    assert image_of(world, arn).state == "UPDATING"
    await world.pass_time(6)
    assert image_of(world, arn).state == "UPDATED"
    assert list(image_of(world, arn).versions) == ["2.0"]
    await world.call("UpdateMicrovmImage", imageIdentifier=arn, **world.spec())
    assert list(image_of(world, arn).versions) == ["2.0", "3.0"]


async def test_a_retired_version_cannot_be_launched(world: World) -> None:
    arn = await world.image()
    await world.call("UpdateMicrovmImageVersion", imageIdentifier=arn, imageVersion="1.0", status="INACTIVE")
    missing = f"No active version found for MicroVM image {arn}"
    assert await refusal(world.run(arn)) == (404, "ResourceNotFoundException", missing)
    named = await refusal(world.run(arn, imageVersion="1.0"))
    assert named == (404, "ResourceNotFoundException", f"{missing}, Version: 1.0")
    await world.call("UpdateMicrovmImageVersion", imageIdentifier=arn, imageVersion="1.0", status="ACTIVE")
    assert (await world.run(arn)).version.number == "1.0"


@pytest.mark.parametrize("memory", [512, 1024, 2048, 4096, 8192])
async def test_the_five_sizes(world: World, memory: int) -> None:
    arn = await world.image(memory=memory)
    assert world.region.images.version(arn, "1.0").memory_mib == memory


@pytest.mark.parametrize("memory", [0, 128, 2047, 16384])
async def test_no_other_size(world: World, memory: int) -> None:
    assert (await refusal(world.begin_image(memory=memory)))[:2] == (400, "ValidationException")
    assert list(world.region.images) == []


@pytest.mark.parametrize(("asked", "read"), [(None, "1.0"), ("1", "1.0"), ("1.0", "1.0"), ("0", "0.0")])
async def test_a_base_version_reads_back_with_a_minor(world: World, asked: str | None, read: str) -> None:
    arn = await world.begin_image(baseImageVersion=asked)
    assert world.region.images.version(arn, "1.0").spec["baseImageVersion"] == read


async def test_an_unknown_base_is_not_found(world: World) -> None:
    assert (await refusal(world.begin_image(baseImageVersion="7")))[0] == 404
    other = world.base_arn.replace("al2023-1", "al2099-1")
    assert (await refusal(world.begin_image(baseImageArn=other)))[0] == 404


async def test_a_reserved_environment_variable_is_refused(world: World) -> None:
    assert (await refusal(world.begin_image(environmentVariables={"AWS_REGION": "x"})))[0] == 400


async def test_only_so_many_builds_run_at_once(world: World) -> None:
    for number in range(10):
        await world.begin_image(f"image-{number}")
    assert (await refusal(world.begin_image("one-more")))[:2] == (402, "ServiceQuotaExceededException")
    await world.pass_time(10)
    await world.begin_image("one-more")


async def test_only_so_many_images(world: World) -> None:
    for number in range(100):
        await world.begin_image(f"image-{number}")
        await world.pass_time(8)
    assert (await refusal(world.begin_image("one-more")))[0] == 402
