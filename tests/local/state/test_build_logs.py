"""What builds leave in the logs: a stream for each of their VMs, named as the service names them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mvm_tui.local.state.build_logs import buildkit_lines
from mvm_tui.local.state.samples import DEVBOX, HELLO_WEB, LOG_STORM, WORKER, sample_of
from tests.local.state.test_building import archive, hold, settled
from tests.local.state.world import World

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.13-slim
  run pip install \\
      flask   gunicorn
ENV A=1
COPY . /app
CMD ["gunicorn"]
"""
STREAM = re.compile(r"2026/11/01\[1\.0\]microvm-[0-9a-f-]{36}")


def test_the_steps_of_a_dockerfile_are_told_in_order() -> None:
    lines = buildkit_lines(DOCKERFILE)
    steps = [line for line in lines if re.match(r"#\d+ \[\d/\d\]", line)]
    assert steps == [
        "#4 [1/3] FROM python:3.13-slim",
        "#5 [2/3] run pip install flask gunicorn",
        "#6 [3/3] COPY . /app",
    ]
    assert lines[-1] == "#7 DONE 0.0s"


@pytest.mark.parametrize(
    "text", ["", "\\\n", "FROM", "RUN x\n" * 5_000, "RUN " + "x" * 100_000, "\x00\ud800"]
)
def test_any_dockerfile_gives_a_bounded_log(text: str) -> None:
    lines = buildkit_lines(text)
    assert 10 <= len(lines) <= 220
    assert max(map(len, lines)) < 600


async def test_a_build_logs_the_dockerfile_at_once_and_each_start_of_the_app_to_a_stream(
    world: World,
) -> None:
    hold(world, archive("Dockerfile"))
    hooks = {
        "port": 8080,
        "microvmImageHooks": {"validate": "ENABLED", "validateTimeoutInSeconds": 1},
    }
    world.on_start = lambda guest: guest.say(f"app of {guest.spec.env['SNAPSHOT_ID']}")
    arn = await world.begin_image(codeArtifact={"uri": "s3://held/code.zip"}, hooks=hooks)
    version = world.region.images.version(arn, "1.0")
    await settled(world, version)
    streams = list(world.region.logs.groups["/aws/lambda-microvms/web"].streams.values())
    assert all(STREAM.fullmatch(stream.name) for stream in streams)
    built, *started = sorted(streams, key=lambda stream: -len(stream.events))
    assert [event.message for event in built.events][7:9] == ["#4 [1/3] FROM scratch", "#4 DONE 0.0s"]
    assert len({event.timestamp for event in built.events}) == 1
    said = sorted(event.message for stream in started for event in stream.events)
    graviton4, graviton3 = (f"app of {build.boot_id}" for build in version.builds)
    assert said == sorted([graviton4, graviton3, graviton4])


@pytest.mark.parametrize(
    ("logging", "group", "streams"),
    [
        ({"disabled": {}}, None, 0),
        ({"cloudWatch": {"logGroup": "/mine"}}, "/mine", 3),
        ({"cloudWatch": {"logGroup": "/mine", "logStream": "one"}}, "/mine", 1),
    ],
)
async def test_build_logs_go_where_the_image_says(
    world: World, logging: dict[str, Any], group: str | None, streams: int
) -> None:
    await world.begin_image(logging=logging)
    await world.pass_time(30)
    groups = world.region.logs.groups
    assert list(groups) == ([] if group is None else [group])
    if group is not None:
        assert len(groups[group].streams) == streams
    else:
        assert not world.guests


async def test_a_build_whose_app_cannot_start_fails(world: World) -> None:
    world.refuse_guests = True
    arn = await world.begin_image()
    await world.pass_time(30)
    version = world.region.images.version(arn, "1.0")
    assert version.state == "FAILED"
    assert version.builds[0].reason == "INTERNAL_PLATFORM_ERROR"


def test_an_artifact_s_name_chooses_the_sample() -> None:
    assert sample_of("s3://any/where/worker.zip") is WORKER
    assert sample_of("s3://any/log-storm.zip") is LOG_STORM
    assert sample_of("s3://any/devbox") is DEVBOX
    assert sample_of("s3://any/web.zip") is HELLO_WEB
