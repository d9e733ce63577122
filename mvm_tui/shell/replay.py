"""Plays a recording: asciicast v2, as `mvm_tui.shell.recording` and asciinema write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeGuard

from mvm_tui.model.errors import Invalid
from mvm_tui.model.text import clean
from mvm_tui.shell.sieve import Sieve

# A line holds what was printed within one moment; more than this is no recording.
LONGEST_LINE = 64 * 1024 * 1024
# A pause at the end of which the clock of the recording may have been set wrong.
_LONGEST_PAUSE = 3_600.0


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: columns and rows, and the longest pause that the recording asks for, if it does."""

    cols: int
    rows: int
    idle_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """Output, and the seconds since the recording began."""

    at: float
    text: str


class Cast:
    """An open recording. Use as a context manager; `events` can be read once.

    Raises:
        Invalid: It is no recording of version 2, or cannot be read; with the line where it breaks off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file: TextIO = path.open(encoding="utf-8", errors="replace")
        except OSError as error:
            raise self._invalid(error.strerror or "it cannot be read") from None
        try:
            self.header = self._header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Cast:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def events(self) -> Iterator[Printed]:
        """The output in its order. Other events, such as resizes and markers, are passed over."""
        for number, line in enumerate(self._lines(), 2):
            if not line.strip():
                continue
            event = self._json(line, number)
            if not isinstance(event, list) or len(event) < 3 or not _is_number(event[0]):
                raise self._invalid(f"line {number} is no event")
            if event[1] == "o" and isinstance(event[2], str):
                yield Printed(float(event[0]), event[2])

    def _lines(self) -> Iterator[str]:
        try:
            while line := self._file.readline(LONGEST_LINE):
                yield line
        except OSError as error:
            raise self._invalid(error.strerror or "it cannot be read") from None

    def _header(self) -> Header:
        members = self._json(next(self._lines(), ""), 1)
        if not isinstance(members, dict) or members.get("version") != 2:
            raise self._invalid("its first line is no header of version 2")
        sides = [members.get(side) for side in ("width", "height")]
        cols, rows = (side if isinstance(side, int) and 0 < side < 10_000 else 0 for side in sides)
        limit = members.get("idle_time_limit")
        return Header(cols, rows, max(float(limit), 0.0) if _is_number(limit) else None)

    def _json(self, line: str, number: int) -> object:
        try:
            content: object = json.loads(line)
        except (ValueError, RecursionError):
            raise self._invalid(f"line {number} is no JSON") from None
        return content

    def _invalid(self, why: str) -> Invalid:
        name = clean(self._path, 200)
        fix = "Recordings are made with --record, or by asciinema in its version 2."
        return Invalid(f"{name} cannot be played.", f"{why[:1].upper()}{why[1:]}.", fix)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def play(
    cast: Cast,
    sieve: Sieve,
    write: Callable[[str], None],
    wait: Callable[[float], None],
    *,
    speed: float = 1.0,
    idle_limit: float | None = None,
) -> None:
    """Print a recording as it was printed, but for what `sieve` leaves out.

    Args:
        write: Is handed text that may be shown.
        wait: Waits that many seconds; only called for more than none.
        speed: 2.0 plays twice as fast.
        idle_limit: The longest pause in seconds, before `speed`; None takes the recording's own.
    """
    longest = idle_limit if idle_limit is not None else cast.header.idle_limit
    longest = _LONGEST_PAUSE if longest is None else longest
    before = 0.0
    for printed in cast.events():
        pause = min(max(printed.at - before, 0.0), longest) / speed
        before = max(printed.at, before)
        if pause > 0:
            wait(pause)
        write(sieve.feed(printed.text))
