"""Text from outside can neither move the cursor nor turn the line round nor fill the screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.text import BLOCK_LIMIT, clean, clean_block, without_controls

# What would do harm, mixed with what is harmless, so that sequences come about.
HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            list("\x1b\x9b\x9d\x90\x07\\[]?;0123mHJKPX^_\u202e\u2066\u200b\ufeff\u0301\r\n\t\x00 a")
        ),
        st.characters(),
    ),
    max_size=400,
)
# Categories that draw nothing of their own: controls, formats, surrogates, separators of lines.
UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def unsafe(text: str, allowed: str = "") -> list[str]:
    return [
        character
        for character in text
        if character not in allowed and (unicodedata.category(character) in UNSAFE or character in BIDI)
    ]


@given(HOSTILE)
def test_a_line_holds_nothing_that_acts(text: str) -> None:
    assert unsafe(clean(text)) == []


@given(HOSTILE)
def test_a_block_holds_nothing_that_acts_but_newlines_and_tabs(text: str) -> None:
    assert unsafe(clean_block(text), allowed="\n\t") == []


@given(HOSTILE, st.integers(min_value=1, max_value=60))
def test_the_length_is_bounded(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit
    assert len(clean_block(text, limit)) <= limit


@given(HOSTILE)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = clean_block(text)
    assert clean_block(once) == once
    line = clean(text)
    assert clean(line) == line


@given(
    st.text(alphabet=st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f"), max_size=80)
)
def test_ordinary_text_is_not_touched(text: str) -> None:
    invisible = set("\u115f\u1160\u3164\uffa0")
    if not invisible & set(text):
        assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]8;;http://evil.test\x07link\x1b]8;;\x07", "link"),
        ("\x1b]52;c;c2VjcmV0\x1b\\after", "after"),
        ("\x1bPdevice\x1b\\after", "after"),
        ("\x1b]0;never ends", "0;never ends"),
        ("\x1bc", ""),
        ("one\r\ntwo\tthree", "one two three"),
        ("moc.live\u202e.exe", "moc.live.exe"),
        ("zero\u200bwidth", "zerowidth"),
        (None, "None"),
        (17, "17"),
    ],
)
def test_examples(raw: object, shown: str) -> None:
    assert clean(raw) == shown


def test_marks_that_pile_up_are_cut() -> None:
    assert clean("a" + "\u0301" * 500) == "a" + "\u0301" * 8
    assert clean("e\u0301") == "e\u0301"


def test_long_text_is_cut_and_says_so() -> None:
    assert clean("x" * 50, 10) == "x" * 9 + "…"
    block = clean_block("y" * (BLOCK_LIMIT + 5))
    assert len(block) == BLOCK_LIMIT
    assert block.endswith("…")
    assert clean("\x1b[1m" * 100_000 + "end", 10).endswith("…")


def test_a_paste_loses_its_controls_and_nothing_else() -> None:
    assert without_controls("a\x1b[31m\tb\r\n\x07\x9bc \u200d\u202e") == "a[31m\tb\r\nc \u200d\u202e"
