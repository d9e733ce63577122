from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvm_tui.local.state.microvms import Launch, MicrovmRecord
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.model.microvm import ALLOCATING, TERMINATED
from tests.local.state.world import World

QUOTA = "The base maximum allocated memory limit has been reached for this account."


async def test_the_quota_counts_suspended_ones_and_answers_402(world: World) -> None:
    arn = await world.image(memory=4096)
    first = await world.running(arn)
    first.lifecycle.suspend(first)
    await world.pass_time(3)
    await world.running(arn)
    with pytest.raises(ServiceError) as refused:
        await world.run(arn)
    assert (refused.value.code, refused.value.status) == ("ServiceQuotaExceededException", 402)
    assert refused.value.body() == {
        "message": QUOTA,
        "quotaCode": None,
        "resourceId": None,
        "resourceType": None,
        "serviceCode": None,
    }


async def test_memory_is_free_only_once_it_is_terminated(world: World) -> None:
    arn = await world.image(memory=8192)
    vm = await world.running(arn)
    vm.lifecycle.terminate(vm)
    await world.pass_time(1)
    assert vm.state == "TERMINATING"
    with pytest.raises(ServiceError):
        await world.run(arn)
    await world.pass_time(5)
    assert (await world.run(arn)).state == "PENDING"


async def test_terminated_ones_stay_listed_for_an_hour(world: World) -> None:
    vm = await world.running()
    vm.lifecycle.terminate(vm)
    await world.pass_time(3000)
    assert (await world.call("ListMicrovms"))["items"][0]["state"] == "TERMINATED"
    await world.pass_time(700)
    assert (await world.call("ListMicrovms"))["items"] == []
    with pytest.raises(ServiceError, match="MicroVM not found"):
        world.region.microvms.get(vm.id)
    assert world.region.microvms.by_uuid(vm.uuid) is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["run", "terminate", "wait"]), st.integers(0, 7)), max_size=40))
def test_the_memory_in_use_is_that_of_the_living(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_walk(tmp_path_factory.mktemp("world"), steps))


async def _walk(root: Path, steps: list[tuple[str, int]]) -> None:
    world = World(root)
    arns = [await world.begin_image(f"image-{memory}", memory) for memory in (512, 1024, 4096)]
    await world.pass_time(10)
    launched: list[MicrovmRecord] = []
    fleet = world.region.microvms
    for verb, number in steps:
        if verb == "run":
            version = world.region.images.launchable(arns[number % 3], None)
            fits = fleet.allocated_mib + version.memory_mib <= world.region.quotas.memory_mib
            try:
                launched.append(fleet.run(version, Launch((), (), 3600)))
            except ServiceError:
                assert not fits
            else:
                assert fits
        elif verb == "terminate" and launched:
            vm = launched[number % len(launched)]
            vm.lifecycle.terminate(vm)
        else:
            await world.pass_time(number)
        assert fleet.allocated_mib == sum(vm.memory_mib for vm in launched if vm.state in ALLOCATING)
        assert fleet.allocated_mib <= world.region.quotas.memory_mib
    await world.cloud.close()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.lists(st.sampled_from(["add", "forget", "page"]), max_size=60))
def test_whoever_stays_is_in_some_page(
    tmp_path_factory: pytest.TempPathFactory, size: int, steps: list[str]
) -> None:
    asyncio.run(_read_while_changing(tmp_path_factory.mktemp("world"), size, steps))


async def _read_while_changing(root: Path, size: int, steps: list[str]) -> None:
    world = World(root)
    arn = await world.image(memory=512)
    version = world.region.images.launchable(arn, None)
    fleet = world.region.microvms

    def add() -> MicrovmRecord:
        number = next(numbers)
        vm = MicrovmRecord(
            f"microvm-{number}",
            str(number),
            fleet.lifecycle,
            version,
            version.builds[0],
            Launch((), (), 3600),
            TERMINATED,
            world.timing.now(),
        )
        fleet.add(vm)
        return vm

    numbers = iter(range(1000))
    staying = {add().id for _ in range(10)}
    passing = [add() for _ in range(5)]
    seen: set[str] = set()
    position: int | None = 0
    for step in steps:
        if step == "add":
            passing.append(add())
        elif step == "forget" and passing:
            fleet._forget(passing.pop())
        elif position is not None:
            page, position = fleet.page(position, size)
            seen |= {vm.id for vm in page}
    while position is not None:
        page, position = fleet.page(position, size)
        seen |= {vm.id for vm in page}
    assert seen >= staying
    await world.cloud.close()
