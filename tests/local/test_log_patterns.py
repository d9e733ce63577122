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


ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code]", False),
        ("[ip, user, username, timestamp, request, status_code, bytes, more]", False),
        ("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", True),
        ("[ip, user, username, timestamp, request =*.png*, status_code = 4*, bytes]", False),
        ("[..., request =*.html*, status_code = 4*,]", False),
        ("[..., request =*.html*, status_code = 4*, bytes]", True),
        ("[ip, ..., bytes > 1000]", True),
        ("[ip, ..., bytes > 1534]", False),
        ("[ip, ..., bytes >= 1534 && bytes <= 1534.0]", True),
        ("[ip = 127.0.0.1, ...]", True),
        ('[ip = "127.0.0.1", ...]', True),
        ("[ip != 127.0.0.1, ...]", False),
        ("[..., status_code = 5* || status_code = 404, bytes]", True),
        ("[..., (status_code = 5* || status_code = 4*) && status_code != 404, bytes]", False),
        ("[..., status_code = *.0, bytes]", False),
        ("[..., status_code > abc, bytes]", None),
        ("[ip, user=%[PT]rod%, ...]", True),
        ("[ip, user=%^rod%, ...]", False),
        ("[ip, user!=%rod$%, ...]", False),
        ("[ip, a, b, when = *Oct*, ...]", True),
        ("[user < 5, ...]", False),
        ("[...]", True),
    ],
)
def test_space_delimited_patterns(pattern: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(PatternError):
            parse_pattern(pattern)
    else:
        assert parse_pattern(pattern)(ACCESS) is expected


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("%AUTHORIZED%", "authorized", False),
        ("%^[hc]at%", "hat on", True),
        ("%^[hc]at%", "a hat", False),
        ("%[hc]at$%", "a cat", True),
        ("%[hc]at$%", "cats", False),
        ("%[hc]at$%", "cat\n", False),
        ("%colou?r%", "color", True),
        ("%a{3,5}%", "aa", False),
        ("%a{3,5}%", "baaab", True),
        (r"%^\d{1,3}\.\d{1,3}$%", "127.0", True),
        (r"%\d%", "\u0663", False),
        ("%gra|ey%", "they", True),
        (r"%\x41B%", "AB", True),
        (r"%10\.10\.0\.1%", "10.10.0.1", True),
        (r"%10\.10\.0\.1%", "10x10x0x1", False),
        (r"%[^a]\s%", "b ", True),
        (r"%100\%%", "100% done", True),
        ("%[||]%", "|", True),
        ("%err% -%disk%", "err net", True),
        ("%err% -%disk%", "err disk", False),
        ("?%warn% ?ERROR", "ERROR", True),
        ("%a% b", "a b", True),
        ("{ $.level = %^err% }", json.dumps(EVENT), True),
        ("{ $.level != %^err% }", json.dumps(EVENT), False),
        ("{ $.status = %^4..$% }", json.dumps(EVENT), True),
        ("{ $.nothing = %x% }", json.dumps(EVENT), False),
    ],
)
def test_regular_expressions(pattern: str, message: str, expected: bool) -> None:
    assert parse_pattern(pattern)(message) is expected


@pytest.mark.parametrize("message", ["level=error", "", "17", '"error"', '{"level": "error"', "[" * 5000])
def test_a_message_that_is_no_json_document_never_matches_a_json_pattern(message: str) -> None:
    assert parse_pattern('{ $.level != "x" }')(message) is False


@pytest.mark.parametrize(
    "pattern",
    [
        "{", "{}", "{ $ }", "{ $.a }", "{ $.a = }", "{ $.a = 1 } x", "{ $.a = 1 && }", "{ ($.a = 1 }",
        "{ $.a < x }", '{ $.a > "1" }', "{ $.a IS MAYBE }", "{ a = 1 }", '{ $.a = "x }',
        "{ $.a = %x! }", "{ $.a < %x% }",
        "[", "[]", "[ip", "[ip,,user]", "[ip user]", "[..., a, ...]", "[a, b] c", "[a = 1, (b = 2]", "[a = ]",
        "[a = 1 || b = 2]", "[a < x]",
        "[$.a = 1]", '["a" = 1]', "[a = %(x)%]", "[a]]",
        "%regex", "%%", "%a b%", "%some!%", "%(a|b)%", "%é%", "%a**%", "%*%", "%a{3,1}%", "%[z-a]%", "%[%",
        "%a{%", r"%\q%", r"%\1%", "%a% %b% %c%", "{ $.a = %a% && $.b = %b% && $.c = %c% }",
        "[a = %a% || a = %b% || a = %c%]",
        "user@example.com", '"open', 'a"b"', "-", "?", "x" * 1025,
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
    st.lists(PIECES, max_size=30).map(lambda pieces: "[" + " ".join(pieces) + "]"),
    st.lists(PIECES, max_size=12).map(lambda pieces: "%" + "".join(pieces) + "%"),
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


WORD = st.text("abc.:*-", min_size=1, max_size=5)


@given(st.lists(WORD, min_size=1, max_size=6), st.integers(0, 5))
def test_a_pattern_names_each_field_once_and_dots_stand_for_any(words: list[str], dots: int) -> None:
    message = " ".join(words)
    names = [f"w{n}" for n in range(len(words))]
    assert parse_pattern(f"[{','.join(names)}]")(message)
    assert not parse_pattern(f"[{','.join([*names, 'more'])}]")(message)
    place = min(dots, len(words) - 1)
    shortened = [*names[:place], "...", *names[place + 1 :]]
    assert parse_pattern(f"[{','.join(shortened)}]")(message)


@given(st.text("abx1.", max_size=10), st.text("abx1.", min_size=1, max_size=6))
def test_an_expression_finds_what_python_s_would(message: str, expression: str) -> None:
    assert parse_pattern(f"%{expression}%")(message) is bool(re.search(expression, message))
