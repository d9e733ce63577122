"""MicroVMs, sizes, connectors, idle policies, launches, problems: the rules that follow from their values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model import errors
from mvm_tui.model.clock import ManualClock, SystemClock
from mvm_tui.model.connectors import connector_name, managed_arn, shell_possible
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy, describe_lifetime
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.launch import PAYLOAD_LIMIT, LaunchRequest, Logging
from mvm_tui.model.microvm import Details, Microvm
from mvm_tui.model.quota import MemoryQuota
from mvm_tui.model.size import SIZES, memory_label, size_of
from mvm_tui.model.text import clean

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"
DETAILS = Details("host", 3600, None, ingress=(managed_arn("SHELL_INGRESS", "us-east-1"),))
VM = Microvm("microvm-9c1f0000-0000-0000-0000-00000000a04b", "RUNNING", ARN, "2.0", NOON)
POLICY = IdlePolicy(900, 7200, auto_resume=True)


def test_what_is_not_known_is_none() -> None:
    assert VM.ends_at is None
    assert VM.shell is None
    detailed = replace(VM, details=DETAILS)
    assert detailed.ends_at == NOON + timedelta(hours=1)
    assert detailed.shell is True
    assert replace(VM, details=replace(DETAILS, ingress=())).shell is None
    assert replace(detailed, started_at=None).ends_at is None
    assert replace(VM, details=replace(DETAILS, maximum_duration=None)).ends_at is None


@pytest.mark.parametrize(
    ("arn", "version", "label"),
    [
        (ARN, "2.0", "web:2.0"),
        (ARN.replace(":web", "/web"), "1", "web:1"),
        ("web", "1", "web:1"),
        ("", "", ":"),
    ],
)
def test_image_labels(arn: str, version: str, label: str) -> None:
    assert Microvm("m", "RUNNING", arn, version, None).image_label == label


@pytest.mark.parametrize(
    ("key", "short"),
    [(VM.id, "9c1f…a04b"), ("mvm-12345678", "12345678"), ("odd", "odd"), ("", ""), ("-", "-")],
)
def test_short_ids(key: str, short: str) -> None:
    assert replace(VM, id=key).short_id == short


@given(st.text(max_size=40))
def test_any_state_has_a_safe_word(state: str) -> None:
    word = FleetRow(VM.with_state(state)).state_word
    assert clean(word) == word
    assert FleetRow(VM.with_state(state), pending="suspending").state_word == "suspending"


@pytest.mark.parametrize(
    ("state", "word"), [("PENDING", "starting"), ("TERMINATED", "ended"), ("NEW", "new")]
)
def test_state_words(state: str, word: str) -> None:
    row = FleetRow(VM.with_state(state))
    assert row.state_word == word
    assert row.id == VM.id


def test_states_and_what_follows() -> None:
    assert VM.with_state("SUSPENDING").in_transition
    assert not VM.in_transition
    assert VM.with_state("TERMINATING").ended
    assert not VM.with_state("HIBERNATED").ended


def test_only_shell_ingress_gives_a_shell() -> None:
    arns = {name: managed_arn(name, "us-east-1") for name in ("HTTP_INGRESS", "SHELL_INGRESS", "ALL_INGRESS")}
    assert shell_possible([arns["HTTP_INGRESS"], arns["SHELL_INGRESS"]])
    assert not shell_possible([arns["HTTP_INGRESS"]])
    assert not shell_possible([arns["ALL_INGRESS"], arns["SHELL_INGRESS"]])
    assert not shell_possible([])
    assert connector_name(arns["ALL_INGRESS"]) == "ALL_INGRESS"


def test_sizes() -> None:
    two = size_of(2048)
    assert (two.label, two.baseline_vcpu, two.peak_memory_mib, two.peak_vcpu) == ("2 GB", 1.0, 8192, 4.0)
    assert [size.label for size in SIZES] == ["½ GB", "1 GB", "2 GB", "4 GB", "8 GB"]
    assert size_of(16384).disk_gb is None
    assert memory_label(700) == "700 MiB"


def test_the_quotas_share() -> None:
    assert MemoryQuota(4096, 8192).share == 0.5
    assert MemoryQuota(4096, None).share is None
    assert MemoryQuota(4096, 0).share is None


def test_an_idle_policy_in_words() -> None:
    assert POLICY.label == "15m → 2h ↻"
    assert IdlePolicy(60, 0, auto_resume=False).label == "1m → 0s"
    assert "traffic resumes it" in describe_lifetime(POLICY, 28_800)
    assert "only you can resume" in describe_lifetime(replace(POLICY, auto_resume=False), 28_800)
    assert "it is terminated" in describe_lifetime(replace(POLICY, suspended_seconds=0), 60)
    assert "until you suspend" in describe_lifetime(None, 28_800)


@pytest.mark.parametrize(
    "policy",
    [
        IdlePolicy(59, 0, auto_resume=True),
        IdlePolicy(28_801, 0, auto_resume=True),
        IdlePolicy(60, -1, auto_resume=True),
    ],
)
def test_idle_policies_the_service_refuses(policy: IdlePolicy) -> None:
    assert policy.problem()
    assert POLICY.problem() is None
    assert "idle_policy" in LaunchRequest(ARN, idle_policy=policy).problems()


def test_a_plain_launch() -> None:
    request = LaunchRequest(ARN)
    assert request.problems() == {}
    parameters = request.parameters("us-east-1")
    assert parameters == {
        "imageIdentifier": ARN,
        "ingressNetworkConnectors": [
            managed_arn(name, "us-east-1") for name in ("HTTP_INGRESS", "SHELL_INGRESS")
        ],
        "egressNetworkConnectors": [managed_arn("INTERNET_EGRESS", "us-east-1")],
    }


def test_a_launch_with_everything() -> None:
    request = LaunchRequest(
        ARN,
        version="2.0",
        http=False,
        shell=False,
        egress_arn="arn:aws:lambda:us-east-1:000000000000:network-connector:nc-1",
        idle_policy=POLICY,
        maximum_seconds=600,
        execution_role="arn:aws:iam::000000000000:role/run",
        logging=Logging(group="/g", stream="s"),
        payload="hello",
        client_token="token",
    )
    assert request.problems() == {}
    parameters = request.parameters("cn-north-1", "aws-cn")
    assert parameters["ingressNetworkConnectors"] == [managed_arn("NO_INGRESS", "cn-north-1", "aws-cn")]
    assert parameters["idlePolicy"] == {
        "maxIdleDurationSeconds": 900,
        "suspendedDurationSeconds": 7200,
        "autoResumeEnabled": True,
    }
    assert parameters["logging"] == {"cloudWatch": {"logGroup": "/g", "logStream": "s"}}
    assert LaunchRequest(ARN, logging=Logging(disabled=True)).parameters("r")["logging"] == {"disabled": {}}


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (LaunchRequest(""), "image"),
        (LaunchRequest(ARN, maximum_seconds=0), "maximum_seconds"),
        (LaunchRequest(ARN, maximum_seconds=28_801), "maximum_seconds"),
        (LaunchRequest(ARN, execution_role="admin"), "execution_role"),
        (LaunchRequest(ARN, logging=Logging(group="a b")), "log_group"),
        (LaunchRequest(ARN, logging=Logging(group="g", stream="a:b")), "log_stream"),
        (LaunchRequest(ARN, logging=Logging(stream="s")), "log_group"),
        (LaunchRequest(ARN, payload="é" * (PAYLOAD_LIMIT // 2 + 1)), "payload"),
    ],
)
def test_launches_that_are_refused_here(request_: LaunchRequest, field: str) -> None:
    assert list(request_.problems()) == [field]
    assert LaunchRequest(ARN, payload="é" * (PAYLOAD_LIMIT // 2)).problems() == {}


def test_only_active_versions_that_were_built_can_be_launched() -> None:
    version = ImageVersion(ARN, "1.0", "SUCCESSFUL", "ACTIVE")
    assert version.launchable
    assert not replace(version, status="INACTIVE").launchable
    assert not replace(version, state="FAILED").launchable


def test_a_problem_reads_as_what_why_and_what_to_do() -> None:
    problem = errors.Throttled("Too many calls.", "", "Wait.")
    assert str(problem) == "Too many calls. Wait."
    assert problem.temporary
    assert (errors.Denied("x").exit_code, errors.Throttled("x").exit_code, errors.Gone("x").exit_code) == (
        3,
        4,
        1,
    )


def test_clocks() -> None:
    manual = ManualClock(NOON)
    manual.advance(90)
    assert manual.now() == NOON + timedelta(seconds=90)
    assert manual.monotonic() == 90
    system = SystemClock()
    assert system.now().tzinfo is UTC
    assert system.monotonic() <= system.monotonic()


def test_what_a_service_says_without_a_full_stop_does_not_run_into_the_next_sentence() -> None:
    assert str(Problem("It failed.", "Bad Gateway", "Retry.")) == "It failed. Bad Gateway. Retry."
    assert str(Problem("Is it there?")) == "Is it there?"
