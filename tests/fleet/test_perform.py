"""What a reading or a failure means for an action."""

from __future__ import annotations

import pytest

from mvm_tui.fleet.perform import DEEDS, called_off, judge, refused
from mvm_tui.model.errors import Cancelled, Conflict, Denied, Gone
from tests.fleet.rows import detailed, vm

SUSPEND, RESUME, TERMINATE = (DEEDS[f"microvm.{verb}"] for verb in ("suspend", "resume", "terminate"))


@pytest.mark.parametrize(
    ("verb", "state", "ok"),
    [
        ("suspend", "SUSPENDED", True),
        ("resume", "RUNNING", True),
        ("terminate", "TERMINATED", True),
        ("suspend", "TERMINATING", False),
        ("resume", "TERMINATED", False),
    ],
)
def test_states_that_settle_it(verb: str, state: str, ok: bool) -> None:
    result = judge(DEEDS[f"microvm.{verb}"], detailed(1, state, "Success."), "request-1", 0, 60)
    assert result is not None
    assert result.ok is ok
    assert result.request_id == "request-1"
    assert isinstance(result.problem, Conflict) is not ok
    assert ok or result.message == "it has ended: Success."


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("suspend", "RUNNING"),
        ("suspend", "SUSPENDING"),
        ("resume", "SUSPENDED"),
        ("resume", "PENDING"),
        ("terminate", "RUNNING"),
        ("terminate", "TERMINATING"),
        ("suspend", "HIBERNATED"),
    ],
)
def test_states_on_the_way_are_read_again(verb: str, state: str) -> None:
    assert judge(DEEDS[f"microvm.{verb}"], vm(1, state), "", 59, 60) is None


def test_a_wait_that_runs_out_is_no_success() -> None:
    late = judge(SUSPEND, vm(1, "RUNNING\x1b[31m"), "request-1", 61.4, 60)
    assert late is not None
    assert (late.ok, late.message, late.problem) == (False, "still RUNNING after 61s", None)
    ending = judge(TERMINATE, vm(1, "TERMINATING"), "", 61, 60)
    assert ending is not None
    assert (ending.ok, ending.message) == (True, "ending")


def test_gone_is_what_terminate_wants() -> None:
    gone = Gone("It does not exist.", request_id="request-2")
    assert refused(TERMINATE, "microvm-1", gone).ok
    lost = refused(RESUME, "microvm-1", gone)
    assert (lost.ok, lost.problem, lost.request_id) == (False, gone, "request-2")
    denied = refused(TERMINATE, "microvm-1", Denied("You may not."), asked="request-1")
    assert (denied.ok, denied.message, denied.request_id) == (False, "You may not.", "request-1")


def test_what_was_stopped_says_how_far_it_came() -> None:
    untouched = called_off("microvm-1", "", sent=False)
    underway = called_off("microvm-2", "request-1", sent=True)
    assert "not done" in untouched.message
    assert "asked for" in underway.message
    assert isinstance(underway.problem, Cancelled)
    assert not untouched.ok
