"""The order kept by differences is the order that sorting everything anew would give."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.query import Query, parse_query
from mvm_tui.model.sorting import SORTABLE, sort_key, sort_rows
from mvm_tui.tui.widgets.fleet_rows import FleetRows
from tests.tui.widgets.fleet_sample import LIVING, NOW, make_row, make_rows

_ROW = st.builds(
    make_row,
    st.integers(0, 40),
    state=st.sampled_from(["RUNNING", "SUSPENDED", "TERMINATED", "NOVEL"]),
    name=st.sampled_from(["", "web", "web-2", "web-10"]),
    memory=st.sampled_from([None, 512, 2_048]),
    age=st.integers(0, 40_000).map(float),
    details=st.sampled_from([None, LIVING]),
)
_UPDATE = st.tuples(st.lists(_ROW, max_size=30), st.lists(st.integers(0, 40), max_size=5))
_QUERY = st.sampled_from([None, *map(parse_query, ["web", "!web", "state:run", "left<4h", "age>3h size:2g"])])


def expected(
    rows: dict[str, FleetRow], column: str, reverse: bool, query: Query | None, show_ended: bool
) -> list[str]:
    shown = [
        row
        for row in rows.values()
        if (show_ended or not row.vm.ended) and (query is None or query.matches(row, NOW))
    ]
    return [row.id for row in sort_rows(shown, column, reverse)]


@settings(max_examples=150, deadline=None)
@given(st.lists(_UPDATE, max_size=8), st.sampled_from(SORTABLE), st.booleans(), _QUERY, st.booleans())
def test_any_run_of_updates_leaves_the_rows_in_order(
    updates: list[tuple[list[FleetRow], list[int]]],
    column: str,
    reverse: bool,
    query: Query | None,
    show_ended: bool,
) -> None:
    rows = FleetRows(column, reverse=reverse, show_ended=show_ended)
    rows.filter(query, NOW)
    held: dict[str, FleetRow] = {}
    for arrived, numbers in updates:
        gone = [make_row(number).id for number in numbers]
        rows.update(arrived, gone, NOW)
        for row_id in gone:
            held.pop(row_id, None)
        held.update({row.id: row for row in arrived})
        wanted = expected(held, column, reverse, query, show_ended)
        assert rows.ids() == wanted
        assert [rows.index_of(row_id) for row_id in wanted] == list(range(len(wanted)))
        assert rows.total == sum(show_ended or not row.vm.ended for row in held.values())
        assert all(rows.index_of(row_id) is None for row_id in held.keys() - set(wanted))


@given(st.lists(_ROW, max_size=30), st.sampled_from(SORTABLE), st.booleans(), _QUERY, st.booleans())
def test_arranging_anew_is_the_same_as_having_been_so(
    arrived: list[FleetRow], column: str, reverse: bool, query: Query | None, show_ended: bool
) -> None:
    rows = FleetRows("name")
    rows.update(arrived, (), NOW)
    rows.arrange(NOW, column=column, reverse=reverse, show_ended=show_ended)
    rows.filter(query, NOW)
    held = {row.id: row for row in arrived}
    assert rows.ids() == expected(held, column, reverse, query, show_ended)


def test_an_update_tells_whether_lines_moved_and_which_changed() -> None:
    rows = FleetRows("name")
    rows.update(make_rows(100), (), NOW)
    calm = rows.update([make_row(7, state="SUSPENDED")], (), NOW)
    assert (calm.moved, calm.touched) == (False, frozenset({make_row(7).id}))
    assert rows.update([make_row(7, name="zzz")], (), NOW).moved
    assert rows.update([], [make_row(8).id], NOW).moved
    assert not rows.update([], ["not there"], NOW).moved


def test_a_filter_by_time_is_looked_at_again_in_slices() -> None:
    rows = FleetRows("id")
    rows.update(make_rows(30), (), NOW)
    rows.filter(parse_query("age>1h"), NOW)
    assert len(rows) == 0
    later = NOW + timedelta(hours=1, seconds=1)
    for _ in range(5):
        rows.recheck(later, 10)
    assert len(rows) == 30


def test_lines_that_are_not_there() -> None:
    rows = FleetRows("id")
    rows.update(make_rows(3), (), NOW)
    assert len(rows.ids(1, 99)) == 2
    with pytest.raises(IndexError):
        rows.id_at(3)
    with pytest.raises(IndexError):
        rows.id_at(-1)


def test_a_column_that_is_not_there_changes_nothing() -> None:
    rows = FleetRows("id")
    with pytest.raises(ValueError, match="cannot sort"):
        rows.arrange(NOW, column="colour")
    assert rows.column == "id"


def test_every_column_of_the_table_can_be_sorted_by() -> None:
    row = make_row(1)
    assert all(sort_key(column)(row) is not None for column in SORTABLE)
