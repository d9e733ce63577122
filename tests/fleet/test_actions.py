"""Every action decides by the same rules: read-only, state, confirmation."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mvm_tui.fleet.action import Action, Danger, Scope
from mvm_tui.fleet.actions import ACTIONS, BY_ID, Ask, Context, Go, Refuse, decide, display_name
from mvm_tui.model.fleet_row import FleetRow
from tests.fleet.rows import NOON, row, vm

CONTEXT = Context(NOON + timedelta(minutes=5))
READ_ONLY = Context(NOON, read_only=True)
SUSPEND, RESUME, TERMINATE = (BY_ID[f"microvm.{verb}"] for verb in ("suspend", "resume", "terminate"))


def test_ids_are_used_once_and_everything_is_explained() -> None:
    assert len(BY_ID) == len(ACTIONS)
    assert all(action.label and action.help.endswith(".") for action in ACTIONS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_read_only_forbids_everything_but_reads(action: Action) -> None:
    decision = decide(action, [row(1, "RUNNING"), row(2, "SUSPENDED")], READ_ONLY)
    assert isinstance(decision, Refuse) is (action.danger is not Danger.NONE)
    assert not isinstance(decision, Refuse) or "Read-only" in decision.reason


def test_what_changes_something_says_so() -> None:
    dangerous = {action.id for action in ACTIONS if action.danger is not Danger.NONE}
    assert dangerous == {
        "microvm.suspend",
        "microvm.resume",
        "microvm.launch",
        "microvm.terminate",
        "microvm.shell",
        "shell.again",
        "cost.delete_version",
        "image.build",
        "image.new_version",
        "image.launch",
        "image.activate",
        "image.deactivate",
        "image.tag",
        "image.delete_version",
        "image.delete",
    }


def test_suspend_of_one_acts_at_once() -> None:
    assert decide(SUSPEND, [row(1)], CONTEXT) == Go(("microvm-0001",))
    assert decide(SUSPEND, [row(1, "PENDING")], CONTEXT) == Go(("microvm-0001",))


def test_suspend_asks_for_several_and_for_one_with_a_shell() -> None:
    several = decide(SUSPEND, [row(1), row(2)], CONTEXT)
    assert several == Ask(("microvm-0001", "microvm-0002"), "Suspend 2 MicroVMs?")
    attached = decide(SUSPEND, [row(1)], Context(NOON, shells=frozenset({"microvm-0001"})))
    assert isinstance(attached, Ask)
    assert "shell" in attached.question
    assert attached.typed == ""


def test_resume_of_one_acts_and_of_several_asks() -> None:
    assert decide(RESUME, [row(1, "SUSPENDED")], CONTEXT) == Go(("microvm-0001",))
    asked = decide(RESUME, [row(1, "SUSPENDED"), row(2, "SUSPENDING")], CONTEXT)
    assert isinstance(asked, Ask)
    assert asked.typed == ""


def test_terminate_always_asks() -> None:
    asked = decide(TERMINATE, [row(1, name="web-1")], CONTEXT)
    assert isinstance(asked, Ask)
    assert asked.question.startswith("Terminate web-1?")
    assert asked.typed == ""


@pytest.mark.parametrize(
    ("rows", "context", "typed"),
    [
        ([row(1), row(2), row(3)], CONTEXT, "3"),
        ([row(1)], Context(NOON, shells=frozenset({"microvm-0001"})), "microvm-0001"),
        ([row(1)], Context(NOON + timedelta(hours=4, seconds=1)), "microvm-0001"),
        ([row(1)], Context(NOON + timedelta(hours=4)), ""),
        ([row(1, started=None)], Context(NOON + timedelta(hours=9)), ""),
    ],
)
def test_the_worst_is_typed(rows: list[FleetRow], context: Context, typed: str) -> None:
    asked = decide(TERMINATE, rows, context)
    assert isinstance(asked, Ask)
    assert asked.typed == typed


def test_shells_are_counted_in_the_question() -> None:
    asked = decide(TERMINATE, [row(1), row(2)], Context(NOON, shells=frozenset({"microvm-0002"})))
    assert isinstance(asked, Ask)
    assert "1 of them with your shell attached" in asked.question


def test_rows_it_does_not_apply_to_are_left_out() -> None:
    mixed = [row(1, "RUNNING"), row(2, "SUSPENDED"), row(3, "TERMINATED")]
    assert decide(SUSPEND, mixed, CONTEXT) == Go(("microvm-0001",))
    assert decide(RESUME, mixed, CONTEXT) == Go(("microvm-0002",))
    asked = decide(TERMINATE, mixed, CONTEXT)
    assert isinstance(asked, Ask)
    assert asked.ids == ("microvm-0001", "microvm-0002")
    assert asked.typed == "2"


def test_nothing_to_do_is_refused_with_the_reason() -> None:
    refused = decide(SUSPEND, [row(1, "SUSPENDED", name="web")], CONTEXT)
    assert refused == Refuse("web is suspended: nothing to suspend.")
    assert isinstance(decide(RESUME, [row(1), row(2)], CONTEXT), Refuse)
    assert isinstance(decide(TERMINATE, [row(1, "TERMINATED")], CONTEXT), Refuse)
    assert decide(SUSPEND, [], CONTEXT) == Refuse("No MicroVM is selected.")


def test_a_state_unknown_to_us_allows_all() -> None:
    strange = [row(1, "HIBERNATED")]
    assert decide(SUSPEND, strange, CONTEXT) == Go(("microvm-0001",))
    assert decide(RESUME, strange, CONTEXT) == Go(("microvm-0001",))
    assert isinstance(decide(TERMINATE, strange, CONTEXT), Ask)


@pytest.mark.parametrize("scope", [Scope.APP, Scope.TABLE])
def test_actions_on_the_app_need_no_rows(scope: Scope) -> None:
    for action in ACTIONS:
        if action.scope is scope:
            assert decide(action, [], CONTEXT) == Go(())


def test_names_are_shown_safely() -> None:
    assert display_name(FleetRow(vm(), "\x1b[31mred\x1b[0m")) == "red"
    assert display_name(FleetRow(vm())) == "0001"
    later = datetime.max.replace(tzinfo=NOON.tzinfo)
    assert isinstance(decide(TERMINATE, [row(1)], Context(later)), Ask)
