"""How `logs` writes: lines of text, coloured on a terminal only, or JSON."""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from mvm_tui.cli.output import JSON, TABLE, write
from mvm_tui.logs.levels import Level, level_of
from mvm_tui.logs.lines import LineForm, record
from mvm_tui.logs.patterns import TooSlow
from mvm_tui.logs.query import Filter
from mvm_tui.logs.styles import pieces
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.log_event import LogEvent
from mvm_tui.model.text import clean

_RESET = "\x1b[0m"
_DIM = "\x1b[2m"
_OF_LEVEL = {Level.WARN: "\x1b[33m", Level.ERROR: "\x1b[31m", Level.FATAL: "\x1b[1;31m"}
# Colours of MicroVMs that can be told apart on a dark ground and on a light one.
_SOURCES = (31, 35, 64, 96, 130, 132, 166, 168)
_LONGEST = 1 << 21
_INDENT = "    "
# Lines looked at together: patterns have a time for that, whatever a reading brings.
_LOOKED_AT = 500


def on_terminal() -> bool:
    """Whether stdout shows colours and wants them (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class LogWriter:
    """Writes events as they come, those of one call in one go."""

    def __init__(self, form: str, lines: LineForm, wanted: Filter, *, colours: bool) -> None:
        self._form = form
        self._lines = lines
        self._wanted = wanted
        self._colours = colours
        self._begun = False

    def write(self, events: Sequence[LogEvent], now: datetime) -> None:
        """Write the events that pass the filter. Raises ReaderGone and Unexpected."""
        chosen = self._chosen(events)
        if not chosen:
            return
        if self._form == TABLE:
            line = self._coloured if self._colours else self._lines.line
            write("".join(f"{line(event, now)}\n" for event in chosen))
        elif self._form == JSON:
            write((",\n" if self._begun else "[\n") + ",\n".join(_records(chosen)))
        else:
            write("".join(f"{line}\n" for line in _records(chosen)))
        self._begun = True

    def finish(self) -> None:
        """Close a JSON list."""
        if self._form == JSON:
            write("\n]\n" if self._begun else "[]\n")

    def _chosen(self, events: Sequence[LogEvent]) -> Sequence[LogEvent]:
        if not self._wanted:
            return events
        chosen: list[LogEvent] = []
        for start in range(0, len(events), _LOOKED_AT):
            some = events[start : start + _LOOKED_AT]
            try:
                chosen += [some[index] for index in self._wanted.select(some)]
            except TooSlow as slow:
                # What it was to keep out must not come through to whoever reads the pipe.
                raise Unexpected(
                    f"The pattern {slow.pattern} takes too long.",
                    "Which lines it is to be found in cannot be told.",
                    "Make it simpler.",
                ) from None
        return chosen

    def _coloured(self, event: LogEvent, now: datetime) -> str:
        """The line with colours of ours, and with the message's own where they are plain SGR."""
        parts = []
        if time := self._lines.time(event, now):
            parts.append(f"{_DIM}{time}{_RESET}")
        if self._lines.source:
            name = clean(event.vm or event.stream, 200)
            number = _SOURCES[zlib.crc32(name.encode("utf-8", "replace")) % len(_SOURCES)]
            parts.append(f"\x1b[38;5;{number}m{name}{_RESET}")
        parts.append(_coloured_message(event.message))
        return "  ".join(parts)


def _coloured_message(message: str) -> str:
    found = pieces(message.rstrip("\r\n"), _LONGEST)
    text = "".join(
        f"{sgr}{piece.text}{_RESET}" if (sgr := piece.style.sgr()) else piece.text for piece in found
    )
    if len(found) == 1 and not found[0].style.sgr():
        level = level_of(message)
        text = f"{_OF_LEVEL[level]}{text}{_RESET}" if level in _OF_LEVEL else text
    return text.replace("\n", f"\n{_INDENT}")


def _records(events: Iterable[LogEvent]) -> Iterable[str]:
    # DEL is the one control character that JSON lets stand.
    return (json.dumps(record(event), separators=(",", ":")).replace("\x7f", "\\u007f") for event in events)
