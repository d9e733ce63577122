from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local.log_patterns import PatternError, parse_pattern

EVENT = {
    "level": "error",
    "status": 404,
    "latency": 12.5,
    "code": "404",
    "ok": False,
    "done": True,
    "nothing": None,
    "path": "/items/17?x=y",
    "user": {"id": 1, "email": "ada@example.com", "first-name": "Ada"},
    "list": [{"id": 1, "flag": "a"}, {"id": 2, "flag": "b"}],
    "tags": ["red", "green"],
    "a.b": "dotted",
}


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("", "anything", True),
        ("   ", "anything", True),
        ('" "', "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR disk", "disk ERROR", True),
        ("ERROR disk", "ERROR", False),
        ('"disk full"', "the disk full again", True),
        ('"disk full"', "full disk", False),
        (r'"say \"hi\""', 'they say "hi" twice', True),
        ('"user:ada"', "user:ada", True),
        ("ERROR -disk", "ERROR net", True),
        ("ERROR -disk", "ERROR disk", False),
        ('-"disk full"', "disk full", False),
        ("-disk", "net", True),
        ("?ERROR ?WARN", "WARN", True),
        ("?ERROR ?WARN", "INFO", False),
        ('?"out of" ?WARN', "out of memory", True),
        ("?ERROR ?WARN REQUEST", "REQUEST", True),
        ("?ERROR ?WARN REQUEST", "ERROR", False),
    ],
)
def test_plain_text_patterns(pattern: str, message: str, expected: bool) -> None:
    assert parse_pattern(pattern)(message) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.level = "error" }', True),
        ("{$.level=error}", True),
        ('{ $.level = "err*" }', True),
        ('{ $.level = "*ro*" }', True),
        ('{ $.level = "*rr*rr*" }', False),
        ('{ $.level != "info" }', True),
        ('{ $.level != "error" }', False),
        ('{ $.missing != "info" }', False),
        ("{ $.status = 404 }", True),
        ("{ $.status = 4.04e2 }", True),
        ("{ $.status = 4* }", True),
        ("{ $.status != 500 }", True),
        ("{ $.status >= 404 }", True),
        ("{ $.status > 404 }", False),
        ("{ $.status < 500 && $.latency <= 12.5 }", True),
        ("{ $.code = 404 }", True),
        ("{ $.code > 1 }", False),
        ("{ $.latency > -1 }", True),
        ("{ $.ok IS FALSE }", True),
        ("{ $.ok IS TRUE }", False),
        ("{ $.done IS TRUE }", True),
        ("{ $.done = true }", True),
        ("{ $.nothing IS NULL }", True),
        ("{ $.missing IS NULL }", False),
        ("{ $.nothing = null }", False),
        ("{ $.missing NOT EXISTS }", True),
        ("{ $.nothing NOT EXISTS }", False),
        ("{ $.user.id = 1 }", True),
        ('{ $.user.email = "*@example.com" }', True),
        ('{ $.user.first-name = "Ada" }', True),
        ("{ $.list[1].id = 2 }", True),
        ("{ $.list[2].id = 2 }", False),
        ('{ $.list[*].flag = "b" }', True),
        ('{ $.list[*].flag = "c" }', False),
        ("{ $.tags[0] = red }", True),
        ("{ $.tags = red }", False),
        ("{ $.['a.b'] = dotted }", True),
        ('{ $["a.b"] = dotted }', True),
        ('{ ($.user.id = 2 || $.level = "error") && $.status = 404 }', True),
        ('{ $.user.id = 2 || $.level = "error" && $.status = 500 }', False),
        ('{ $.path = "/items/17?x=y" }', True),
    ],
)
def test_json_patterns(pattern: str, expected: bool) -> None:
    assert parse_pattern(pattern)(json.dumps(EVENT)) is expected


@pytest.mark.parametrize("message", ["level=error", "", "17", '"error"', '{"level": "error"', "[" * 5000])
def test_a_message_that_is_no_json_document_never_matches_a_json_pattern(message: str) -> None:
    assert parse_pattern('{ $.level != "x" }')(message) is False


@pytest.mark.parametrize(
    "pattern",
    [
        "{", "{}", "{ $ }", "{ $.a }", "{ $.a = }", "{ $.a = 1 } x", "{ $.a = 1 && }", "{ ($.a = 1 }",
        "{ $.a < x }", '{ $.a > "1" }', "{ $.a IS MAYBE }", "{ a = 1 }", '{ $.a = "x }', "{ $.a = %x% }",
        "[ip, user]", "user@example.com", '"open', 'a"b"', "%regex%", "-", "?", "x" * 1025,
        "{ " + "(" * 40 + "$.a = 1" + ")" * 40 + " }",
    ],
)  # fmt: skip
def test_invalid_patterns_say_so(pattern: str) -> None:
    with pytest.raises(PatternError, match="Invalid filter pattern"):
        parse_pattern(pattern)


PIECES = st.sampled_from(
    ["{", "}", "(", ")", "[", "]", " ", "$.a", "$.b[0]", "$[*]", "=", "!=", "<", "&&", "||", "1", "x", '"']
) | st.sampled_from(["\\", "*", "-", "?", "%", "IS", "NULL", "NOT", "EXISTS", "TRUE"])
PATTERNS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=30).map("".join),
    st.lists(PIECES, max_size=30).map(lambda pieces: "{ " + " ".join(pieces) + " }"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@given(PATTERNS, st.one_of(st.text(max_size=40), JSON.map(json.dumps)))
def test_any_text_is_a_pattern_or_is_refused(pattern: str, message: str) -> None:
    try:
        matches = parse_pattern(pattern)
    except PatternError:
        return
    assert matches(message) in (True, False)


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=4), st.text("ab", max_size=12))
def test_wildcards_match_what_a_regular_expression_would(parts: list[str], value: str) -> None:
    found = parse_pattern(f'{{ $.v = "{"*".join(parts)}" }}')(json.dumps({"v": value}))
    assert found is bool(re.fullmatch(".*".join(parts), value))
