from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.seeds import plant
from mvm_tui.local.state.cloud import Cloud, CloudOptions, Region
from mvm_tui.local.state.microvms import Launch, MicrovmRecord
from mvm_tui.model.connectors import shell_possible
from mvm_tui.model.microvm import RUNNING, STATES, SUSPENDED, TERMINATED
from tests.local.state.world import NotingGuest


async def planted(root: Path, seed: str) -> Region:
    async def start(*given: object) -> NotingGuest:
        return NotingGuest(*given)  # type: ignore[arg-type]

    cloud = Cloud(CloudOptions(root=root, seed=seed), ManualTiming(), start_guest=start)
    await plant(cloud)
    return cloud.region("us-east-1")


async def test_the_demo_is_what_it_promises(tmp_path: Path) -> None:
    region = await planted(tmp_path, "demo")
    fleet = region.microvms
    by_state: dict[str, list[MicrovmRecord]] = {}
    for vm in fleet:
        by_state.setdefault(vm.state, []).append(vm)
    assert {state: len(vms) for state, vms in by_state.items()} == {RUNNING: 4, SUSPENDED: 1, TERMINATED: 1}
    assert fleet.allocated_mib == 5 * 1024
    assert region.quotas.memory_mib == 8 * 1024
    assert sum(not shell_possible(vm.launch.ingress) for vm in by_state[RUNNING]) == 1
    (suspended,) = by_state[SUSPENDED]
    assert suspended.launch.idle is not None
    assert not suspended.launch.idle.auto_resume
    now = region.cloud.timing.now()
    ending = [vm for vm in by_state[RUNNING] if (vm.ends_at - now).total_seconds() < 3600]
    assert len(ending) == 1
    assert all(vm.launch.role for vm in fleet)
    # Most suspend when they are idle, and enough of them run for an hour in which nobody looks.
    policies = [vm.launch.idle for vm in by_state[RUNNING]]
    assert policies.count(None) == 1
    assert sum(policy is None or policy.max_idle >= 3600 for policy in policies) == 3
    await region.cloud.close()


async def test_every_version_of_the_demo_has_the_streams_of_its_build(tmp_path: Path) -> None:
    region = await planted(tmp_path, "demo")
    for image in region.images:
        streams = region.logs.groups[f"/aws/lambda-microvms/{image.name}"].streams.values()
        for version in image.versions.values():
            of_version = [stream for stream in streams if f"[{version.number}]" in stream.name]
            assert len(of_version) >= (1 if image.state == "CREATE_FAILED" else 3)
            said = [event.message for stream in of_version for event in stream.events]
            assert "#1 [internal] load build definition from Dockerfile" in said
    said = [event.message for stream in region.logs.all_streams() for event in stream.events]
    assert {"worker up, 4 queues", "devbox ready"} <= set(said)
    await region.cloud.close()


async def test_every_image_of_the_demo_can_be_launched_but_the_last(tmp_path: Path) -> None:
    region = await planted(tmp_path, "demo")
    *good, failed = region.images
    assert {image.name for image in good} >= {"hello-web", "worker", "devbox"}
    for image in good:
        vm = region.microvms.run(region.images.launchable(image.arn, None), Launch((), (), 3600))
        assert vm.state == "PENDING"
        vm.lifecycle.terminate(vm)
        assert isinstance(region.cloud.timing, ManualTiming)
        await region.cloud.timing.run(5)
        assert vm.state == TERMINATED
    assert failed.state == "CREATE_FAILED"
    assert failed.latest_active is None
    assert [build.reason for build in failed.versions["1.0"].builds] == [
        "The container image build failed."
    ] * 2
    sizes = {version.memory_mib for image in good for version in image.versions.values()}
    assert len(sizes) >= 3
    await region.cloud.close()


async def test_the_demo_s_running_ones_get_their_processes(tmp_path: Path) -> None:
    region = await planted(tmp_path, "demo")
    for _ in range(50):
        await asyncio.sleep(0)
    assert {vm.state for vm in region.microvms if vm.guest is not None} == {RUNNING}
    assert all(vm.guest is not None for vm in region.microvms if vm.state == RUNNING)
    await region.cloud.close()


@pytest.mark.parametrize("seed", ["demo", "60"])
async def test_the_same_seed_gives_the_same_ids(tmp_path: Path, seed: str) -> None:
    first, second = await planted(tmp_path / "1", seed), await planted(tmp_path / "2", seed)
    assert [(vm.id, vm.uuid, vm.started_at) for vm in first.microvms] == [
        (vm.id, vm.uuid, vm.started_at) for vm in second.microvms
    ]
    assert [vm.id for vm in first.microvms.page(0, 50)[0]] == [vm.id for vm in second.microvms.page(0, 50)[0]]
    builds = [
        [
            build.id
            for image in region.images
            for version in image.versions.values()
            for build in version.builds
        ]
        for region in (first, second)
    ]
    assert builds[0] == builds[1]
    await first.cloud.close()
    await second.cloud.close()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 300))
def test_many_are_in_every_state_and_fit(tmp_path_factory: pytest.TempPathFactory, count: int) -> None:
    async def look() -> None:
        region = await planted(tmp_path_factory.mktemp("seed"), str(count))
        states = {vm.state for vm in region.microvms}
        assert len(region.microvms) == count
        assert states == set(STATES) if count >= len(STATES) else len(states) == count
        assert region.quotas.memory_mib - region.microvms.allocated_mib >= 8192
        assert all(vm.guest is None and vm.work is None and vm.timer is None for vm in region.microvms)
        await region.cloud.close()

    asyncio.run(look())


async def test_a_record_gets_its_process_when_something_touches_it(tmp_path: Path) -> None:
    region = await planted(tmp_path, "20")
    running = next(vm for vm in region.microvms if vm.state == RUNNING)
    await asyncio.gather(running.touch(), running.touch())
    assert running.guest is not None
    suspended = next(vm for vm in region.microvms if vm.state == SUSPENDED)
    await suspended.touch()
    assert suspended.guest is None
    suspended.lifecycle.resume(suspended)
    assert isinstance(region.cloud.timing, ManualTiming)
    await region.cloud.timing.run(2)
    assert suspended.state == RUNNING
    assert suspended.guest is not None
    await region.cloud.close()


async def test_an_empty_cloud_is_empty(tmp_path: Path) -> None:
    region = await planted(tmp_path, "empty")
    assert (list(region.images), list(region.microvms), list(region.connectors)) == ([], [], [])


@pytest.mark.parametrize("seed", ["", "-1", "many", "٣", "1e3"])
async def test_no_other_seed(tmp_path: Path, seed: str) -> None:
    with pytest.raises(ValueError, match="a seed is"):
        await planted(tmp_path, seed)
