"""Quotes, escapes and variables of a Dockerfile's line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.container.errors import BuildError
from mvm_tui.local.container.words import expand, words

VARIABLES = {"NAME": "web", "EMPTY": "", "DIR": "/app data"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("  a\tb  ", ["a", "b"]),
        ('"a b" c', ["a b", "c"]),
        ("a'b'\"c\"", ["abc"]),
        ("''", [""]),
        (r"a\ b", ["a b"]),
        (r'"a\"b\$c\d"', [r'a"b$c\d']),
        (r"'a\b$NAME'", [r"a\b$NAME"]),
        ("$NAME ${NAME}s", ["web", "webs"]),
        ("$DIR/x", ["/app data/x"]),
        ("$NONE.", ["."]),
        ("${NONE:-a} ${EMPTY:-b} ${EMPTY-c}", ["a", "b", ""]),
        ("${NAME:+x} ${EMPTY:+x}${EMPTY+y}", ["x", "y"]),
        ("${NONE:-$NAME}", ["web"]),
        (r"\$NAME", ["$NAME"]),
        ("a$", ["a$"]),
        ("${", ["${"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text, VARIABLES) == found


def test_another_escape_character() -> None:
    assert words("C:\\dir` x", {}, escape="`") == ["C:\\dir x"]


def test_one_word_keeps_its_spaces() -> None:
    assert expand(' a "b  c" $NAME ', VARIABLES).strip() == "a b  c web"


@pytest.mark.parametrize("text", ["'a", '"a', "a 'b\" c"])
def test_an_open_quote_is_refused(text: str) -> None:
    with pytest.raises(BuildError, match="not closed"):
        words(text, {})


@given(st.text(), st.sampled_from(["\\", "`"]))
def test_nothing_else_raises(text: str, escape: str) -> None:
    try:
        found = words(text, VARIABLES, escape=escape)
    except BuildError:
        return
    assert all(isinstance(word, str) for word in found)


@given(st.lists(st.text(st.characters(exclude_characters="'"), min_size=1)))
def test_what_is_in_single_quotes_comes_as_it_is(given_words: list[str]) -> None:
    assert words(" ".join(f"'{word}'" for word in given_words), VARIABLES) == given_words
