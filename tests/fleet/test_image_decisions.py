"""Actions on images decide by the same rules: read-only, what is chosen, state, confirmation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mvm_tui.fleet.action import Action, Danger
from mvm_tui.fleet.actions import ACTIONS, BY_ID, Ask, Context, Go, Refuse
from mvm_tui.fleet.image_decisions import IMAGE_SCOPES, ImageTarget, decide_image
from mvm_tui.model.image import Image, ImageVersion
from tests.fleet.rows import NOON, row

CONTEXT = Context(NOON)
ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"
IMAGE = Image(ARN, "web", "CREATED", "2.0")
VERSION = ImageVersion(ARN, "1.0", "SUCCESSFUL", "ACTIVE")
TARGET = ImageTarget(IMAGE, VERSION, 2)
OWN = [action for action in ACTIONS if action.scope in IMAGE_SCOPES]


@pytest.mark.parametrize("action", OWN, ids=lambda action: action.id)
def test_read_only_forbids_everything_but_reads(action: Action) -> None:
    building = replace(TARGET, version=replace(VERSION, state="IN_PROGRESS"))
    target = building if action.id == "image.follow" else TARGET
    decision = decide_image(action, target, Context(NOON, read_only=True))
    assert isinstance(decision, Refuse) is (action.danger is not Danger.NONE)


@pytest.mark.parametrize("action", OWN, ids=lambda action: action.id)
def test_each_needs_something_to_work_on(action: Action) -> None:
    assert isinstance(decide_image(action, None, CONTEXT), Refuse)


@pytest.mark.parametrize("action", OWN, ids=lambda action: action.id)
def test_what_destroys_asks_for_the_name(action: Action) -> None:
    decision = decide_image(action, TARGET, CONTEXT)
    if action.danger is Danger.DESTROYS:
        assert isinstance(decision, Ask)
        assert decision.typed == ("web" if action.id == "image.delete" else "web:1.0")


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("delete_version", replace(TARGET, version=None), "enter shows them"),
        ("delete_version", replace(TARGET, count=1), "Delete the image"),
        ("delete_version", replace(TARGET, running=(row(1),)), "terminate"),
        ("delete", replace(TARGET, running=tuple(row(n) for n in range(9))), "and 4 more"),
        ("activate", TARGET, "active already"),
        ("activate", replace(TARGET, version=replace(VERSION, state="FAILED", status="")), "not built"),
        ("deactivate", replace(TARGET, version=replace(VERSION, status="INACTIVE")), "inactive already"),
        ("follow", TARGET, "is over"),
        ("launch", replace(TARGET, version=replace(VERSION, status="INACTIVE")), "activate it"),
        ("launch", replace(TARGET, version=replace(VERSION, state="PENDING")), "pending"),
        ("launch", ImageTarget(replace(IMAGE, latest_active_version=None)), "no active version"),
    ],
)
def test_what_would_fail_is_refused_with_the_reason(name: str, target: ImageTarget, words: str) -> None:
    if words == "terminate":
        target = replace(target, version=replace(VERSION, version=target.running[0].vm.image_version))
    decision = decide_image(BY_ID[f"image.{name}"], target, CONTEXT)
    assert isinstance(decision, Refuse)
    assert words in decision.reason


def test_retiring_what_launches_take_asks_and_others_do_not() -> None:
    latest = replace(TARGET, version=replace(VERSION, version="2.0"))
    assert isinstance(decide_image(BY_ID["image.deactivate"], latest, CONTEXT), Ask)
    assert decide_image(BY_ID["image.deactivate"], TARGET, CONTEXT) == Go((ARN, "1.0"))


def test_a_state_or_status_unknown_to_us_is_left_to_the_service() -> None:
    odd = replace(TARGET, version=replace(VERSION, status="RESTING"))
    for name in ("activate", "deactivate", "launch"):
        assert decide_image(BY_ID[f"image.{name}"], odd, CONTEXT) == Go((ARN, "1.0"))
