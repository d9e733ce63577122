"""Members of answers, whatever they hold; lists to their last page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.aws.wire import listing, moment, text, texts, whole
from mvm_tui.model.errors import GatewayFault

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "value",
    [
        NOON.timestamp(),
        int(NOON.timestamp()),
        str(NOON.timestamp()),
        "2026-11-01T12:00:00Z",
        "2026-11-01T12:00:00",
        "2026-11-01T13:00:00+01:00",
        "2026-11-01T13:00:00.000+0100",
    ],
)
def test_moments(value: object) -> None:
    assert moment(value) == NOON


@pytest.mark.parametrize("value", [None, "", "soon", [], {}, -1, 1e300, "1e300", float("nan"), float("inf")])
def test_what_is_no_moment_is_unknown(value: object) -> None:
    assert moment(value) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1)))
def test_moments_keep_their_fractions(when: datetime) -> None:
    aware = when.replace(tzinfo=UTC)
    assert moment(aware.isoformat()) == aware
    read = moment(aware.timestamp())
    assert read is not None
    assert abs(read - aware) < timedelta(milliseconds=1)


@given(JSON)
def test_members_of_any_kind_are_read_without_failing(value: object) -> None:
    members = {"a": value}
    assert isinstance(text(members, "a"), str)
    assert whole(members, "a") is None or isinstance(whole(members, "a"), int)
    assert all(isinstance(item, str) for item in texts(members, "a"))
    assert moment(value) is None or isinstance(moment(value), datetime)


def read_all(pages: Mapping[str, dict[str, Any]]) -> list[list[Any]]:
    return list(listing("List", lambda more: pages[more.get("nextToken", "")], "items"))


def test_a_list_is_read_to_its_last_page() -> None:
    pages: dict[str, dict[str, Any]] = {
        "": {"items": [{"id": 1}], "nextToken": "a"},
        "a": {"items": [], "nextToken": "b"},
        "b": {"items": [{"id": 2}, None, "odd"], "nextToken": None},
    }
    assert read_all(pages) == [[{"id": 1}], [], [{"id": 2}]]


@pytest.mark.parametrize("page", [{}, {"items": None}, {"items": [], "nextToken": ""}])
def test_a_page_without_items_is_empty(page: dict[str, Any]) -> None:
    assert read_all({"": page}) == [[]]


@pytest.mark.parametrize("cycle", [("a", "a"), ("a", "b", "a"), ("a", "b", "c", "b")])
def test_tokens_that_come_again_end_the_list_with_an_error(cycle: tuple[str, ...]) -> None:
    tokens = iter((*cycle, *cycle))
    pages = listing("List", lambda _: {"items": [{"id": 1}], "nextToken": next(tokens)}, "items")
    for _ in cycle:
        assert next(pages) == [{"id": 1}]
    with pytest.raises(GatewayFault, match="does not end"):
        next(pages)
