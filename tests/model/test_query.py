"""The filter language: every text parses or is refused with a sentence, and unknown is never a match."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.connectors import SHELL_INGRESS, managed_arn
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.microvm import Details, Microvm
from mvm_tui.model.query import parse_query
from mvm_tui.model.sorting import SORTABLE, sort_key, sort_rows
from mvm_tui.model.text import clean

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
IMAGE = "arn:aws:lambda:us-east-1:123456789012:microvm-image:hello-web"


def make_row(
    *,
    state: str = "RUNNING",
    name: str = "web-1",
    memory: int | None = 2048,
    age: timedelta = timedelta(hours=3),
    details: Details | None = None,
    vm_id: str = "microvm-9c1f0000",
) -> FleetRow:
    return FleetRow(Microvm(vm_id, state, IMAGE, "2.0", NOW - age, details), name, memory)


DETAILS = Details(
    endpoint="",
    maximum_duration=4 * 3600,
    idle_policy=IdlePolicy(900, 7200, True),
    ingress=(managed_arn(SHELL_INGRESS, "us-east-1"),),
)
FULL = make_row(details=DETAILS)
BARE = make_row(memory=None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "web",
        "WEB-1",
        "9c1f",
        "hello-web:2.0",
        "running",
        '"web-1"',
        "'hello-web'",
        "state:running",
        "state:RUN",
        "state:suspended,running",
        "image:web",
        "image:web:2.0",
        "name:web-",
        'name:"web-1"',
        "id:9C1F",
        "version:2.0",
        "size:2g",
        "size:2GB",
        "size>=2048m",
        "size>1g",
        "age>2h",
        "age<4h",
        "left<1h1m",
        "left>=1h",
        "shell:yes",
        "idle:yes",
        "!state:ended",
        "!nothing",
        "!shell:no",
        '!"two words"',
        "state:running image:web size:2g age>2h left<2h shell:yes web",
    ],
)
def test_matches(text: str) -> None:
    assert parse_query(text).matches(FULL, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "absent",
        "!web",
        "state:suspended",
        "image:worker",
        "size:1g",
        "size<2g",
        "age<2h",
        "left<30m",
        "shell:no",
        "idle:no",
        "version:2",
        "web absent",
    ],
)
def test_does_not_match(text: str) -> None:
    assert not parse_query(text).matches(FULL, NOW)


@pytest.mark.parametrize("term", ["size:2g", "left<1h", "shell:yes", "idle:yes"])
def test_unknown_matches_neither_a_term_nor_its_negation(term: str) -> None:
    assert not parse_query(term).matches(BARE, NOW)
    assert not parse_query(f"!{term}").matches(BARE, NOW)


def test_an_ended_microvm_has_neither_age_nor_time_left() -> None:
    ended = make_row(state="TERMINATED", details=DETAILS)
    assert not parse_query("age>1s").matches(ended, NOW)
    assert not parse_query("left<99d").matches(ended, NOW)
    assert parse_query("state:ended").matches(ended, NOW)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("colour:red", "no field 'colour'"),
        ("web:2.0", '"web:2.0"'),
        ("state:", "lacks a value"),
        ("state:,", "lacks a value"),
        ("!", "needs a word"),
        ('"open', "closing"),
        ("name:'open", "closing"),
        ("state>running", "no order"),
        ("size:big", "not a size"),
        ("age:2h", "age>2h"),
        ("age>soon", "not a duration"),
        ("left<" + "9" * 400 + "h", "not a duration"),
        ("age>" + "9" * 5000, "not a duration"),
        ("shell:maybe", "yes or no"),
        ("shell>yes", "yes or no"),
    ],
)
def test_a_wrong_term_is_refused_with_the_way_to_write_it(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=re.escape(part)):
        parse_query(text)


def test_what_a_query_depends_on() -> None:
    assert parse_query("left<1h").needs_details
    assert parse_query("left<1h").changes_with_time
    assert parse_query("size:2g").needs_sizes
    plain = parse_query("web state:running")
    assert (plain.needs_details, plain.needs_sizes, plain.changes_with_time) == (False, False, False)


_FIELDS = ("state", "name", "id", "image", "version", "size", "age", "left", "idle", "shell", "other")
_VALUES = st.one_of(st.sampled_from(["2g", "1h", "yes", "web", '"a b"', "a,b", ""]), st.text(max_size=6))
_ALMOST = st.lists(
    st.one_of(
        st.builds(
            "".join,
            st.tuples(
                st.sampled_from(["", "!"]),
                st.sampled_from(_FIELDS),
                st.sampled_from([":", "=", ">", "<", ">=", "<="]),
                _VALUES,
            ),
        ),
        st.text(max_size=12),
    ),
    max_size=5,
).map(" ".join)


@given(st.one_of(st.text(), _ALMOST))
def test_any_text_parses_or_is_refused_with_a_sentence(text: str) -> None:
    try:
        query = parse_query(text)
    except ValueError as error:
        message = str(error)
    else:
        message = query.text or "everything"
        assert query.matches(FULL, NOW) in (True, False)
        assert query.matches(BARE, NOW) in (True, False)
    assert message
    assert len(message) <= max(200, len(text))
    assert clean(message) == message or message == text.strip()


@given(st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True))
def test_a_word_and_its_negation_divide_the_rows(word: str) -> None:
    assert parse_query(word).matches(FULL, NOW) is not parse_query(f"!{word}").matches(FULL, NOW)


_ROWS = st.lists(
    st.builds(
        make_row,
        state=st.sampled_from(["RUNNING", "PENDING", "SUSPENDED", "TERMINATED", "NOVEL"]),
        name=st.text(max_size=5),
        memory=st.sampled_from([None, 512, 2048]),
        age=st.timedeltas(timedelta(0), timedelta(days=2)),
        details=st.sampled_from([None, DETAILS]),
        vm_id=st.uuids().map(str),
    ),
    max_size=12,
)


@given(_ROWS, st.sampled_from(SORTABLE), st.booleans())
def test_sorting_keeps_every_row_and_puts_unknown_last(
    rows: list[FleetRow], column: str, reverse: bool
) -> None:
    ordered = sort_rows(rows, column, reverse)
    assert sorted(row.id for row in ordered) == sorted(row.id for row in rows)
    keys = [sort_key(column)(row) for row in ordered]
    known = [key for key in keys if key is not None]
    assert keys == known + [None] * (len(keys) - len(known))
    assert known == sorted(known, reverse=reverse)


def test_names_sort_by_their_numbers() -> None:
    rows = [make_row(name=name, vm_id=name) for name in ("web-10", "Web-2", "", "api-1")]
    assert [row.name for row in sort_rows(rows, "name")] == ["api-1", "Web-2", "web-10", ""]


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot sort by 'colour'"):
        sort_key("colour")
