"""Shown commands are what the AWS CLI takes."""

from __future__ import annotations

import json
import shlex

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.awscli import aws_command
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.launch import LaunchRequest

ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"


def words(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", " "))


def test_a_launch() -> None:
    request = LaunchRequest(ARN, shell=False, idle_policy=IdlePolicy(900, 0, False), maximum_seconds=3_600)
    command = words(
        aws_command("RunMicrovm", request.parameters("us-east-1"), region="us-east-1", profile="my dev")
    )
    assert command[:5] == ["aws", "lambda-microvms", "run-microvm", "--image-identifier", ARN]
    assert command[command.index("--maximum-duration-in-seconds") + 1] == "3600"
    assert command[command.index("--profile") + 1] == "my dev"
    assert json.loads(command[command.index("--idle-policy") + 1]) == {
        "maxIdleDurationSeconds": 900,
        "suspendedDurationSeconds": 0,
        "autoResumeEnabled": False,
    }
    assert command[command.index("--ingress-network-connectors") + 1].endswith(":HTTP_INGRESS")


@given(st.text(st.characters(exclude_characters="\0\\")))
def test_any_value_survives_the_shell(value: str) -> None:
    command = words(aws_command("RunMicrovm", {"runHookPayload": value}, region="r", endpoint="http://x"))
    assert command[3:5] == ["--run-hook-payload", value]
    assert command[-2:] == ["--endpoint-url", "http://x"]
