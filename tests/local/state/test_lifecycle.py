from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from mvm_tui.local.state.microvms import MicrovmRecord
from mvm_tui.local.wire.errors import ServiceError
from tests.local.state.world import MakeWorld, World

IDLE: dict[str, Any] = {
    "maxIdleDurationSeconds": 900,
    "suspendedDurationSeconds": 1800,
    "autoResumeEnabled": True,
}


async def states(world: World, vm: MicrovmRecord, seconds: float, step: float = 0.05) -> list[str]:
    """The states it walks through, each once."""
    walked = [vm.state]
    for _ in range(round(seconds / step)):
        await world.pass_time(step)
        if vm.state != walked[-1]:
            walked.append(vm.state)
    return walked


async def test_a_launch_goes_from_pending_to_running(world: World) -> None:
    vm = await world.run(await world.image())
    assert vm.state == "PENDING"
    assert await states(world, vm, 3) == ["PENDING", "RUNNING"]
    assert world.guests[vm.id].asked == []


async def test_after_the_200_the_old_state_is_shown_for_a_moment(world: World) -> None:
    vm = await world.running()
    vm.lifecycle.suspend(vm)
    await world.pass_time(0.1)
    assert vm.state == "RUNNING"
    assert await states(world, vm, 3) == ["RUNNING", "SUSPENDING", "SUSPENDED"]


async def test_a_resume_goes_straight_to_running(world: World) -> None:
    vm = await world.suspended()
    vm.lifecycle.resume(vm)
    assert await states(world, vm, 3) == ["SUSPENDED", "RUNNING"]
    assert world.guests[vm.id].asked == ["suspend", "resume"]


async def test_terminate_ends_with_success(world: World) -> None:
    vm = await world.running()
    vm.lifecycle.terminate(vm)
    assert await states(world, vm, 5) == ["RUNNING", "TERMINATING", "TERMINATED"]
    assert vm.state_reason == "Success."
    assert vm.terminated_at is not None
    assert vm.terminated_at > vm.started_at
    assert world.guests[vm.id].asked == ["terminate"]
    assert vm.guest is None


async def test_a_suspended_one_can_be_terminated(world: World) -> None:
    vm = await world.suspended()
    vm.lifecycle.terminate(vm)
    assert await states(world, vm, 5) == ["SUSPENDED", "TERMINATING", "TERMINATED"]


async def test_terminate_cuts_a_launch_short(world: World) -> None:
    vm = await world.run(await world.image())
    vm.lifecycle.terminate(vm)
    assert await states(world, vm, 5) == ["PENDING", "TERMINATING", "TERMINATED"]


async def test_repeated_requests_change_nothing(world: World) -> None:
    vm = await world.running()
    vm.lifecycle.resume(vm)
    assert await states(world, vm, 3) == ["RUNNING"]
    vm.lifecycle.suspend(vm)
    await world.pass_time(3)
    vm.lifecycle.suspend(vm)
    assert await states(world, vm, 3) == ["SUSPENDED"]
    vm.lifecycle.terminate(vm)
    vm.lifecycle.terminate(vm)
    await world.pass_time(5)
    vm.lifecycle.terminate(vm)
    assert await states(world, vm, 3) == ["TERMINATED"]


@pytest.mark.parametrize("verb", ["suspend", "resume"])
async def test_a_change_under_way_is_a_conflict(world: World, verb: str) -> None:
    vm = await world.run(await world.image())
    with pytest.raises(ServiceError) as refused:
        getattr(vm.lifecycle, verb)(vm)
    assert (refused.value.code, refused.value.status) == ("ConflictException", 409)
    await world.pass_time(3)
    vm.lifecycle.suspend(vm)
    with pytest.raises(ServiceError) as refused:
        getattr(vm.lifecycle, verb)(vm)
    assert "SUSPENDING" in str(refused.value)


@pytest.mark.parametrize("verb", ["suspend", "resume"])
async def test_a_terminated_one_cannot_change(world: World, verb: str) -> None:
    vm = await world.running()
    vm.lifecycle.terminate(vm)
    await world.pass_time(5)
    with pytest.raises(ServiceError) as refused:
        getattr(vm.lifecycle, verb)(vm)
    assert (refused.value.code, refused.value.status) == ("ValidationException", 400)
    told = f"The MicroVM {vm.id} has been terminated and its state cannot be changed."
    assert refused.value.message == told


async def test_idling_suspends_and_the_window_ends_it(world: World) -> None:
    vm = await world.running(idlePolicy=IDLE)
    await world.pass_time(890)
    assert vm.state == "RUNNING"
    await world.pass_time(25)
    assert vm.state == "SUSPENDED"
    await world.pass_time(1780)
    assert vm.state == "SUSPENDED"
    await world.pass_time(20)
    assert vm.state == "TERMINATED"
    assert vm.state_reason == "MicroVM exceeded maximum lifetime."


async def test_traffic_winds_the_idle_clock_up_and_polling_does_not(world: World) -> None:
    vm = await world.running(idlePolicy=IDLE)
    for _ in range(4):
        await world.pass_time(600)
        vm.note_traffic()
    assert vm.state == "RUNNING"
    for _ in range(10):
        await world.pass_time(91)
        await world.call("GetMicrovm", microvmIdentifier=vm.id)
        await world.call("ListMicrovms")
    assert vm.state == "SUSPENDED"


async def test_idling_is_noticed_some_seconds_late(world: World) -> None:
    vm = await world.running(idlePolicy=IDLE)
    await world.pass_time(300)
    vm.note_traffic()
    await world.pass_time(906)
    assert vm.state == "RUNNING"
    await world.pass_time(4)
    assert vm.state == "SUSPENDED"


