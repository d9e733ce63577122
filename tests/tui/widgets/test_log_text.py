"""Colours of log lines: plain SGR becomes a style, everything else is harmless."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.styles import Style
from mvm_tui.model.text import clean
from mvm_tui.tui.widgets.log_text import Styled, styled_lines

LIMIT = 16_384


def only(message: str) -> Styled:
    (line,) = styled_lines(message, LIMIT)
    return line


def test_plain_text_has_no_spans() -> None:
    assert only("GET /items 200") == Styled("GET /items 200")


def test_colours_become_styles_and_end_where_they_end() -> None:
    line = only("\x1b[1;31mERROR\x1b[0m it \x1b[4mbroke")
    assert line.text == "ERROR it broke"
    assert line.spans == ((0, 5, Style(foreground=1, bold=True)), (9, 14, Style(underline=True)))


def test_nothing_but_colours_has_an_effect() -> None:
    hostile = "a\x1b[2J\x1b]52;c;aGk=\x07\x1b[?1049h\x1bPq\x1b\\\x1b[10;10Hb\x00c\x9b31md"
    hostile += "\u202ee\ufefff\ud800g\x1b[5mh\x1b[8mi"
    assert only(hostile).text == "abcdefghi"


def test_lines_tabs_and_returns() -> None:
    lines = styled_lines("one\ttab\r\n\x1b[32mtwo\nthree\x1b[0m\rfour\n", LIMIT)
    assert [line.text for line in lines] == ["one     tab", "two", "three four"]
    assert lines[1].spans == ((0, 3, Style(foreground=2)),)


def test_a_line_of_a_megabyte_is_looked_at_as_far_as_the_limit() -> None:
    assert len(only("x" * 1_000_000).text) == LIMIT
    assert len(only("\x1b[31m\x1b[32mx" * 100_000).spans) <= 1_001


_AWKWARD = st.sampled_from("\x1b[]m;:0123\x07\x9b\r\n\t\u202e\u0301")


@given(st.text(alphabet=st.characters() | _AWKWARD, max_size=400))
def test_any_text_is_safe_and_its_spans_are_inside(message: str) -> None:
    for line in styled_lines(message, LIMIT):
        assert clean(line.text, LIMIT) == line.text
        ends = [0]
        for start, end, _ in line.spans:
            assert ends[-1] <= start < end <= len(line.text)
            ends.append(end)
