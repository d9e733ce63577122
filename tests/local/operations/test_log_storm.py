"""The load generator as an image: built, launched and read through the API alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mvm_tui.local.launch import Facts
from tests.cloud import client, cloud_process, set_faults
from tests.local.operations.conftest import wait_for

GROUP = "/aws/lambda-microvms/storm"
ROLE = "arn:aws:iam::000000000000:role/run"
LINES = 3_000


@pytest.fixture
def facts() -> Iterator[Facts]:
    with cloud_process(speed=50.0, rates=False) as running:
        yield running


def number_of(message: str) -> int:
    return int(json.loads(message)["n"]) if message.startswith("{") else int(message[:8])


def test_every_line_of_a_burst_comes_once_and_late_ones_come_too(facts: Facts) -> None:
    microvms, logs = client(facts), client(facts, "logs")
    image = microvms.create_microvm_image(
        name="storm",
        baseImageArn=f"arn:aws:lambda:{facts.region}:aws:microvm-image:al2023-1",
        buildRoleArn=ROLE,
        codeArtifact={"uri": "s3://anywhere/log-storm.zip"},
        environmentVariables={"LINES": str(LINES), "BURST": "1500", "RATE": "10000"},
    )["imageArn"]
    wait_for(
        lambda: microvms.get_microvm_image(imageIdentifier=image)["state"],
        lambda state: state in ("CREATED", "CREATE_FAILED"),
    )
    set_faults(facts, "late=0.5/7")
    vm = microvms.run_microvm(imageIdentifier=image, executionRoleArn=ROLE)["microvmId"]

    def said() -> list[dict[str, object]]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
        return [event for page in pages for event in page["events"] if vm in event["logStreamName"]]

    def streams() -> list[str]:
        if not logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
            return []
        answer = logs.describe_log_streams(logGroupName=GROUP)
        return [stream["logStreamName"] for stream in answer["logStreams"]]

    wait_for(streams, lambda names: any(vm in name for name in names))
    events = wait_for(said, lambda found: len(found) >= LINES)
    assert sorted(number_of(str(event["message"])) for event in events) == list(range(1, LINES + 1))
    assert len({event["eventId"] for event in events}) == LINES
    assert len({event["ingestionTime"] for event in events}) > 20
    # The VM that ran the Dockerfile, one for each kind of processor, and the one that was launched.
    assert len(streams()) == 4
    assert all("[1.0]microvm-" in name for name in streams())
    microvms.terminate_microvm(microvmIdentifier=vm)
