from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.operations.cursors import BadCursor, decode_cursor, encode_cursor, page_at

# Names from JSON may hold lone surrogates, which plain UTF-8 cannot write.
ANY_TEXT = st.text(st.characters(), max_size=40)


@given(ANY_TEXT)
def test_a_cursor_is_safe_in_a_url_and_read_back(place: str) -> None:
    cursor = encode_cursor(place)
    assert re.fullmatch(r"[A-Za-z0-9_-]*", cursor)
    assert decode_cursor(cursor) == place


@given(ANY_TEXT)
def test_any_text_is_a_cursor_or_is_refused(text: str) -> None:
    try:
        page, _ = page_at([1, 2, 3], text, 2)
    except BadCursor:
        return
    assert len(page) <= 2


@given(st.lists(st.integers(), max_size=20), st.integers(1, 6))
def test_pages_are_the_whole_list(items: list[int], limit: int) -> None:
    cursor: str | None = None
    read: list[int] = []
    while True:
        page, cursor = page_at(items, cursor, limit)
        read += page
        if cursor is None:
            break
        assert len(page) == limit
    assert read == items


@pytest.mark.parametrize(
    "cursor", ["", "x", encode_cursor("at:"), encode_cursor("at:-1"), encode_cursor("2")]
)
def test_other_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        page_at([1, 2, 3], cursor, 2)
