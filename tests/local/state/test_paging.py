from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.state.paging import Cursors, cut_page
from mvm_tui.local.wire.errors import ServiceError

CURSORS = Cursors(b"key of a run")


@given(st.text(max_size=40), st.integers(0, 2**48 - 1))
def test_a_cursor_reads_back_and_is_safe_in_a_url(scope: str, position: int) -> None:
    cursor = CURSORS.write(scope, position)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
    assert CURSORS.read(scope, cursor) == position


@given(st.text(max_size=40))
def test_any_other_text_is_refused_without_a_message(text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        CURSORS.read("listing", text)
    assert (refused.value.code, refused.value.status) == ("ValidationException", 400)
    assert refused.value.body() == {"message": None}


@given(st.integers(0, 2**48 - 1), st.text(max_size=10), st.text(max_size=10))
def test_a_cursor_is_good_for_its_own_listing_only(position: int, one: str, other: str) -> None:
    cursor = CURSORS.write(one, position)
    if one == other:
        assert CURSORS.read(other, cursor) == position
    else:
        with pytest.raises(ServiceError):
            CURSORS.read(other, cursor)


def test_a_cursor_of_another_run_is_refused() -> None:
    with pytest.raises(ServiceError):
        CURSORS.read("listing", Cursors(b"another key").write("listing", 50))


def test_without_a_cursor_a_listing_starts_at_its_start() -> None:
    assert CURSORS.read("listing", None) == 0


@given(st.sets(st.integers(0, 500)), st.integers(1, 50))
def test_pages_give_everything_once_and_in_order(numbers: set[int], size: int) -> None:
    entries = [(number, str(number)) for number in sorted(numbers)]
    read: list[str] = []
    position: int | None = 0
    while position is not None:
        page, position = cut_page(entries, position, size)
        assert len(page) <= size
        read += page
    assert read == [text for _, text in entries]


@given(st.sets(st.integers(0, 100), min_size=1), st.data())
def test_what_is_removed_between_two_pages_hides_nothing_else(numbers: set[int], data: st.DataObject) -> None:
    entries = [(number, number) for number in sorted(numbers)]
    first, position = cut_page(entries, 0, 3)
    gone = data.draw(st.sets(st.sampled_from(sorted(numbers))))
    left = [entry for entry in entries if entry[0] not in gone]
    rest = cut_page(left, position, 1000)[0] if position is not None else []
    assert set(first) | set(rest) >= numbers - gone
