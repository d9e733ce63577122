"""Images read and changed on a local cloud; read-only changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mvm_tui.aws.session import Connection, Target
from mvm_tui.fleet.images import Images
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Problem, ReadOnly
from tests.cloud import cloud_process


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("demo", speed=50, rates=False) as found:
        yield found


def connection(facts: Facts) -> Connection:
    target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
    return Connection.open(target, SystemClock())


def test_the_demo_s_images_are_read_whole(facts: Facts) -> None:
    images = Images(connection(facts))
    found = {image.name: image for image in images.images()}
    assert set(found) == {"devbox", "hello-web", "report-renderer", "worker"}
    arn = found["hello-web"].arn
    versions = images.versions(arn)
    assert {one.version for one in versions} == {"1.0", "2.0"}
    assert all(one.base_arn and one.artifact and one.memory_mib for one in versions)
    builds = images.builds(arn, "2.0")
    assert {build.generation for build in builds} == {"3", "4"}
    assert all(build.snapshot and build.snapshot.memory for build in builds)
    assert images.raw(arn)["name"] == "hello-web"
    raw = images.raw(arn, "2.0")
    assert raw["imageVersion"] == "2.0"
    assert raw["createdAt"].endswith("Z")
    assert all(base.newest is not None for base in images.bases())


def test_changes_reach_the_service(facts: Facts) -> None:
    told: list[str] = []
    images = Images(connection(facts), changed=lambda: told.append("changed"))
    arn = next(image.arn for image in images.images() if image.name == "worker")
    images.set_status(arn, "3.0", "INACTIVE")
    assert {one.version: one.status for one in images.versions(arn)}["3.0"] == "INACTIVE"
    images.set_tags(arn, {"stage": "dev"}, ())
    assert images.tags(arn)["stage"] == "dev"
    images.set_tags(arn, {}, ("stage",))
    assert "stage" not in images.tags(arn)
    with pytest.raises(Problem, match="running"):
        images.delete(arn)
    assert told == []
    images.delete_version(arn, "1.0")
    failed = next(image.arn for image in images.images() if image.name == "report-renderer")
    images.delete(failed)
    assert told == ["changed", "changed"]


@pytest.mark.parametrize(
    "change",
    [
        lambda images: images.set_status("arn", "1.0", "ACTIVE"),
        lambda images: images.delete_version("arn", "1.0"),
        lambda images: images.delete("arn"),
        lambda images: images.set_tags("arn", {"a": "b"}),
    ],
)
def test_read_only_changes_nothing(facts: Facts, change: Callable[[Images], object]) -> None:
    with pytest.raises(ReadOnly):
        change(Images(connection(facts), read_only=True))
