"""Images, versions, builds and base images as the local cloud answers them, and what changes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from mvm_tui.aws import base_images, image_builds, image_changes, images
from mvm_tui.aws.session import Connection, Target
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.image import IMAGE_BUSY, ImageVersion, SnapshotSizes
from mvm_tui.model.image_spec import Hook, ImageSpec
from mvm_tui.model.launch import Logging
from tests.cli.runs import wait_until
from tests.cloud import cloud_process

ROLE = "arn:aws:iam::000000000000:role/build"


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("empty", speed=50, rates=False) as found:
        yield found


@pytest.fixture
def connection(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    for name, value in facts.environment().items():
        monkeypatch.setenv(name, value)
    with_target = Connection.open(Target(None, facts.region, facts.endpoint), SystemClock())
    yield with_target
    with_target.close()


def spec(connection: Connection, name: str, **changes: object) -> ImageSpec:
    base = next(base_images.base_images(connection))
    members = {"artifact": "s3://elsewhere/app.zip", **changes}
    return ImageSpec(name, base.arn, ROLE, **members)  # type: ignore[arg-type]


def built(connection: Connection, arn: str, number: str) -> ImageVersion:
    """The version once its build is over and its image at rest."""
    wait_until(lambda: not images.version(connection, arn, number).building)
    wait_until(lambda: images.image(connection, arn).state not in IMAGE_BUSY)
    return images.version(connection, arn, number)


def test_a_specification_comes_back_as_the_version_has_it(connection: Connection) -> None:
    wanted = spec(
        connection,
        "whole",
        description="All of it",
        memory_mib=1_024,
        hooks=(Hook("ready", 9_000, 60), Hook("run", 9_000, 5)),
        environment=(("COLOUR", "blue"), ("EMPTY", "")),
        tags=(("team", "web"),),
        logging=Logging(group="/builds"),
        capabilities=("ALL",),
    )
    assert wanted.problems() == {}
    begun = image_changes.create(connection, wanted, str(uuid.uuid4()))
    assert begun.request_id
    version = images.version(connection, begun.image_arn, begun.version)
    assert (version.memory_mib, version.description, version.hook_port) == (1_024, "All of it", 9_000)
    assert [(hook.name, hook.seconds) for hook in version.hooks] == [("ready", 60), ("run", 5)]
    assert version.environment == wanted.environment
    assert (version.logging, version.capabilities) == (wanted.logging, ("ALL",))
    assert version.build_role == ROLE
    assert images.tags(connection, begun.image_arn) == {"team": "web"}
    assert "blue" not in repr(version)
    assert "blue" not in repr(wanted)


def test_builds_tell_chips_and_sizes_once_they_are_done(connection: Connection) -> None:
    begun = image_changes.create(connection, spec(connection, "sized"), str(uuid.uuid4()))
    built(connection, begun.image_arn, begun.version)
    found = image_builds.builds(connection, begun.image_arn, begun.version)
    assert sorted(build.label for build in found) == ["Graviton 3", "Graviton 4"]
    assert all(build.state == "SUCCESSFUL" for build in found)
    assert all(isinstance(build.snapshot, SnapshotSizes) and build.snapshot.memory for build in found)
    listed = next(image_builds.listed_builds(connection, begun.image_arn, begun.version))
    assert listed.snapshot is None


def test_a_second_version_is_switched_off_and_on_and_the_first_deleted(connection: Connection) -> None:
    begun = image_changes.create(connection, spec(connection, "many"), str(uuid.uuid4()))
    arn = begun.image_arn
    built(connection, arn, begun.version)
    second = image_changes.update(connection, arn, spec(connection, "many"), str(uuid.uuid4()))
    assert second.version == "2.0"
    built(connection, arn, second.version)
    off = image_changes.set_status(connection, arn, "2.0", "INACTIVE")
    assert (off.status, off.state, off.launchable) == ("INACTIVE", "SUCCESSFUL", False)
    assert image_changes.set_status(connection, arn, "2.0", "ACTIVE").launchable
    image_changes.delete_version(connection, arn, "1.0")
    wait_until(lambda: images.image(connection, arn).state not in IMAGE_BUSY)
    remaining = [one.version for page in images.versions(connection, arn) for one in page]
    assert remaining == ["2.0"]
    with pytest.raises(Problem):
        image_changes.delete_version(connection, arn, "2.0")


def test_an_image_is_tagged_and_deleted(connection: Connection) -> None:
    begun = image_changes.create(connection, spec(connection, "gone"), str(uuid.uuid4()))
    arn = begun.image_arn
    built(connection, arn, begun.version)
    image_changes.set_tags(connection, arn, {"a": "1", "b": "2"})
    image_changes.set_tags(connection, arn, {"a": "3"}, removed=["b"])
    assert images.tags(connection, arn) == {"a": "3"}
    assert image_changes.delete_image(connection, arn)

    def is_gone() -> bool:
        try:
            return images.image(connection, arn).state == "DELETED"
        except Gone:
            return True

    wait_until(is_gone)


def test_base_images_have_versions(connection: Connection) -> None:
    base = next(base_images.base_images(connection))
    assert (base.name, base.arn.split(":")[4]) == ("al2023-1", "aws")
    versions = list(base_images.base_versions(connection, base.arn))
    assert [one.version for one in versions] == ["1", "0"]
    assert all(one.current for one in versions)
