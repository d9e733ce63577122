"""MicroVMs as answers hold them: sound ones of the local cloud, odd ones of others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mvm_tui.aws import connectors, images, microvms, quotas
from mvm_tui.aws.session import Connection, Target
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Conflict, Denied, Gone, Invalid, Problem, RegionUnavailable
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.launch import LaunchRequest, Logging
from tests.aws.scripted import Answer, Asked, error, scripted
from tests.cloud import cloud_process, set_faults

MISSING_IMAGE = "arn:aws:lambda:us-east-1:000000000000:microvm-image:none"
ODD = {
    "microvmId": "mvm-0001",
    "state": "HIBERNATED",
    "imageArn": "arn:aws:lambda:us-east-1:000000000000:microvm-image/web",
    "imageVersion": "1",
    "startedAt": "2026-11-01T12:00:00+00:00",
    "surprise": {"new": True},
}


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=20) as facts:
        yield facts


@pytest.fixture
def connection(facts: Facts) -> Iterator[Connection]:
    set_faults(facts)
    target = Target(
        region=facts.region,
        endpoint_url=facts.endpoint,
        access_key=facts.access_key,
        secret_key=facts.secret_key,
    )
    connection = Connection.open(target, SystemClock())
    yield connection
    connection.close()


def test_the_demo_fleet(connection: Connection) -> None:
    listed = [vm for page in microvms.pages(connection) for vm in page]
    assert len(listed) >= 6
    assert all(vm.details is None and vm.started_at and vm.image_arn for vm in listed)
    one = microvms.get(connection, next(vm.id for vm in listed if vm.state == "SUSPENDED"))
    assert one.details is not None
    assert one.details.idle_policy == IdlePolicy(900, 14400, auto_resume=False)
    assert one.details.maximum_duration == 28800
    assert one.shell is True
    assert "://" not in one.details.endpoint
    raw = microvms.get_raw(connection, one.id)
    assert raw["microvmId"] == one.id
    assert raw["startedAt"].endswith("Z")
    assert "ResponseMetadata" not in raw


def test_images_versions_connectors_and_quotas(connection: Connection) -> None:
    found = [image for page in images.images(connection) for image in page]
    web = next(image for image in found if image.name == "hello-web")
    assert web.latest_active_version == "2.0"
    versions = [one for page in images.versions(connection, web.arn) for one in page]
    assert {one.version: one.memory_mib for one in versions} == {"1.0": 512, "2.0": 2048}
    assert images.version(connection, web.arn, "2.0").launchable
    assert [one.usable for page in connectors.connectors(connection) for one in page] == [True]
    assert quotas.memory_limit(connection) == 8192
    assert quotas.call_rate(connection, "TerminateMicrovm") == 10
    assert quotas.call_rate(connection, "GetMicrovm") is None


def test_a_launch_asks_for_what_was_chosen(connection: Connection) -> None:
    arn = next(image.arn for page in images.images(connection) for image in page if image.name == "worker")
    request = LaunchRequest(
        arn,
        version="2.0",
        shell=False,
        idle_policy=IdlePolicy(60, 0, auto_resume=False),
        maximum_seconds=600,
        logging=Logging(disabled=True),
        client_token="the-same-token-twice",
    )
    launched = microvms.run(connection, request)
    assert launched.request_id
    vm, again = launched.vm, microvms.run(connection, request).vm
    assert again.id == vm.id
    assert vm.image_version == "2.0"
    assert vm.details is not None
    assert vm.details.idle_policy == IdlePolicy(60, 0, auto_resume=False)
    assert vm.details.maximum_duration == 600
    assert vm.shell is False
    assert microvms.terminate(connection, vm.id)


def test_pages_of_a_long_list_are_read_on_through_faults(connection: Connection, facts: Facts) -> None:
    set_faults(facts, "throttle@ListMicrovms*1", "html502@ListMicrovms*1")
    assert len([vm for page in microvms.pages(connection) for vm in page]) >= 6
    set_faults(facts, "half-body@ListMicrovms*1")
    assert len([vm for page in microvms.pages(connection) for vm in page]) >= 6


def test_what_is_not_there_is_gone(connection: Connection) -> None:
    with pytest.raises(Gone):
        microvms.get(connection, "microvm-00000000-0000-0000-0000-000000000000")
    with pytest.raises(Gone, match="no version"):
        microvms.run(connection, LaunchRequest(MISSING_IMAGE))


def test_odd_answers_survive() -> None:
    bare = {"microvmId": "mvm-2"}
    pages = iter(
        [
            {"items": [ODD, bare, {"state": "RUNNING"}, ODD], "nextToken": "a/b+c=&d"},
            {"items": [ODD | {"state": "RUNNING"}], "nextToken": None},
        ]
    )
    with scripted(lambda _: Answer(next(pages))) as server:
        first, second = microvms.pages(server.connect())
        assert server.asked[1].query["nextToken"] == "a/b+c=&d"
    assert [vm.id for vm in first] == ["mvm-0001", "mvm-2"]
    assert second == []
    assert first[0].image_label == "web:1"
    assert first[0].state == "HIBERNATED"
    assert first[0].started_at is not None
    assert (first[1].state, first[1].image_arn, first[1].started_at) == ("", "", None)


def test_odd_details_survive() -> None:
    answer = ODD | {
        "endpoint": "https://mvm-0001.example.test/",
        "idlePolicy": {"maxIdleDurationSeconds": 90},
        "ingressNetworkConnectors": None,
        "maximumDurationInSeconds": None,
    }
    with scripted(lambda _: Answer(answer)) as server:
        vm = microvms.get(server.connect(), "mvm/odd id")
        assert server.asked[0].path.endswith("/microvms/mvm%2Fodd%20id")
    assert vm.details is not None
    assert vm.details.endpoint == "mvm-0001.example.test"
    assert vm.details.idle_policy == IdlePolicy(90, 0, auto_resume=False)
    assert vm.shell is None
    assert vm.ends_at is None


def test_a_refused_payload_is_not_repeated() -> None:
    payload = "the marker\nof a secret"
    message = (
        f"1 validation error detected: Value '{payload}' at 'runHookPayload' failed to satisfy constraint"
    )
    with scripted(lambda _: error(400, "ValidationException", message)) as server:
        with pytest.raises(Invalid) as caught:
            microvms.run(server.connect(), LaunchRequest("arn", payload=payload))
        assert "marker" not in str(caught.value)
        with pytest.raises(Invalid) as caught:
            microvms.run(server.connect(), LaunchRequest("arn", payload="of a secret"))
        assert "of a secret" not in str(caught.value)


def test_a_region_without_the_service() -> None:
    with scripted(lambda _: error(403, "AccessDeniedException")) as server:
        with pytest.raises(RegionUnavailable):
            list(microvms.pages(server.connect()))
        assert len(server.asked) == 1


def test_actions_are_asked_for_once() -> None:
    def busy(asked: Asked) -> Answer:
        return error(409, "ConflictException", "busy") if asked.method == "POST" else error(500, "X", "x")

    with scripted(busy) as server:
        connection = server.connect()
        with pytest.raises(Conflict):
            microvms.suspend(connection, "microvm-1")
        with pytest.raises(Conflict):
            microvms.resume(connection, "microvm-1")
        with pytest.raises(Problem):
            microvms.terminate(connection, "microvm-1")
        assert len(server.asked) == 3


def test_quotas_that_may_not_be_read() -> None:
    denied = Answer({"__type": "AccessDeniedException", "message": "no"}, 400)
    with scripted(lambda _: denied) as server, pytest.raises(Denied):
        quotas.memory_limit(server.connect())
    gone = Answer({"__type": "NoSuchResourceException", "message": "no"}, 400)
    with scripted(lambda _: gone) as server:
        assert quotas.memory_limit(server.connect()) is None
