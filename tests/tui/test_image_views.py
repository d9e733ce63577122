"""The tables of images as values: what is known, what is not, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mvm_tui.fleet.storage import VersionCost
from mvm_tui.model.bases import Base
from mvm_tui.model.image import BaseImage, BaseImageVersion, Image
from mvm_tui.tui import image_views
from mvm_tui.tui.image_views import Around, sitting, state_tone, state_word
from mvm_tui.tui.widgets.line_list import fit
from tests.tui.fake_images import BASE_ARN, version
from tests.tui.fakes import NOW, image_arn

WEB = image_arn("web")
IMAGE = Image(WEB, "web", "CREATED", "1.0")


def cost(number: str, gb: str | None) -> VersionCost:
    size = None if gb is None else Decimal(gb)
    hour = None if size is None else size * Decimal("0.001")
    built = version("web", number)
    return VersionCost(
        (WEB, number), f"web:{number}", "ACTIVE", NOW, False, False, 2, IMAGE, built, size, hour, None, None
    )


def cells(around: Around) -> tuple[str, ...]:
    return image_views.images([IMAGE], around, "").lines[0].cells


@pytest.mark.parametrize(
    ("costs", "gb", "month"),
    [
        ({}, "…", "…"),
        ({"1.0": "1.5", "2.0": "2"}, "3.50", "2.52"),
        ({"1.0": "1.5", "2.0": None}, "≥1.50", "≥1.08"),
    ],
)
def test_what_is_not_known_is_not_zero(costs: dict[str, str | None], gb: str, month: str) -> None:
    two = [version("web", "1.0", memory_mib=512), version("web", "2.0")]
    known = {(WEB, number): cost(number, size) for number, size in costs.items()}
    found = cells(Around(NOW, {WEB: two}, known))
    assert found[-2:] == (gb, month)
    assert found[5:7] == ("2", "½ GB")


def test_what_was_not_read_and_what_stores_nothing() -> None:
    assert cells(Around(NOW))[5:] == ("…", "…", "…", "…")
    failed = version("web", "1.0", state="FAILED", memory_mib=None)
    assert cells(Around(NOW, {WEB: [failed]}))[5:] == ("1", "—", "—", "—")
    assert cells(Around(NOW, {WEB: []}))[5:] == ("0", "—", "—", "—")


@pytest.mark.parametrize(
    ("state", "word", "tone"),
    [
        ("CREATE_FAILED", "✗ create failed", "$text-error"),
        ("IN_PROGRESS", "◌ in progress", "$state-starting"),
        ("SUCCESSFUL", "● successful", "$state-running"),
        ("QUITE_NEW\x1b[1m", "○ quite new", ""),
    ],
)
def test_states_have_a_shape_and_unknown_ones_are_text(state: str, word: str, tone: str) -> None:
    assert state_word(state) == word
    assert state_tone(state) == tone


def test_versions_are_ordered_by_their_numbers_and_fit_a_narrow_terminal() -> None:
    found = [version("web", number) for number in ("2.0", "10.0", "1.0")]
    view = image_views.versions(IMAGE, found, Around(NOW, marked=[(WEB, "2.0")]), "")
    assert [line.key for line in view.lines] == ["10.0", "2.0", "1.0"]
    assert [line.cells[0] for line in view.lines] == ["10.0", "✓ 2.0", "1.0"]
    assert view.titles[-1] == ">AGE"
    assert "Marked: 2.0." in view.note
    assert all(fit(view, 76)), "all columns have room on 80 columns"
    reasoned = image_views.versions(IMAGE, [replace(found[0], state_reason="why")], Around(NOW), "")
    assert (reasoned.titles[-1], reasoned.lines[0].cells[-1]) == ("REASON", "why")


def test_what_sits_on_an_old_base() -> None:
    base = Base(
        BaseImage(BASE_ARN, "al2023"),
        (BaseImageVersion(BASE_ARN, "2", "AVAILABLE"), BaseImageVersion(BASE_ARN, "1", "RECALLED")),
    )
    old = [version("web", str(number), base_version="1.0") for number in range(20)]
    other = Image(image_arn("other"), "other", "CREATED")
    ours = sitting([IMAGE, other], {WEB: [version("web", "30", base_version="2.0"), *old]}, [base])
    assert (ours.old, ours.unread) == (20, 1)
    newest, recalled = image_views.bases([base], ours, NOW, "").lines
    assert newest.cells[-2:] == ("1", "web:30")
    assert recalled.cells[4] == "20"
    assert recalled.cells[5].endswith("and 8 more")
