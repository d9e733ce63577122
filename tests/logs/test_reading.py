"""What lines tell: levels, JSON, traces, snapshots; and how they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.logs.boots import Boots, boot_of
from mvm_tui.logs.highlight import Highlighter, Span
from mvm_tui.logs.json_lines import DEEPEST, parse_json_line
from mvm_tui.logs.levels import Level, level_of
from mvm_tui.logs.lines import IN_UTC, OFF, RELATIVE, LineForm, iso, record
from mvm_tui.logs.order import Batch
from mvm_tui.logs.ring import Ring
from mvm_tui.logs.traces import grouped
from mvm_tui.model.log_event import LogEvent, LogSource, in_bounds, milliseconds, moment_of, vm_of_stream
from tests.logs.made import event

VM = "microvm-9c1f0000-1111-2222-3333-444444444444"


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("INFO hello", Level.INFO),
        ("2026-11-25 14:21:07 [error] broken", Level.ERROR),
        ("warning: disk is full", Level.WARN),
        ('{"level":"debug","msg":"an ERROR in text"}', Level.DEBUG),
        ('{"level":50,"msg":"x"}', Level.ERROR),
        ("time=1 severity=CRITICAL msg=x", Level.FATAL),
        ('{"Timestamp":"x","Level":"Error"}', Level.ERROR),
        ("LEVEL=warning slow", Level.WARN),
        ("\x1b[31mFATAL\x1b[0m down", Level.FATAL),
        ("GET /errors 200", None),
        ("no level here", None),
        ("", None),
        ("x" * 300 + " ERROR", None),
    ],
)
def test_levels(message: str, level: Level | None) -> None:
    assert level_of(message) is level


def test_a_json_line_shows_its_message_and_its_other_members() -> None:
    line = parse_json_line('{"ts": 1, "level": "info", "msg": "done", "job": 3, "tags": ["a"]}\n')
    assert line is not None
    assert (line.time, line.level, line.message) == ("1", "info", "done")
    assert line.fields == (("job", "3"), ("tags", '["a"]'))
    assert line.pretty().splitlines()[1] == '  "ts": 1,'


@pytest.mark.parametrize(
    "message", ["", "text", "[1, 2]", "{broken}", "{", '{"a":' * 5_000 + "1" + "}" * 5_000]
)
def test_other_lines_are_text(message: str) -> None:
    assert parse_json_line(message) is None


@pytest.mark.parametrize("depth", [32, 100, 900, 960, 5_000])
def test_no_depth_of_a_json_line_is_too_much(depth: int) -> None:
    line = parse_json_line('{"a":' + "[" * depth + "1" + "]" * depth + "}")
    assert (line is not None) is (depth <= DEEPEST)
    if line is not None:
        assert line.pretty()


TRACE = [
    "Traceback (most recent call last):",
    '  File "app.py", line 3, in main',
    "    raise ValueError(1)",
    "ValueError: 1",
]


def test_a_trace_is_one_group_and_other_streams_do_not_disturb_it() -> None:
    events = [event("before", 0)]
    for n, line in enumerate(TRACE):
        events += [event(line, n + 1), event(f"other {n}", n + 1, stream="t")]
    events += [event("after", 6), event("  set in, but much later", 60_000)]
    groups = [[one.message for one in group] for group in grouped(events)]
    assert TRACE in groups
    assert ["after"] in groups
    assert ["  set in, but much later"] in groups
    assert sum(map(len, groups)) == len(events)


def test_java_frames_belong_together() -> None:
    lines = [
        "java.lang.IllegalStateException: x",
        "\tat a.B.c(B.java:1)",
        "Caused by: y",
        "\t... 3 more",
        "next",
    ]
    groups = [
        [one.message for one in group] for group in grouped(event(one, n) for n, one in enumerate(lines))
    ]
    assert groups == [lines[:4], ["next"]]


def test_a_run_hook_tells_the_snapshot_and_who_shares_it() -> None:
    boots = Boots()
    other = f"{VM[:-1]}5"
    boots.take(
        [
            event('{"hook": "run", "bootId": "b-4711", "host": "graviton4"}', stream=f"2026/11/25[1.0]{VM}"),
            event("run hook: boot_id=b-4711", stream=f"2026/11/25[1.0]{other}"),
            event("run hook: boot_id=b-9999", stream=f"2026/11/25[1.0]{VM[:-1]}6"),
            event("BOOT_ID=b-9998", stream=f"2026/11/25[1.0]{VM[:-1]}8"),
            event("reboot in 5", stream=f"2026/11/25[1.0]{VM[:-1]}7"),
        ]
    )
    assert str(boots.of(VM)) == "b-4711 (Graviton 4)"
    assert boots.mates(VM) == {other}
    assert boots.of(f"{VM[:-1]}7") is None
    assert str(boots.of(f"{VM[:-1]}8")) == "b-9998"
    assert boots.mates("unknown") == frozenset()
    assert boot_of("bootId") is None


@pytest.mark.parametrize(
    ("stream", "vm"),
    [
        (f"2026/11/25[2.0]{VM}", VM),
        (VM, VM),
        (f"{VM}/stdout", VM),
        ("2026/11/25[2.0]mvm-12ab", "mvm-12ab"),
        ("shared", ""),
        ("build/[x]", ""),
        (f"x-{VM}", ""),
    ],
)
def test_streams_tell_their_microvm(stream: str, vm: str) -> None:
    assert vm_of_stream(stream) == vm


def hostile() -> LogEvent:
    when = milliseconds(datetime(2026, 11, 25, 14, 21, 7, 123_000, tzinfo=UTC))
    text = "a\x1b]52;c;eA==\x07b\x00\u202e\x1b[2J\nERROR forged line\ttab\n"
    return LogEvent(when, when, text, LogSource.of("/g", f"2026/11/25[2.0]{VM}"), 7)


def test_a_line_of_text_is_harmless_and_cannot_pass_for_two() -> None:
    line = LineForm(IN_UTC, source=True).line(hostile(), datetime.now(UTC))
    assert line == f"2026-11-25T14:21:07.123Z  {VM}  ab\n    ERROR forged line\ttab"


def test_timestamps_as_asked_for() -> None:
    now = hostile().when + timedelta(minutes=3)
    assert LineForm(RELATIVE).time(hostile(), now) == "3m ago"
    assert LineForm(OFF).line(event("only text"), now) == "only text"
    assert LineForm(zone=UTC).time(hostile(), now) == "2026-11-25 14:21:07.123"


def test_a_record_holds_what_is_known_and_none_for_the_rest() -> None:
    assert record(hostile()) == {
        "event_id": f"{7:056d}",
        "timestamp": "2026-11-25T14:21:07.123Z",
        "group": "/g",
        "stream": f"2026/11/25[2.0]{VM}",
        "vm": VM,
        "message": hostile().message,
    }
    assert record(event("x"))["event_id"] is None
    assert record(event("x"))["vm"] is None


@pytest.mark.parametrize("timestamp", [-(1 << 62), -1, 1 << 43, 1 << 62])
@pytest.mark.parametrize("hours", [-12, 14])
def test_a_timestamp_that_no_calendar_holds_is_written_and_kept(timestamp: int, hours: int) -> None:
    one = LogEvent(in_bounds(timestamp), 0, "x", LogSource.of("/g", "s"))
    assert LineForm(zone=timezone(timedelta(hours=hours))).line(one, datetime.now(UTC)).endswith("  x")
    ring = Ring()
    ring.add(Batch((one,)))
    assert [row.event for row in ring.rows(0, 9)] == [one]


@given(st.integers(-(1 << 62), 1 << 62))
def test_every_timestamp_has_a_text(timestamp: int) -> None:
    assert iso(timestamp).endswith("Z")
    assert moment_of(timestamp).tzinfo is not None


def test_rules_mark_what_they_find_and_a_bad_one_is_named() -> None:
    rules = Highlighter({"(": "red", r"\d+": "cyan", "(a+)+$": "blue", "err": "red"})
    assert len(rules.complaints) == 1
    assert rules.spans("err 42") == [Span(4, 6, "cyan"), Span(0, 3, "red")]
    assert rules.spans("err" + "a" * 5_000 + "b") == [Span(0, 3, "red")]
    assert "(a+)+$" in rules.complaints[1]
    assert rules.spans("err") == [Span(0, 3, "red")]
