from __future__ import annotations

import re
from typing import Any

import pytest

from mvm_tui.local.wire.errors import ServiceError
from tests.local.state.world import MakeWorld, World

PREFIX = "arn:aws:lambda:us-east-2"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


async def test_run_answers_with_every_member(world: World) -> None:
    arn = await world.image()
    answer = await world.call("RunMicrovm", imageIdentifier=arn)
    assert re.fullmatch(f"microvm-{UUID}", answer.pop("microvmId"))
    assert re.fullmatch(UUID, answer.pop("endpoint").partition(".")[0])
    assert answer == {
        "state": "PENDING",
        "imageArn": arn,
        "imageVersion": "1.0",
        "executionRoleArn": None,
        "idlePolicy": None,
        "maximumDurationInSeconds": 28800,
        "startedAt": world.timing.now(),
        "terminatedAt": None,
        "stateReason": None,
        "terminationReasonCode": None,
        "ingressNetworkConnectors": [f"{PREFIX}:aws:network-connector:aws-network-connector:HTTP_INGRESS"],
        "egressNetworkConnectors": [f"{PREFIX}:aws:network-connector:aws-network-connector:INTERNET_EGRESS"],
    }


async def test_get_has_the_members_of_run(world: World) -> None:
    policy = {"maxIdleDurationSeconds": 60, "suspendedDurationSeconds": 0, "autoResumeEnabled": True}
    params: dict[str, Any] = {
        "idlePolicy": policy,
        "executionRoleArn": "role",
        "maximumDurationInSeconds": 90,
    }
    run = await world.call("RunMicrovm", imageIdentifier=await world.image(), **params)
    await world.pass_time(3)
    got = await world.call("GetMicrovm", microvmIdentifier=run["microvmId"])
    assert got == run | {"state": "RUNNING"}
    assert got.items() >= params.items()


async def test_an_ended_one_says_why_and_when(world: World) -> None:
    vm = await world.running()
    assert await world.call("TerminateMicrovm", microvmIdentifier=vm.id) == {}
    await world.pass_time(5)
    got = await world.call("GetMicrovm", microvmIdentifier=vm.id)
    assert (got["state"], got["stateReason"]) == ("TERMINATED", "Success.")
    assert got["terminatedAt"] is not None
    assert got["endpoint"].startswith(vm.uuid)
    assert got["terminationReasonCode"] is None


@pytest.mark.parametrize(
    ("form", "ending"),
    [("aws", ".lambda-microvm.us-east-2.on.aws"), ("localhost", ".lambda-microvm.us-east-2.localhost:4711")],
)
async def test_the_endpoint_s_form(make_world: MakeWorld, form: str, ending: str) -> None:
    world = make_world(endpoint_form=form)
    world.cloud.bind(4711)
    vm = await world.running()
    got = await world.call("GetMicrovm", microvmIdentifier=vm.id)
    assert got["endpoint"] == vm.uuid + ending
    assert world.cloud.vm_by_host(vm.uuid, "us-east-2") is vm
    assert world.cloud.vm_by_host(vm.uuid, "us-east-1") is None


async def test_suspend_and_resume_answer_an_empty_object(world: World) -> None:
    vm = await world.running()
    assert await world.call("SuspendMicrovm", microvmIdentifier=vm.id) == {}
    await world.pass_time(3)
    assert await world.call("ResumeMicrovm", microvmIdentifier=vm.id) == {}


async def test_an_unknown_one_is_not_found(world: World) -> None:
    with pytest.raises(ServiceError) as refused:
        await world.call("GetMicrovm", microvmIdentifier="microvm-0")
    assert (refused.value.code, refused.value.status) == ("ResourceNotFoundException", 404)
    assert refused.value.body() == {
        "message": "MicroVM not found: microvm-0",
        "resourceId": None,
        "resourceType": None,
    }


async def test_an_image_needs_its_arn(world: World) -> None:
    await world.image("web")
    with pytest.raises(ServiceError) as refused:
        await world.call("RunMicrovm", imageIdentifier="web")
    assert (refused.value.code, refused.value.message) == ("ValidationException", "Invalid ARN format")
    with pytest.raises(ServiceError) as refused:
        await world.call("RunMicrovm", imageIdentifier=f"{PREFIX}:000000000000:microvm-image/web")
    assert (refused.value.code, refused.value.status) == ("AccessDeniedException", 403)
    assert "lambda:RunMicrovm" in str(refused.value)


async def test_list_items_have_five_members(world: World) -> None:
    vm = await world.running()
    assert await world.call("ListMicrovms") == {
        "items": [
            {
                "imageArn": vm.version.image_arn,
                "imageVersion": "1.0",
                "microvmId": vm.id,
                "startedAt": vm.started_at,
                "state": "RUNNING",
            }
        ],
        "nextToken": None,
    }


async def test_filters_work_on_pages_already_cut(make_world: MakeWorld) -> None:
    world = make_world(memory_quota_mib=1 << 20)
    many, few = await world.image("many", 512), await world.image("few", 512)
    for _ in range(40):
        await world.run(many)
    wanted = await world.run(few)
    found: list[str] = []
    sizes: list[int] = []
    token: str | None = None
    while True:
        params = {"nextToken": token} if token else {}
        page = await world.call("ListMicrovms", imageIdentifier=few, maxResults=5, **params)
        found += [item["microvmId"] for item in page["items"]]
        sizes.append(len(page["items"]))
        token = page["nextToken"]
        if token is None:
            break
    assert found == [wanted.id]
    assert len(sizes) == 9
    assert sizes.count(0) == 8


async def test_a_page_holds_fifty_at_most_and_is_not_sorted(make_world: MakeWorld) -> None:
    world = make_world(memory_quota_mib=1 << 20)
    arn = await world.image(memory=512)
    launched = [(await world.run(arn)).id for _ in range(120)]
    listed: list[str] = []
    token: str | None = None
    while True:
        page = await world.call("ListMicrovms", **({"nextToken": token} if token else {}))
        assert len(page["items"]) <= 50
        listed += [item["microvmId"] for item in page["items"]]
        token = page["nextToken"]
        if token is None:
            break
    assert sorted(listed) == sorted(launched)
    assert listed != launched


@pytest.mark.parametrize("changed", [{"imageVersion": "1.0"}, {"nextToken": "AAAA"}])
async def test_a_cursor_of_another_listing_is_refused(make_world: MakeWorld, changed: dict[str, str]) -> None:
    world = make_world(memory_quota_mib=1 << 20)
    arn = await world.image(memory=512)
    for _ in range(3):
        await world.run(arn)
    token = (await world.call("ListMicrovms", maxResults=1))["nextToken"]
    assert len((await world.call("ListMicrovms", maxResults=2, nextToken=token))["items"]) == 2
    with pytest.raises(ServiceError) as refused:
        await world.call("ListMicrovms", **{"nextToken": token} | changed)
    assert refused.value.body() == {"message": None}


async def test_regions_know_nothing_of_each_other(world: World) -> None:
    vm = await world.running()
    world.region = world.cloud.region("eu-west-1")
    assert (await world.call("ListMicrovms"))["items"] == []
    with pytest.raises(ServiceError, match="not found"):
        await world.call("GetMicrovm", microvmIdentifier=vm.id)


def test_a_region_without_the_service_denies_without_a_message(world: World) -> None:
    with pytest.raises(ServiceError) as refused:
        world.cloud.region("ca-central-1")
    assert (refused.value.code, refused.value.status) == ("AccessDeniedException", 403)
    assert refused.value.body() == {"message": None}
