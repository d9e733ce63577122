"""Columns fit every width, and a line is exactly as wide as the table whatever its text is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.microvm import Details, Microvm
from mvm_tui.model.sorting import COLUMN_IDS, SORTABLE
from mvm_tui.tui.widgets.cells import pad, shorten_end, shorten_middle, width_of
from mvm_tui.tui.widgets.fleet_columns import (
    BY_ID,
    COLUMNS,
    GAP,
    MARGIN,
    ROLES,
    columns_by_id,
    lay_out,
    shorten_amount,
    shorten_id,
    shorten_image,
)
from mvm_tui.tui.widgets.fleet_line import LinePainter, Palette
from mvm_tui.tui.widgets.fleet_style import KINDS
from tests.tui.widgets.fleet_sample import IMAGE, LIVING, NOW, make_row

_PLAIN = Style()
PALETTE = Palette(
    {kind: dict.fromkeys((*ROLES, "mark"), _PLAIN) for kind in KINDS}, _PLAIN, _PLAIN, _PLAIN, _PLAIN
)
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(
        alphabet="日本🎉👩‍💻e\u0301\u200b\u202e\x1b[]\x00\n\t\r\u00ad\ufe0f\U0001f1e9\U0001f1ea", max_size=40
    ),
    st.sampled_from(["", "[/b]", "[@click=app.quit]x[/]", "\x1b]52;c;aGk=\x07", "x" * 10_000, "日" * 10_000]),
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.integers(1, 260), st.integers(0, 120), st.sampled_from(KINDS))
def test_any_text_is_drawn_on_one_line_of_the_exact_width(
    name: str, vm_id: str, state: str, version: str, width: int, pan: int, kind: str
) -> None:
    vm = Microvm(vm_id, state, IMAGE + name, version, NOW, LIVING)
    layout = lay_out(COLUMNS, width)
    painter = LinePainter(PALETTE, layout, min(pan, layout.farthest))
    strip = painter.line(FleetRow(vm, name, 2_048), kind, True, NOW)
    assert strip.cell_length == width
    assert cell_len(strip.text) == width
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in strip.text)
    assert painter.header("age", False).cell_length == width
    assert cell_len(painter.empty(name.replace("\n", "")).text) >= 0


@given(st.text(max_size=60), st.integers(0, 30))
def test_shortened_text_fits(text: str, width: int) -> None:
    for shorten in (shorten_end, shorten_middle, shorten_id, shorten_image):
        short = shorten(text, width)
        assert width_of(short) <= width
        assert short == text if width_of(text) <= width else True
        assert width_of(pad(short, width, right=True)) == width


@given(st.integers(1, 300), st.lists(st.sampled_from(list(BY_ID)), min_size=1, unique=True))
def test_columns_are_laid_out_without_overlap(width: int, chosen: list[str]) -> None:
    layout = lay_out(columns_by_id(chosen), width)
    assert sorted(placed.column.id for placed in layout.columns) == sorted(chosen)
    for left, right in zip(layout.columns, layout.columns[1:], strict=False):
        assert right.x == left.x + left.width + GAP
    fitting = layout.columns[: layout.fitting]
    last = fitting[-1]
    assert last.x + last.width <= width - MARGIN or layout.fitting == 1
    assert layout.sticky <= width
    assert all(placed.column.minimum <= placed.width <= placed.column.maximum for placed in fitting)


@given(st.integers(1, 300))
def test_scrolling_to_the_right_reaches_the_end_and_comes_back(width: int) -> None:
    layout = lay_out(COLUMNS, width)
    pan = 0
    for _ in range(len(COLUMNS) + 1):
        pan = layout.next_pan(pan, 1)
    assert pan == layout.farthest
    for _ in range(len(COLUMNS) + 1):
        pan = layout.next_pan(pan, -1)
    assert pan == 0


def test_a_narrow_screen_loses_the_least_important_columns_first() -> None:
    shown = {
        width: [
            placed.column.id for placed in lay_out(COLUMNS, width).columns[: lay_out(COLUMNS, width).fitting]
        ]
        for width in (40, 80, 140)
    }
    assert shown[40] == ["state", "name", "id"]
    assert shown[80] == ["state", "name", "id", "image", "size", "age", "left", "rate"]
    assert shown[140] == list(BY_ID)


def test_the_direction_is_seen_where_the_title_is_cut() -> None:
    painter = LinePainter(PALETTE, lay_out(COLUMNS, 72), 0)
    assert "SIZ▾" in painter.header("size", True).text
    assert "AGE ▴" in LinePainter(PALETTE, lay_out(COLUMNS, 140), 0).header("age", False).text


def cells(row: FleetRow, now: datetime = NOW) -> dict[str, tuple[str, str]]:
    return {column.id: column.read(row, now) for column in COLUMNS}


@pytest.mark.parametrize(
    ("seconds_left", "text", "role"),
    [
        (7_200, "2h00m", "text"),
        (3_600, "1h00m", "text"),
        (3_599, "59m", "warning"),
        (600, "10m", "warning"),
        (599, "!9m", "error"),
        (-5, "!0s", "error"),
    ],
)
def test_time_left_stands_out_before_the_end(seconds_left: int, text: str, role: str) -> None:
    row = make_row(1, age=28_800 - seconds_left)
    assert cells(row)["left"] == (text, role)


def test_what_is_not_known_and_what_does_not_apply() -> None:
    bare = cells(make_row(1, details=None, memory=None, name=""))
    assert [bare[name][0] for name in ("size", "left", "idle", "shell")] == ["…"] * 4
    assert bare["name"][0] == "—"
    ended = cells(make_row(1, state="TERMINATED"))
    assert [ended[name][0] for name in ("age", "left", "idle", "shell")] == ["—"] * 4
    endless = cells(make_row(1, details=Details("", None, None)))
    assert [endless[name][0] for name in ("left", "idle", "shell")] == ["—", "none", "?"]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("RUNNING", "● running"),
        ("SUSPENDED", "◐ suspended"),
        ("SUSPENDING", "◑ suspending"),
        ("PENDING", "◌ starting"),
        ("TERMINATING", "✕ ending"),
        ("TERMINATED", "○ ended"),
        ("HIBERNATING", "? hibernating"),
    ],
)
def test_state_by_shape_and_word(state: str, text: str) -> None:
    assert cells(make_row(1, state=state))["state"][0] == text


def test_idle_policy_reads_as_a_sketch_of_what_happens() -> None:
    row = make_row(1, details=Details("", 28_800, IdlePolicy(900, 7_200, True)))
    assert cells(row)["idle"][0] == "15m → 2h ↻"


def test_names_are_cut_where_it_hurts_least() -> None:
    assert shorten_image("hello-web-with-a-long-name:12.0", 14) == "hello-we…:12.0"
    assert shorten_id("microvm-9c1f0000-a04b", 9) == "9c1f…a04b"
    assert shorten_id("microvm-9c1f0000-a04b", 13) == "9c1f0000-a04b"


def test_amounts_are_shortened_without_becoming_others() -> None:
    assert shorten_amount("<0.0001", 5) == "<.001"
    assert shorten_amount("<0.0001", 7) == "<0.0001"
    assert shorten_amount("0.0002", 5) == ".0002"
    assert shorten_amount("~0.0123", 6) == "~.0123"
    assert shorten_amount("≥0.0002", 6) == "≥.0002"
    assert shorten_amount("0.0016–0.196", 7) == "≤0.196"
    assert shorten_amount("0.0016–0.196", 12) == "0.0016–0.196"
    assert shorten_amount("123,456", 5) == "123,…"


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'colour'"):
        columns_by_id(["state", "colour"])


def test_every_column_can_be_named_and_all_but_the_cost_sorted_by() -> None:
    assert set(COLUMN_IDS) == set(BY_ID)
    assert set(BY_ID) - set(SORTABLE) == {"cost"}


def test_a_line_is_drawn_once_until_it_changes() -> None:
    painter = LinePainter(PALETTE, lay_out(COLUMNS, 120), 0)
    row = make_row(5, age=330)
    first = painter.line(row, "row", False, NOW)
    assert painter.line(row, "row", False, NOW + timedelta(seconds=20)) is first
    assert painter.line(row, "row", False, NOW + timedelta(seconds=60)) is not first
    assert painter.line(row, "cursor", False, NOW) is not first
    assert painter.line(make_row(5, name="new"), "row", False, NOW).text != first.text
