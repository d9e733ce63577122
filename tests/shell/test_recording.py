"""Recordings: what is in the file, and how it plays."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.clock import ManualClock
from mvm_tui.model.errors import Invalid, Unexpected
from mvm_tui.shell.recording import Recording
from mvm_tui.shell.replay import Cast, play
from mvm_tui.shell.session import ShellOptions
from mvm_tui.shell.sieve import Sieve
from tests.shell.servers import Service, a_vm, attached, echo_endpoint


def played(path: Path, *, speed: float = 1.0, idle_limit: float | None = None) -> tuple[str, list[float]]:
    """What a recording shows, and the pauses."""
    shown: list[str] = []
    pauses: list[float] = []
    with Cast(path) as cast:
        play(cast, Sieve(), shown.append, pauses.append, speed=speed, idle_limit=idle_limit)
    return "".join(shown), pauses


def write(path: Path, *events: object, **header: object) -> Path:
    lines = [{"version": 2, "width": 80, "height": 24, **header}, *events]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_recording_holds_output_and_sizes_readable_by_its_user_only(tmp_path: Path) -> None:
    clock = ManualClock()
    path = tmp_path / "one.cast"
    recording = Recording(path, 120, 40, clock)
    recording.output(b"\xce")
    clock.advance(1.5)
    recording.output(b"\xbb $ \xff")
    recording.resized(80, 24)
    recording.close()
    assert path.stat().st_mode & 0o777 == 0o600
    header, *events = map(json.loads, path.read_text().splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 120, 40)
    assert events == [[1.5, "o", "λ $ \ufffd"], [1.5, "r", "80x24"]]


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "one.cast"
    path.write_text("precious")
    with pytest.raises(Unexpected, match="exists already"):
        Recording(path, 80, 24, ManualClock())
    link = tmp_path / "link.cast"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unexpected, match="exists already"):
        Recording(link, 80, 24, ManualClock())
    with pytest.raises(Unexpected, match="not started"):
        Recording(tmp_path / "none" / "one.cast", 80, 24, ManualClock())
    assert path.read_text() == "precious"


async def test_a_session_records_what_is_printed_and_not_what_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "one.cast"
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint))
        async with attached(service, ShellOptions(watch_seconds=0)) as one:
            await one.until_open()
            one.session.send(b"before")
            await one.until(lambda: one.output == b"before")
            one.session.start_recording(path)
            assert one.session.recording == path
            one.session.send(b"during")
            await one.until(lambda: one.output.endswith(b"during"))
            assert one.session.stop_recording() == path
            one.session.send(b"after")
            await one.until(lambda: one.output.endswith(b"after"))
    assert played(path)[0] == "during"


def test_a_file_that_takes_no_more_ends_the_recording_with_a_reason(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "one.cast", 80, 24, ManualClock())
    recording.close()
    reader, writer = os.pipe()
    os.close(reader)
    recording._file = os.fdopen(writer, "w", buffering=1, encoding="utf-8")
    with pytest.raises(Unexpected, match="The recording ended"):
        recording.output(b"x")


def test_it_plays_in_its_own_time_without_what_answers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "one.cast",
        [0.5, "o", "a\x1b]52;c;"],
        [1.0, "o", "eA==\x07b\x1b[6n"],
        [1.0, "i", "typed"],
        [2.0, "r", "100x30"],
        [11.0, "o", "\x1b[31mc"],
        [10.0, "o", "d"],
    )
    assert played(path) == ("ab\x1b[31mcd", [0.5, 0.5, 10.0])
    assert played(path, speed=2)[1] == [0.25, 0.25, 5.0]
    assert played(path, idle_limit=1)[1] == [0.5, 0.5, 1.0]
    limited = write(tmp_path / "two.cast", [0.5, "o", "a"], [9.0, "o", "b"], idle_time_limit=2)
    assert played(limited)[1] == [0.5, 2.0]
    assert played(limited, idle_limit=0)[1] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1 is no JSON"),
        ("{}", "no header of version 2"),
        ('{"version": 1}', "no header of version 2"),
        ('{"version": 2, "width": 80, "height": 24}\n[1, "o", "a"]\nbroken\n', "Line 3 is no JSON"),
        ('{"version": 2}\n{"a": 1}\n', "Line 2 is no event"),
        ('{"version": 2}\n["x", "o", "a"]\n', "Line 2 is no event"),
    ],
)
def test_what_is_no_recording_is_said_with_the_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "one.cast"
    path.write_text(content)
    with pytest.raises(Invalid) as refused:
        played(path)
    assert said.lower() in refused.value.why.lower()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        Cast(tmp_path / "none.cast")


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_output_reads_back_as_text(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("casts") / "one.cast"
    recording = Recording(path, 80, 24, ManualClock())
    for piece in pieces:
        recording.output(piece)
    recording.close()
    with Cast(path) as cast:
        text = "".join(printed.text for printed in cast.events())
    assert b"".join(pieces).decode("utf-8", "replace").startswith(text)
