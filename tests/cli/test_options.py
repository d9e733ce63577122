"""The verb may stand behind options, whatever their values look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.cli.options import verb_first

VERBS = ("ls", "run")
VALUED = ("--profile", "-o")
_values = st.sampled_from([*VERBS, "x", "--flag"])


@given(st.lists(st.tuples(st.sampled_from(VALUED), _values), max_size=4), st.lists(_values, max_size=3))
def test_the_first_word_that_is_no_value_is_the_verb(pairs: list[tuple[str, str]], rest: list[str]) -> None:
    options = [word for pair in pairs for word in pair]
    assert verb_first([*options, "ls", *rest], VERBS, VALUED) == ["ls", *options, *rest]


@pytest.mark.parametrize(
    "arguments", [[], ["--profile"], ["-o", "ls"], ["--", "ls"], ["--flag", "nothing"], ["--profile=ls"]]
)
def test_without_a_verb_nothing_moves(arguments: list[str]) -> None:
    assert verb_first(arguments, VERBS, VALUED) == arguments


def test_an_option_of_the_verb_may_stand_before_it() -> None:
    assert verb_first(["--state", "running", "ls", "x"], VERBS, VALUED) == ["ls", "--state", "running", "x"]