async def test_a_window_of_zero_ends_it_at_once(world: World) -> None:
    vm = await world.running(idlePolicy=IDLE | {"suspendedDurationSeconds": 0})
    assert await states(world, vm, 920, 1) == ["RUNNING", "TERMINATING", "TERMINATED"]


async def test_an_explicit_suspension_has_no_window(world: World) -> None:
    vm = await world.suspended(idlePolicy=IDLE)
    await world.pass_time(5 * 3600)
    assert vm.state == "SUSPENDED"


async def test_resuming_stops_the_window_and_starts_the_idle_clock(world: World) -> None:
    vm = await world.running(idlePolicy=IDLE)
    await world.pass_time(1000)
    assert vm.state == "SUSPENDED"
    vm.lifecycle.resume(vm)
    await world.pass_time(800)
    assert vm.state == "RUNNING"
    await world.pass_time(120)
    assert vm.state == "SUSPENDED"
    await world.pass_time(1000)
    assert vm.state == "SUSPENDED"


async def test_without_a_policy_it_runs_to_its_hard_end(world: World) -> None:
    vm = await world.running(maximumDurationInSeconds=7200)
    await world.pass_time(7190)
    assert vm.state == "RUNNING"
    await world.pass_time(15)
    assert vm.state == "TERMINATED"
    assert vm.state_reason == "MicroVM exceeded maximum lifetime."
    assert vm.terminated_at is not None
    late = vm.terminated_at - vm.started_at - timedelta(seconds=7200)
    assert timedelta() <= late < timedelta(seconds=4)


async def test_suspension_does_not_move_the_hard_end(world: World) -> None:
    vm = await world.suspended(maximumDurationInSeconds=3600)
    await world.pass_time(3600)
    assert vm.state == "TERMINATED"


async def test_the_hard_end_is_not_scaled(make_world: MakeWorld) -> None:
    world = make_world()
    world.timing.speed = 100
    vm = await world.running(maximumDurationInSeconds=600, idlePolicy=IDLE)
    await world.pass_time(5)
    assert vm.state == "RUNNING"
    await world.pass_time(3)
    assert vm.state == "SUSPENDED"
    vm.lifecycle.resume(vm)
    for _ in range(116):
        await world.pass_time(5)
        vm.note_traffic()
    assert vm.state == "RUNNING"
    await world.pass_time(20)
    assert vm.state == "TERMINATED"


async def test_an_exit_is_noticed_after_fifteen_seconds(world: World) -> None:
    vm = await world.running()
    world.guests[vm.id].exit(3)
    await world.pass_time(14)
    assert vm.state == "RUNNING"
    await world.pass_time(5)
    assert vm.state == "TERMINATED"
    assert vm.state_reason == "Container Stopped with Exit Code: 3"


async def test_an_app_that_dies_while_it_is_suspended_shows_running_and_then_why(world: World) -> None:
    vm = await world.running()
    guest = world.guests[vm.id]
    guest.gone = True
    vm.lifecycle.suspend(vm)
    await world.pass_time(1)
    assert (vm.state, vm.moving) == ("RUNNING", None)
    guest.exit(137)
    await world.pass_time(20)
    assert vm.state_reason == "Container Stopped with Exit Code: 137"


async def test_a_terminate_after_an_exit_keeps_its_own_reason(world: World) -> None:
    vm = await world.running()
    world.guests[vm.id].exit(0)
    vm.lifecycle.terminate(vm)
    await world.pass_time(30)
    assert vm.state_reason == "Success."


async def test_traffic_resumes_where_the_policy_says_so(world: World) -> None:
    vm = await world.suspended(idlePolicy=IDLE)
    task = asyncio.create_task(vm.auto_resume())
    await world.pass_time(1)
    assert await task is True
    assert vm.state == "RUNNING"


@pytest.mark.parametrize("policy", [None, IDLE | {"autoResumeEnabled": False}])
async def test_traffic_resumes_nothing_else(world: World, policy: dict[str, Any] | None) -> None:
    params = {} if policy is None else {"idlePolicy": policy}
    vm = await world.suspended(**params)
    assert await vm.auto_resume() is False
    assert vm.state == "SUSPENDED"


async def test_a_guest_that_cannot_start_ends_the_microvm(world: World) -> None:
    arn = await world.image()
    world.refuse_guests = True
    vm = await world.run(arn)
    await world.pass_time(5)
    assert vm.state == "TERMINATED"
    assert vm.state_reason == "INTERNAL_PLATFORM_ERROR"


async def test_output_goes_to_the_streams_the_service_names(world: World) -> None:
    vm = await world.running(executionRoleArn="arn:aws:iam::000000000000:role/run")
    world.guests[vm.id].say("hello")
    await world.pass_time(10)
    group = world.region.logs.groups["/aws/lambda-microvms/web"]
    (stream,) = (name for name in group.streams if vm.id in name)
    assert stream == f"2026/11/01[1.0]{vm.id}"
    assert [event.message for event in group.streams[stream].events] == ["hello"]


@pytest.mark.parametrize(
    ("params", "target"),
    [
        ({}, None),
        ({"executionRoleArn": "role", "logging": {"disabled": {}}}, None),
        (
            {"executionRoleArn": "role", "logging": {"cloudWatch": {"logGroup": "g", "logStream": "s"}}},
            ("g", "s"),
        ),
    ],
)
async def test_where_output_goes(
    world: World, params: dict[str, Any], target: tuple[str, str] | None
) -> None:
    vm = await world.running(**params)
    assert vm.log_target == target
    world.guests[vm.id].say("hello")
    await world.pass_time(10)
    where = [
        (group.name, stream.name)
        for group in world.region.logs.groups.values()
        for stream in group.streams.values()
        if any(event.message == "hello" for event in stream.events)
    ]
    assert where == ([] if target is None else [target])
