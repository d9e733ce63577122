"""The table on a screen: keys, mouse, changes that come in, and what it tells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.events import MouseScrollDown, MouseScrollLeft, MouseScrollRight
from textual.strip import Strip

from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.errors import Unreachable
from mvm_tui.model.query import parse_query
from mvm_tui.tui.widgets.fleet_keys import MOVES
from mvm_tui.tui.widgets.fleet_table import FleetTable
from tests.tui.widgets.fleet_sample import (
    COMPLETE,
    NOW,
    TableApp,
    added,
    changed,
    gone,
    make_row,
    make_rows,
    press,
)

LOADING = PollStatus(sweeping=True, pages=1)


async def test_keys_move_the_cursor() -> None:
    app = TableApp(make_rows(100), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        seen = []
        for key in (
            "j",
            "down",
            "k",
            "up",
            "pagedown",
            "ctrl+d",
            "ctrl+u",
            "pageup",
            "G",
            "home",
            "end",
            "g",
        ):
            await press(pilot, key)
            seen.append(app.cursor_name)
        assert seen == [f"vm-{line}" for line in (1, 2, 1, 0, 20, 30, 20, 0, 99, 0, 99, 0)]


async def test_the_cursor_stops_at_the_edges_and_in_an_empty_table() -> None:
    app = TableApp()
    async with app.run_test(size=(80, 10)) as pilot:
        await press(pilot, "j", "k", "G", "g", "pagedown", "right", "left")
        assert app.table.cursor_row is None
        assert app.table.selected_rows() == []
        app.table.apply(added(*make_rows(2)))
        await press(pilot, "k", "j", "j", "j")
        assert app.cursor_name == "vm-1"


async def test_lines_show_rows_in_order_with_titles_above() -> None:
    app = TableApp(make_rows(3), sort="name", reverse=True)
    async with app.run_test(size=(120, 6)) as pilot:
        await pilot.pause()
        lines = app.lines()
        assert "NAME ▾" in lines[0]
        assert ["vm-2" in lines[1], "vm-1" in lines[2], "vm-0" in lines[3]] == [True] * 3
        assert lines[1].startswith(" › ● running")
        assert lines[4] == ""


async def test_cursor_marks_and_scroll_survive_rows_coming_above_them() -> None:
    app = TableApp(make_rows(100), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        app.table.move_to(make_row(50).id)
        app.table.toggle_mark()
        await pilot.pause()
        before = [line for line in app.lines() if "vm-51" in line]
        place = app.lines().index(before[0])
        app.table.apply(added(*(make_row(200 + number, age=1) for number in range(30))))
        app.table.apply(gone(make_row(10), make_row(11)))
        await pilot.pause()
        assert app.cursor_name == "vm-51"
        assert app.lines()[place] == before[0]
        assert app.table.marks == {make_row(50).id}


async def test_what_is_on_screen_stays_when_the_cursor_is_elsewhere() -> None:
    app = TableApp(make_rows(100), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        await pilot.pause()
        app.table.scroll_to(y=60, animate=False)
        await pilot.pause()
        before = app.lines()
        app.table.apply(added(make_row(200, age=1), make_row(201, age=2)))
        await pilot.pause()
        assert app.lines() == before


async def test_at_the_top_new_rows_are_seen() -> None:
    app = TableApp(make_rows(100), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        await press(pilot, "j")
        app.table.apply(added(make_row(200, name="newest", age=1)))
        await pilot.pause()
        assert "newest" in app.lines()[2]
        assert app.cursor_name == "vm-1"


async def test_the_cursor_rests_at_the_top_until_it_is_touched_while_pages_come_in() -> None:
    app = TableApp()
    async with app.run_test(size=(120, 21)) as pilot:
        app.table.apply(added(make_row(5), status=LOADING))
        app.table.apply(added(make_row(4), status=LOADING))
        assert app.cursor_name == "vm-4"
        assert [row.name for row in app.table.selected_rows()] == ["vm-4"]
        app.table.apply(added(make_row(3), status=LOADING))
        await pilot.pause()
        assert app.cursor_name == "vm-4"


async def test_the_cursor_goes_to_the_neighbour_when_its_row_goes() -> None:
    app = TableApp(make_rows(5), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        await press(pilot, "j", "j")
        app.table.apply(gone(make_row(2)))
        assert app.cursor_name == "vm-3"
        app.table.apply(gone(*make_rows(5)))
        await pilot.pause()
        assert app.table.cursor_row is None


async def test_a_change_of_the_row_under_the_cursor_is_told() -> None:
    app = TableApp(make_rows(3), sort="age")
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        app.told.clear()
        app.table.apply(changed(make_row(0, state="SUSPENDED")))
        app.table.apply(changed(make_row(2, state="SUSPENDED")))
        await pilot.pause()
        rows = [message.row for message in app.told if isinstance(message, FleetTable.CursorMoved)]
        assert [row.state_word for row in rows if row] == ["suspended"]
        assert "◐ suspended" in app.lines()[1]


async def test_filter_and_ended_rows() -> None:
    rows = [make_row(0), make_row(1, image="worker"), make_row(2, state="TERMINATED")]
    app = TableApp(rows, sort="age")
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        assert app.table.summary == "3 · age ▴"
        app.table.set_query(parse_query("image:hello"))
        assert app.table.summary == "2 of 3 · age ▴ · /image:hello"
        assert app.table.toggle_ended() is False
        assert app.table.summary == "1 of 2 · 1 ended hidden · age ▴ · /image:hello"
        app.table.set_query(None)
        app.table.toggle_ended()
        await pilot.pause()
        assert app.table.summary == "3 · age ▴"


async def test_marks_are_kept_through_a_filter_and_counted_where_they_cannot_be_seen() -> None:
    app = TableApp(make_rows(4), sort="age")
    async with app.run_test(size=(120, 10)) as pilot:
        app.table.toggle_mark()
        app.table.toggle_mark()
        app.table.set_query(parse_query("name:vm-1"))
        assert app.table.summary == "1 of 4 · 2 marked (1 not shown) · age ▴ · /name:vm-1"
        assert [row.name for row in app.table.selected_rows()] == ["vm-1", "vm-0"]
        await pilot.pause()
        assert app.lines()[1].startswith("▌›")
        app.table.toggle_mark_all()
        assert app.table.marks == {make_row(0).id}
        app.table.toggle_mark_all()
        assert app.table.clear_marks() is True
        assert app.table.clear_marks() is False
        await pilot.pause()
        told = [message.marks for message in app.told if isinstance(message, FleetTable.MarksChanged)]
        assert [len(marks) for marks in told] == [1, 2, 1, 2, 0]


async def test_the_mark_of_a_row_that_is_gone_is_taken() -> None:
    app = TableApp(make_rows(4), sort="age")
    async with app.run_test(size=(120, 10)) as pilot:
        app.table.toggle_mark()
        app.table.apply(gone(make_row(0)))
        await pilot.pause()
        assert app.table.marks == frozenset()
        assert app.table.summary == "3 · age ▴"


async def test_clicks_move_mark_open_and_sort() -> None:
    app = TableApp(make_rows(20), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        await pilot.click(FleetTable, offset=(10, 4))
        assert app.cursor_name == "vm-3"
        await pilot.click(FleetTable, offset=(10, 6), control=True)
        await pilot.click(FleetTable, offset=(10, 9), shift=True)
        assert app.table.marks == {make_row(number).id for number in (5, 6, 7, 8)}
        await pilot.double_click(FleetTable, offset=(10, 2))
        await pilot.pause()
        opened = [message.row for message in app.told if isinstance(message, FleetTable.Opened)]
        assert [row.name for row in opened] == ["vm-1"]
        await pilot.click(FleetTable, offset=(5, 0))
        assert app.table.sorting == ("state", False)
        await pilot.click(FleetTable, offset=(5, 0))
        assert app.table.sorting == ("state", True)
        assert app.cursor_name == "vm-1"
        await pilot.click(FleetTable, offset=(0, 0))
        assert app.table.sorting == ("state", True)


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    app = TableApp(make_rows(100), sort="age")
    async with app.run_test(size=(60, 21)) as pilot:
        await pilot.hover(FleetTable, offset=(10, 5))
        await pilot._post_mouse_events([MouseScrollDown], FleetTable, offset=(10, 5))
        await pilot.wait_for_animation()
        assert app.table.visible_ids()[0] != make_row(0).id
        assert app.cursor_name == "vm-0"
        await pilot._post_mouse_events([MouseScrollRight], FleetTable, offset=(10, 5))
        assert app.table.pan > 0
        await pilot._post_mouse_events([MouseScrollLeft], FleetTable, offset=(10, 5))
        assert app.table.pan == 0


async def test_moves_can_be_put_on_other_keys() -> None:
    app = TableApp(make_rows(10), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        app.set_keymap({"table.down": "w", "table.last": "e"})
        await press(pilot, "w", "w", "j")
        assert app.cursor_name == "vm-2"
        await press(pilot, "e")
        assert app.cursor_name == "vm-9"


async def test_the_cursor_is_quieter_without_the_focus() -> None:
    app = TableApp(make_rows(3), sort="age")
    async with app.run_test(size=(120, 6)) as pilot:
        await pilot.pause()
        focused = app.table.render_line(1)
        app.screen.set_focus(None)
        await pilot.pause()
        blurred = app.table.render_line(1)
        assert focused.text == blurred.text
        assert {segment.style for segment in focused}.isdisjoint({segment.style for segment in blurred})


async def test_columns_that_do_not_fit_are_reached_sideways() -> None:
    app = TableApp(make_rows(3), sort="age")
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.pause()
        first = app.lines()[0]
        assert "SHELL" not in first
        assert first.endswith("›")
        for _ in range(9):
            await press(pilot, "right")
        last = app.lines()
        assert "SHELL" in last[0]
        assert "‹" in last[0]
        assert last[1].startswith(" › ● running")
        await press(pilot, *["left"] * 9)
        assert app.lines()[0] == first


async def test_columns_can_be_chosen() -> None:
    app = TableApp(make_rows(3), sort="age")
    async with app.run_test(size=(120, 6)) as pilot:
        app.table.set_columns(["name", "left"])
        await pilot.pause()
        assert app.lines()[0].split() == ["NAME", "LEFT"]
        assert app.table.column_ids == ("name", "left")
        with pytest.raises(ValueError, match="no column"):
            app.table.set_columns(["colour"])


async def test_ages_tick_and_only_what_changes_is_drawn_again() -> None:
    app = TableApp([make_row(1, age=50), make_row(2, age=7_210)], sort="age")
    async with app.run_test(size=(120, 6)) as pilot:
        await pilot.pause()
        app.table._tick()
        await pilot.pause()
        drawn: list[int] = []
        draw = app.table.render_line

        def noted(y: int) -> Strip:
            drawn.append(y)
            return draw(y)

        app.table.render_line = noted  # type: ignore[method-assign]
        app.clock.advance(5)
        app.table._tick()
        await pilot.pause()
        assert drawn == [1]
        app.clock.advance(60)
        app.table._tick()
        await pilot.pause()
        assert "1m" in app.lines()[1]


async def test_a_filter_by_time_takes_rows_in_as_they_age() -> None:
    app = TableApp([make_row(1, age=50)], sort="age")
    async with app.run_test(size=(120, 6)) as pilot:
        app.table.set_query(parse_query("age>1m"))
        await pilot.pause()
        assert app.table.cursor_row is None
        app.clock.advance(20)
        app.table._tick()
        app.table._tick()
        await pilot.pause()
        assert app.cursor_name == "vm-1"


async def test_the_rows_on_screen_are_told_so_that_their_details_can_be_read() -> None:
    app = TableApp(make_rows(100), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        await press(pilot, "G")
        await pilot.pause(0.1)
        told = [message.ids for message in app.told if isinstance(message, FleetTable.VisibleChanged)]
        assert told[-1] == app.table.visible_ids() == app.table.wanted_ids()
        assert told[-1][-1] == make_row(99).id
        assert len(told[-1]) == 20
        app.table.sort_by("left")
        assert len(app.table.wanted_ids()) == 100
        app.table.sort_by("age")
        app.table.set_query(parse_query("shell:yes"))
        assert len(app.table.wanted_ids()) == 100


async def test_an_older_generation_is_dropped_and_a_newer_one_starts_anew() -> None:
    app = TableApp(make_rows(5), sort="age")
    async with app.run_test(size=(120, 21)) as pilot:
        app.table.toggle_mark()
        app.table.apply(ChangeSet(2, added=(make_row(7),), status=COMPLETE))
        app.table.apply(ChangeSet(1, added=(make_row(8),), status=COMPLETE))
        await pilot.pause()
        assert app.table.summary == "1 · age ▴"
        assert app.cursor_name == "vm-7"
        assert app.table.marks == frozenset()


async def test_a_big_change_is_taken_in_slices_and_none_of_it_is_lost() -> None:
    app = TableApp()
    async with app.run_test(size=(120, 21)) as pilot:
        rows = make_rows(3_000)
        app.table.apply(added(*rows))
        app.table.apply(changed(replace(rows[2_999], name="late")))
        app.table.apply(gone(rows[0]))
        for _ in range(200):
            await pilot.pause(0.005)
            if app.table.summary.startswith("2,999"):
                break
        await press(pilot, "G")
        assert app.cursor_name == "late"


@pytest.mark.parametrize(
    ("change", "query", "show_ended", "line", "hint"),
    [
        (ChangeSet(0, status=COMPLETE), "", True, "No MicroVMs here yet", "n launches one"),
        (ChangeSet(0, status=LOADING), "", True, "Reading the MicroVMs…", "1 page read"),
        (ChangeSet(0), "", True, "Reading the MicroVMs…", ""),
        (added(make_row(1)), "zzz", True, "Nothing matches /zzz", "esc clears the filter"),
        (added(make_row(1, state="TERMINATED")), "", False, "The only MicroVM has ended", "t shows"),
        (
            ChangeSet(0, status=PollStatus(problem=Unreachable("No answer.", "Refused.", "Check it."))),
            "",
            True,
            "No answer.",
            "Refused. Check it.",
        ),
    ],
)
async def test_an_empty_table_says_why_and_what_to_do(
    change: ChangeSet, query: str, show_ended: bool, line: str, hint: str
) -> None:
    app = TableApp(show_ended=show_ended)
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.apply(change)
        app.table.set_query(parse_query(query))
        await pilot.pause()
        text = [part.strip() for part in app.lines()[1:] if part.strip()]
        assert text[0] == line
        assert "".join(text[1:]).startswith(hint)
        app.table.set_query(None)


async def test_themes_light_dark_and_the_terminals_own() -> None:
    app = TableApp(make_rows(5), sort="age")
    async with app.run_test(size=(120, 10)) as pilot:
        for theme in ("textual-light", "textual-dark", "ansi-dark", "ansi-light"):
            app.theme = theme
            await pilot.pause()
            cursor, other = app.table.render_line(1), app.table.render_line(3)
            assert {segment.style for segment in cursor}.isdisjoint({segment.style for segment in other})


async def test_without_colour_cursor_and_mark_are_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = TableApp(make_rows(3), sort="age")
    async with app.run_test(size=(120, 10)) as pilot:
        app.table.toggle_mark()
        await pilot.pause()
        assert [line[:3] for line in app.lines()[1:4]] == ["▌  ", " › ", "   "]


async def test_a_tiny_or_growing_screen_is_no_trouble() -> None:
    app = TableApp(make_rows(50), sort="age")
    async with app.run_test(size=(3, 2)) as pilot:
        await press(pilot, "G", "right", "left", "g")
        for size in ((1, 1), (20, 5), (240, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await press(pilot, "j")
        assert app.cursor_name == "vm-4"


def test_every_move_has_an_id_of_its_own() -> None:
    from mvm_tui.fleet.actions import BY_ID

    ids = [binding.id for binding in MOVES if not isinstance(binding, tuple)]
    assert len(set(ids)) == len(MOVES)
    assert all(name is not None and name.startswith("table.") and name not in BY_ID for name in ids)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.text(max_size=30), st.text(min_size=1, max_size=30)), min_size=1, max_size=5))
async def test_any_text_can_be_on_screen(texts: list[tuple[str, str]]) -> None:
    rows = [
        make_row(number, name=name, image=text, version=text, state=text)
        for number, (name, text) in enumerate(texts)
    ]
    app = TableApp(rows, sort="name")
    async with app.run_test(size=(100, 12)) as pilot:
        await press(pilot, "j")
        assert all(app.table.render_line(y).cell_length == 100 for y in range(12))
        assert app.clock.now() == NOW
