"""The filter language of logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.patterns import SEARCHED, Pattern, TooSlow
from mvm_tui.logs.query import parse_filter
from mvm_tui.model.log_event import LogEvent, LogSource, milliseconds

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
STREAM = "2026/11/25[2.0]microvm-9c1f0000-0000-0000-0000-000000000000"


def line(message: str, minutes_ago: float = 0, stream: str = STREAM) -> LogEvent:
    when = milliseconds(NOW - timedelta(minutes=minutes_ago))
    return LogEvent(when, when, message, LogSource.of("/g", stream))


LINES = [
    line("GET /items 200 3ms", 20),
    line("ERROR GET /items 500", 10),
    line('{"level": "warn", "msg": "slow health check"}', 5),
    line("Traceback follows", 4, "other"),
    line("DEBUG time out of 3", 1),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("get", [0, 1]),
        ("get items", [0, 1]),
        ('"items 5"', [1]),
        ("!get", [2, 3, 4]),
        (r"/\b5\d\d\b/", [1]),
        ("/TIME ?out/i", [4]),
        ("!/GET|time/", [2, 3]),
        ("/items /", [0, 1]),
        (r"/\/items/", [0, 1]),
        ("level:error", [1]),
        ("level>=warn", [1, 2]),
        ("!level:error", [2, 4]),
        ("stream:other", [3]),
        ("vm:9C1F get", [0, 1]),
        ("!vm:9c1f", []),
        ("after:14:20", [1, 2, 3, 4]),
        ("after:14:20 before:14:26", [1, 2]),
        ("before:2026-11-25T14:15:00Z", [0]),
        ("last:5m", [2, 3, 4]),
        ("last:5m !level:debug", [2]),
        ("last:700000d", [0, 1, 2, 3, 4]),
    ],
)
def test_terms(text: str, expected: list[int]) -> None:
    wanted = parse_filter(text, NOW)
    assert wanted.select(LINES) == expected
    assert [index for index, one in enumerate(LINES) if wanted.matches(one)] == expected
    assert bool(wanted) is bool(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("level:loud", "no level"),
        ("level:", "lacks a value"),
        ("!", "needs a word"),
        ("colour:red", "no field"),
        ('"open', "closing"),
        ("/(/", "no regular expression"),
        ("after:noon", "no time"),
        ("last:soon", "not a duration"),
        ("last:999999999999d", "longer ago"),
        ("stream>a", "use a colon"),
        ("/" + "x" * 2_000 + "/", "longer than"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_filter(text, NOW)


def test_times_of_the_day_are_those_of_the_zone() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert parse_filter("after:23:20", tokyo).select(LINES) == [1, 2, 3, 4]


def test_a_pattern_that_never_ends_is_named_and_can_be_left_out() -> None:
    wanted = parse_filter("error /(a+)+$/", NOW)
    trap = line("error " + "a" * 5_000 + "b")
    with pytest.raises(TooSlow) as caught:
        wanted.select([*LINES, trap])
    assert "/(a+)+$/" in str(caught.value)
    assert wanted.without(caught.value).select([*LINES, trap]) == [1, 5]


def test_only_the_beginning_of_a_huge_line_is_searched() -> None:
    assert Pattern("needle").found("x" * (SEARCHED - 6) + "needle")
    assert not Pattern("needle").found("x" * SEARCHED + "needle")
    assert Pattern("needle").found_in(["x" * 1_000_000 + "needle", "needle"]) == [1]


_EXPRESSIONS = st.sampled_from(
    [
        r"b\s*a",
        r"[^a]+b",
        r"^a",
        r"b$",
        r"^$",
        r"\Aa",
        r"b\Z",
        r"a(?!\s)",
        r"(?<=a)b",
        r"a(?=\s|$)",
        r"(?<![\s])b",
        r"(?=(?!\n)[ab])",
        r"\s*+b",
        r"(?s)a.*b",
        r"a.b",
        r"\bab\b",
        r"\B",
        r"(a|b){2,}",
        r"(?i)AB",
        r"\n",
        r"(?>a*)b",
        r"(?x) a b # ab",
        r"",
    ]
)


@given(_EXPRESSIONS, st.lists(st.text("ab \n", max_size=8), max_size=12))
def test_a_batch_gives_what_its_events_give_one_by_one(expression: str, texts: list[str]) -> None:
    pattern = Pattern(expression)
    assert pattern.found_in(texts) == [index for index, text in enumerate(texts) if pattern.found(text)]


def test_spans_are_where_it_is_found() -> None:
    assert Pattern(r"\d+").spans("a 12 b 345") == [(2, 4), (7, 10)]
    assert Pattern("x*").spans("ab") == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("error", '?"error" ?"ERROR" ?"Error"'),
        ('level:error "a b" /x/ !lengthy', '?"a b" ?"A B" ?"A b"'),
        ("500", '"500"'),
        (r'say"\hi', r'?"say\"\\hi" ?"SAY\"\\HI" ?"Say\"\\hi"'),
        ("level:error /x/ !no", ""),
    ],
)
def test_what_the_service_can_look_for(text: str, pattern: str) -> None:
    assert parse_filter(text, NOW).server_pattern() == pattern
