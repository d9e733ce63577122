from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.local.object_store import Bucket, StoredObject
from mvm_tui.local.state.durations import iso_duration
from mvm_tui.local.state.versions import VersionRecord
from tests.local.guests import until
from tests.local.state.world import MakeWorld, World

DOCKERFILE = """FROM scratch
WORKDIR /app
COPY . .
ENV MODE=demo
EXPOSE 3000
CMD ["python3", "app.py"]
"""


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
            made.writestr(name, DOCKERFILE)
    return file.getvalue()


async def built(world: World, uri: str = "s3://held/code.zip") -> VersionRecord:
    arn = await world.begin_image(codeArtifact={"uri": uri})
    version = world.region.images.version(arn, "1.0")
    await settled(world, version)
    return version


async def settled(world: World, version: VersionRecord) -> None:
    """Let the service's time pass until a version is built; its files are made in real time."""

    def has_ended() -> bool:
        world.timing.advance(5)
        return version.state in ("SUCCESSFUL", "FAILED")

    await until(has_ended, "the build has ended")
    await world.pass_time(1)


def build_log(world: World) -> list[str]:
    """What the VM that ran the Dockerfile said; the app itself says nothing here."""
    streams = world.region.logs.groups["/aws/lambda-microvms/web"].streams
    return [event.message for stream in streams.values() for event in stream.events]


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
    version = await built(world)
    assert version.state == "SUCCESSFUL"
    app = version.built
    assert app is not None
    assert (app.argv, app.workdir, app.environment["MODE"]) == (("python3", "app.py"), "/app", "demo")
    assert version.port == 3000
    assert sorted(path.name for path in (app.root / "app").iterdir()) == ["Dockerfile", "app.py"]
    size = 2 * len(DOCKERFILE)
    assert {build.code_bytes for build in version.builds} == {186_400_768 + size}


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
    await settled(world, world.region.images.version(arn, "2.0"))
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


def image_folders(root: Path) -> list[Path]:
    return [*root.glob("images/*")]


def zipped(dockerfile: str, **files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, text in {"Dockerfile": dockerfile, **files}.items():
            made.writestr(name, text)
    return file.getvalue()


async def test_the_log_of_a_build_names_what_was_not_run(world: World) -> None:
    dockerfile = "FROM base:1\nRUN dnf install -y python3\nCOPY app.py /app/\nCMD python3 /app/app.py\n"
    hold(world, zipped(dockerfile, **{"app.py": ""}))
    version = await built(world)
    assert version.built is not None
    assert version.built.argv == ("/bin/sh", "-c", "python3 /app/app.py")
    log = build_log(world)
    assert log[7:11] == [
        "#4 [1/3] FROM base:1",
        "#4 not pulled: this machine stands in for it",
        "#4 DONE 0.0s",
        "#5 [2/3] RUN dnf install -y python3",
    ]
    assert log[11].startswith("#5 not run: the local cloud carries out RUN only when")
    assert "#6 1 file" in log
    assert log[-1] == "#7 DONE 0.0s"


@pytest.mark.parametrize(
    ("dockerfile", "told"),
    [
        ("FROM scratch\n", "ERROR: failed to solve: neither CMD nor ENTRYPOINT"),
        (
            "FROM scratch\nCOPY gone .\nCMD x\n",
            'ERROR: failed to solve: line 2: "/gone" is not in the archive',
        ),
        ("FRON scratch\n", "ERROR: failed to solve: line 1: unknown instruction: FRON"),
    ],
)
async def test_a_dockerfile_that_cannot_be_built_fails_with_the_code_and_says_why_in_the_log(
    world: World, tmp_path: Path, dockerfile: str, told: str
) -> None:
    hold(world, zipped(dockerfile))
    version = await built(world)
    assert [build.reason for build in version.builds] == ["CONTAINER_BUILD_FAILED"] * 2
    assert build_log(world)[-1].startswith(told)
    assert not image_folders(tmp_path)


async def test_a_deleted_version_leaves_no_folder(world: World, tmp_path: Path) -> None:
    hold(world, archive("Dockerfile"))
    version = await built(world)
    update = world.spec(codeArtifact={"uri": "s3://held/code.zip"})
    await world.call("UpdateMicrovmImage", imageIdentifier=version.image_arn, **update)
    await settled(world, world.region.images.version(version.image_arn, "2.0"))
    assert len(image_folders(tmp_path)) == 2
    await world.call("DeleteMicrovmImageVersion", imageIdentifier=version.image_arn, imageVersion="1.0")
    await world.pass_time(6)
    await until(lambda: len(image_folders(tmp_path)) == 1, "the first version's folder is gone")
    await world.call("DeleteMicrovmImage", imageIdentifier=version.image_arn)
    await world.pass_time(6)
    await until(lambda: not image_folders(tmp_path), "the image's folders are gone")


async def test_a_microvm_is_given_the_image_in_a_copy(world: World) -> None:
    dockerfile = (
        'FROM x\nENV DATA=/app/data MODE=a\nWORKDIR /app\nCOPY . .\nEXPOSE 3000\nCMD ["/app/run.sh", "-x"]\n'
    )
    hold(world, zipped(dockerfile, **{"run.sh": "", "data/x": ""}))
    arn = await world.begin_image(
        codeArtifact={"uri": "s3://held/code.zip"}, environmentVariables={"MODE": "b"}
    )
    version = world.region.images.version(arn, "1.0")
    await settled(world, version)
    vm = await world.running(arn)
    spec = world.guests[vm.id].spec
    copy = spec.folder / "app"
    assert version.built is not None
    assert spec.source == version.built.root
    assert spec.argv == (f"{copy}/app/run.sh", "-x")
    assert (spec.env["DATA"], spec.env["MODE"]) == (f"{copy}/app/data", "b")
    assert (spec.start_in, spec.port) == (copy / "app", 3000)
