"""The launch form: what becomes a request, and what is refused with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.launch import Logging
from mvm_tui.tui.dialogs.launch_form import LOG_OFF, LOG_OWN, LaunchForm
from tests.tui.fakes import microvm

FORM = LaunchForm(image_arn="arn:aws:lambda:us-east-1:000000000000:microvm-image:web")


def test_the_defaults_are_a_launch() -> None:
    request, problems = FORM.read()
    assert problems == {}
    assert request.http
    assert request.shell
    assert request.idle_policy == IdlePolicy(900, 7_200, True)
    assert request.maximum_seconds == 28_800
    assert "After 15m without traffic it is suspended; traffic resumes it." in FORM.summary()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"image_arn": ""}, "image"),
        ({"idle_after": "soon"}, "idle_after"),
        ({"suspended_for": ""}, "suspended_for"),
        ({"idle_after": "30s"}, "idle_policy"),
        ({"maximum": "9h"}, "maximum_seconds"),
        ({"maximum": "x"}, "maximum_seconds"),
        ({"role": "admin"}, "execution_role"),
        ({"logging": LOG_OWN, "log_group": "a b"}, "log_group"),
        ({"logging": LOG_OWN, "log_group": "g", "log_stream": "a:b"}, "log_stream"),
        ({"payload": "é" * 2_049}, "payload"),
    ],
)
def test_each_field_is_checked(changed: dict[str, str], field: str) -> None:
    _, problems = replace(FORM, **changed).read()  # type: ignore[arg-type]
    assert set(problems) == {field}
    assert problems[field]


def test_what_is_switched_off_is_left_out() -> None:
    form = replace(FORM, idle=False, idle_after="nonsense", maximum="", logging=LOG_OFF, log_group="a b")
    request, problems = form.read()
    assert problems == {}
    assert request.idle_policy is None
    assert request.maximum_seconds is None
    assert request.logging == Logging(disabled=True)


def test_warnings_are_no_problems() -> None:
    assert FORM.warnings() == {"execution_role": "Without a role the MicroVM writes no logs."}
    assert replace(FORM, logging=LOG_OFF).warnings() == {}
    assert "No shell" in replace(FORM, shell=False).warnings()["ingress"]
    assert "no HTTP, no shell" in replace(FORM, shell=False, http=False).warnings()["ingress"]


@given(st.text(), st.text(), st.text())
def test_any_text_is_read_or_explained(after: str, kept: str, maximum: str) -> None:
    form = replace(FORM, idle_after=after, suspended_for=kept, maximum=maximum)
    _, problems = form.read()
    assert all(problems.values())
    assert form.summary() or {"idle_after", "suspended_for", "maximum_seconds"} & set(problems)


def test_a_form_like_a_microvm_has_its_lifetime_and_role_and_a_shell() -> None:
    vm = microvm(2, shell=False)
    form = LaunchForm.like(vm)
    request, problems = replace(form, image_arn=vm.image_arn).read()
    assert not problems
    assert vm.details is not None
    assert request.idle_policy == vm.details.idle_policy
    assert request.maximum_seconds == vm.details.maximum_duration
    assert request.execution_role == vm.details.execution_role
    assert (request.http, request.shell) == (True, True)
    assert not LaunchForm.like(microvm(2, idle=None)).idle
    assert LaunchForm.like(replace(vm, details=None)) == LaunchForm()
