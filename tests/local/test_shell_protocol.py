"""The shell's frames: one exact resize, and everything else is typed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.shell_protocol import Resize, parse_text, session_init

sizes = st.integers(0, 65_535)


def test_the_first_frame_is_written_as_the_service_writes_it() -> None:
    assert session_init().startswith('{"type":"session_init","session_id":"')
    assert session_init() != session_init()


@given(sizes, sizes)
def test_a_resize_is_one(columns: int, rows: int) -> None:
    members = {"type": "resize", "cols": columns, "rows": rows}
    for text in (json.dumps(members), json.dumps(members, separators=(",", ":"), sort_keys=True)):
        assert parse_text(text) == Resize(columns, rows)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"type":"resize"}',
        '{"type":"resize","cols":80}',
        '{"type":"resize","cols":80,"rows":24,"x":1}',
        '{"type":"resized","cols":80,"rows":24}',
        '{"type":["resize"],"cols":80,"rows":24}',
        '{"type":"resize","cols":-1,"rows":24}',
        '{"type":"resize","cols":80,"rows":65536}',
        '{"type":"resize","cols":1e3,"rows":24}',
        '{"type":"resize","cols":80.0,"rows":24}',
        '{"type":"resize","cols":true,"rows":24}',
        '{"type":"resize","cols":"80","rows":24}',
        '{"type":"resize","cols":null,"rows":24}',
        '{"type":"resize","cols":NaN,"rows":Infinity}',
        '{"type":"resize","cols":' + "9" * 5000 + ',"rows":24}',
        ' {"type":"resize","cols":80,"rows":24}',
        '{"type":"resize","cols":80,"rows":24}' + " " * 500,
        '{"a":' * 40,
        '{"type":"ping"}',
        '{"type":"session_init","session_id":"1"}',
    ],
)
def test_any_other_json_is_typed(text: str) -> None:
    assert parse_text(text) == text.encode()


@given(st.text())
def test_any_other_text_is_typed(text: str) -> None:
    assert parse_text(text) == text.encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(["type", "cols", "rows", "x"]), json_values | st.just("resize")))
def test_no_json_raises(members: dict[str, object]) -> None:
    text = json.dumps(members)
    assert parse_text(text) == text.encode() or members["type"] == "resize"
