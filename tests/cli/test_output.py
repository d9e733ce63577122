"""What reaches stdout: aligned, harmless, valid."""

from __future__ import annotations

import fcntl
import io
import json
import signal
import subprocess
import sys
import termios
import unicodedata
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mvm_tui.cli.output import JSON, NDJSON, TABLE, emit_list, emit_object, say
from tests.cli.runs import wait_until

_values = st.none() | st.booleans() | st.integers() | st.text()
_records = st.lists(st.dictionaries(st.text(min_size=1, max_size=5), _values, max_size=4), max_size=5)

TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def harmless(text: str) -> bool:
    """No control, no lone surrogate, no line separator, nothing that turns the direction of reading."""
    return not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for character in text.replace("\n", "")
    )


@given(_records)
@example([{"\x7f": "\x7f", "€": "\x7f"}])
def test_json_and_ndjson_say_the_same_and_cannot_steer_a_terminal(records: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stdout", stream)
        emit_list(JSON, records, (), ())
        as_list = stream.getvalue()
        emit_list(NDJSON, records, (), ())
        as_lines = stream.getvalue()[len(as_list) :]
    assert json.loads(as_list) == records == [json.loads(line) for line in as_lines.splitlines()]
    assert as_list.isascii()
    assert harmless(as_list + as_lines)


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=1, max_size=5))
def test_a_table_has_one_harmless_line_per_row(rows: list[tuple[str, str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stdout", stream)
        emit_list(TABLE, (), ("A", "B", "C"), rows)
    assert stream.getvalue().count("\n") == len(rows) + 1
    assert harmless(stream.getvalue())


def test_columns_line_up_under_wide_and_combining_characters(capsys: pytest.CaptureFixture[str]) -> None:
    emit_list(TABLE, (), ("NAME", "STATE"), [("日本", "on"), ("e\u0301a", "on"), ("abcd", "on")])
    assert capsys.readouterr().out.splitlines() == ["NAME  STATE", "日本  on", "e\u0301a    on", "abcd  on"]


def test_one_object_and_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    emit_object(JSON, {"a": None}, ())
    emit_object(NDJSON, {"a": "\x7f"}, ())
    emit_object(TABLE, {"a": None}, [("a", "none"), ("long", "x")])
    emit_list(JSON, [], (), ())
    assert capsys.readouterr().out == '{\n  "a": null\n}\n{"a": "\\u007f"}\na     none\nlong  x\n[]\n'


def test_talk_goes_to_stderr_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    say("two\nlines\x1b[2J")
    assert capsys.readouterr() == ("", "two\nlines\n")


_INTERRUPTED = """
import signal
from mvm_tui.cli.output import say, say_from_handler
signal.signal(signal.SIGUSR1, lambda number, frame: say_from_handler("now"))
for _ in range(17):
    say("x" * 4_095)
"""
# Sixteen pages: the seventeenth write waits for a reader.
_FULL_PIPE = 65_536


def test_a_signal_that_comes_while_something_is_said_can_speak() -> None:
    # An environment that asks for unbuffered streams would prove nothing.
    command = [sys.executable, "-E", "-c", _INTERRUPTED]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        held = array("i", [0])

        def waits() -> bool:
            assert process.stderr is not None
            fcntl.ioctl(process.stderr.fileno(), termios.FIONREAD, held)
            asleep = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"
            return held[0] == _FULL_PIPE and asleep

        wait_until(waits)
        process.send_signal(signal.SIGUSR1)
        said = process.stderr.read().decode()
    assert (process.returncode, said.count("x\n"), said.count("now\n")) == (0, 17, 1), said[-2_000:]
