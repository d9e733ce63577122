"""Records on real processes: the sample apps, their hooks and their output."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mvm_tui.local.state.cloud import Cloud, CloudOptions
from mvm_tui.local.state.images import ImageRecord
from mvm_tui.local.state.microvms import Launch, MicrovmRecord
from mvm_tui.local.state.versions import VersionRecord

DEADLINE = 30.0
SPEED = 40.0
HOOKS: dict[str, Any] = {
    "port": 8080,
    "microvmHooks": {"run": "ENABLED", "runTimeoutInSeconds": 10, "terminate": "ENABLED"},
    "microvmImageHooks": {"ready": "ENABLED", "validate": "ENABLED"},
}


async def wait_until(condition: Callable[[], object], what: str) -> None:
    end = asyncio.get_running_loop().time() + DEADLINE
    while not condition():
        assert asyncio.get_running_loop().time() < end, f"still not: {what}"
        await asyncio.sleep(0.02)


def folders(root: Path) -> list[Path]:
    """The MicroVMs' folders under the root of a run."""
    return [*root.glob("vms/*")]


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    made = Cloud(CloudOptions(root=tmp_path, seed="empty", speed=SPEED))
    yield made
    await made.close()
    assert not folders(tmp_path)


async def build(cloud: Cloud, hooks: dict[str, Any] | None = None) -> tuple[ImageRecord, VersionRecord]:
    region = cloud.region("us-east-1")
    version = region.images.create(
        {
            "name": "web",
            "baseImageArn": "arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1",
            "buildRoleArn": "arn:aws:iam::000000000000:role/build",
            "codeArtifact": {"uri": "s3://elsewhere/code.zip"},
            "hooks": hooks,
        }
    )
    image = region.images.get(version.image_arn)
    await wait_until(lambda: image.state != "CREATING", "built")
    return image, version


async def running(cloud: Cloud, version: VersionRecord) -> MicrovmRecord:
    role = "arn:aws:iam::000000000000:role/run"
    vm = cloud.region("us-east-1").microvms.run(version, Launch((), (), 3600, role=role, payload='{"a": 1}'))
    await wait_until(lambda: vm.state == "RUNNING", "running")
    return vm


def logged(cloud: Cloud) -> str:
    groups = cloud.region("us-east-1").logs.groups
    return "\n".join(
        event.message
        for group in groups.values()
        for stream in group.streams.values()
        for event in stream.events
    )


async def test_a_running_one_serves_and_is_still_while_suspended(cloud: Cloud) -> None:
    _, version = await build(cloud)
    vm = await running(cloud, version)
    assert vm.guest is not None
    address = vm.guest.address_of(vm.default_port)
    assert address is not None
    url = f"http://{address[0]}:{address[1]}/"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as answer:
            assert answer.status == 200
        vm.lifecycle.suspend(vm)
        await wait_until(lambda: vm.state == "SUSPENDED", "suspended")
        with pytest.raises(TimeoutError):
            await session.get(url, timeout=aiohttp.ClientTimeout(total=0.3))
        vm.lifecycle.resume(vm)
        await wait_until(lambda: vm.state == "RUNNING", "running again")
        async with session.get(url) as answer:
            assert answer.status == 200
    vm.lifecycle.terminate(vm)
    await wait_until(lambda: vm.state == "TERMINATED", "terminated")
    assert vm.guest is None


async def test_hooks_are_called_with_payload_and_boot_id(cloud: Cloud) -> None:
    image, version = await build(cloud, HOOKS)
    assert image.state == "CREATED"
    vm = await running(cloud, version)
    await wait_until(lambda: "runHookPayload" in logged(cloud), "the run hook's body logged")
    assert vm.build.boot_id in logged(cloud)
    assert vm.id in logged(cloud)
    vm.lifecycle.terminate(vm)
    await wait_until(lambda: vm.state == "TERMINATED", "terminated")
    await wait_until(lambda: "terminate hook" in logged(cloud), "the terminate hook logged")


async def test_a_hook_port_that_nothing_listens_on_fails_the_build(cloud: Cloud) -> None:
    image, version = await build(cloud, HOOKS | {"port": 9})
    assert image.state == "CREATE_FAILED"
    (reason,) = {build.reason for build in version.builds}
    assert reason is not None
    assert reason.startswith("Ready hook check failed: ")
    assert version.builds[0].snapshot_members() == {
        "codeInstallSizeInBytes": 186_400_768,
        "diskSnapshotSizeInBytes": None,
        "memorySnapshotSizeInBytes": None,
    }


async def test_a_run_hook_that_fails_ends_the_microvm(cloud: Cloud) -> None:
    _, version = await build(cloud)
    version.spec["hooks"] = {"port": 9, "microvmHooks": {"run": "ENABLED"}}
    vm = cloud.region("us-east-1").microvms.run(version, Launch((), (), 3600))
    await wait_until(lambda: vm.state == "TERMINATED", "terminated")
    assert vm.state_reason is not None
    assert vm.state_reason.startswith("Run lifecycle hook check failed: ")


async def test_closing_ends_what_is_just_starting(tmp_path: Path) -> None:
    cloud = Cloud(CloudOptions(root=tmp_path, seed="empty", speed=SPEED))
    _, version = await build(cloud)
    vm = cloud.region("us-east-1").microvms.run(version, Launch((), (), 3600))
    await wait_until(lambda: folders(tmp_path), "the guest's folder made")
    await cloud.close()
    assert vm.guest is None
    assert not folders(tmp_path)
