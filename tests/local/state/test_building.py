from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from mvm_tui.local.object_store import Bucket, StoredObject
from mvm_tui.local.state.durations import iso_duration
from mvm_tui.local.state.versions import VersionRecord
from tests.local.state.world import MakeWorld, World


def hold(world: World, body: bytes | None, region: str = "us-east-2", **headers: object) -> None:
    """Put `body` at ``s3://held/code.zip``; None leaves the bucket empty."""
    now = world.timing.now()
    bucket = Bucket("held", region, now)
    world.region.objects.buckets["held"] = bucket
    if body is not None:
        blob = world.region.objects.write(body)
        bucket.objects["code.zip"] = StoredObject("code.zip", (blob,), '"tag"', now, headers)


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "FROM scratch\n")
    return file.getvalue()


async def built(world: World, uri: str = "s3://held/code.zip") -> VersionRecord:
    arn = await world.begin_image(codeArtifact={"uri": uri})
    await world.pass_time(300)
    return world.region.images.version(arn, "1.0")


async def test_a_version_goes_through_its_states(world: World) -> None:
    arn = await world.begin_image()
    version = world.region.images.version(arn, "1.0")
    assert [build.state for build in version.builds] == ["PENDING", "PENDING"]
    await world.pass_time(2)
    assert version.state == "IN_PROGRESS"
    assert [build.state for build in version.builds] == ["IN_PROGRESS", "IN_PROGRESS"]
    await world.pass_time(6)
    assert version.state == "SUCCESSFUL"
    assert [(build.state, build.generation) for build in version.builds] == [
        ("SUCCESSFUL", "4"),
        ("SUCCESSFUL", "3"),
    ]


@pytest.mark.parametrize(("memory", "snapshot"), [(2048, 609_087_488), (512, 152_271_872)])
async def test_the_memory_snapshot_grows_with_the_memory(world: World, memory: int, snapshot: int) -> None:
    arn = await world.image(memory=memory)
    for build in world.region.images.version(arn, "1.0").builds:
        assert build.snapshot_members() == {
            "codeInstallSizeInBytes": 186_400_768,
            "diskSnapshotSizeInBytes": 25_600_000,
            "memorySnapshotSizeInBytes": snapshot,
        }


async def test_an_artifact_held_here_is_read(world: World) -> None:
    hold(world, archive("Dockerfile", "app.py"))
    assert (await built(world)).state == "SUCCESSFUL"


@pytest.mark.parametrize(
    ("body", "headers", "region", "reason"),
    [
        (None, {}, "us-east-2", "S3_NO_SUCH_KEY"),
        (b"no zip", {}, "us-east-2", "ARCHIVE_INVALID"),
        # It says that it needs a version of the format to come (255, in the directory's entry).
        (
            archive("Dockerfile").replace(b"PK\1\2\x14\3\x14", b"PK\1\2\x14\3\xff"),
            {},
            "us-east-2",
            "ARCHIVE_INVALID",
        ),
        (archive("app/Dockerfile"), {}, "us-east-2", "ARCHIVE_DOCKERFILE_NOT_FOUND"),
        (archive("Dockerfile"), {"StorageClass": "GLACIER"}, "us-east-2", "S3_INVALID_OBJECT"),
        (archive("Dockerfile"), {}, "us-east-1", "S3_CROSS_REGION_ACCESS_DENIED"),
    ],
    ids=["no key", "no zip", "new zip", "no Dockerfile", "archived", "other region"],
)
async def test_a_bad_artifact_fails_the_build(
    world: World, body: bytes | None, headers: dict[str, Any], region: str, reason: str
) -> None:
    hold(world, body, region, **headers)
    version = await built(world)
    assert version.state == "FAILED"
    assert [build.reason for build in version.builds] == [reason, reason]
    assert [build.snapshot_members() for build in version.builds] == [None, None]
    image = await world.call("GetMicrovmImage", imageIdentifier=version.image_arn)
    assert image["state"] == "CREATE_FAILED"
    assert image["latestFailedImageVersion"] == "1.0"
    assert image["latestActiveImageVersion"] is None


async def test_a_failed_update_leaves_the_old_version_active(world: World) -> None:
    hold(world, None)
    arn = await world.image()
    update = world.spec(codeArtifact={"uri": "s3://held/code.zip"})
    await world.call("UpdateMicrovmImage", imageIdentifier=arn, **update)
    await world.pass_time(300)
    image = await world.call("GetMicrovmImage", imageIdentifier=arn)
    assert image["state"] == "UPDATE_FAILED"
    assert image["latestActiveImageVersion"] == "1.0"
    assert image["latestFailedImageVersion"] == "2.0"


async def test_strict_artifacts_want_the_bucket_here(make_world: MakeWorld) -> None:
    version = await built(make_world(strict_artifacts=True), "s3://elsewhere/code.zip")
    assert [build.reason for build in version.builds] == ["S3_NO_SUCH_BUCKET", "S3_NO_SUCH_BUCKET"]


@pytest.mark.parametrize(("seconds", "text"), [(300, "PT5M"), (30, "PT30S"), (3630, "PT1H30S"), (0, "PT0S")])
def test_durations_in_reasons(seconds: int, text: str) -> None:
    assert iso_duration(seconds) == text
