"""What the rows of an entry say: plain or coloured text, JSON in columns or spread out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mvm_tui.logs.json_lines import JsonLine, parse_json_line
from mvm_tui.logs.levels import Level, level_named
from mvm_tui.logs.styles import Style
from mvm_tui.model.log_event import LogEvent
from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.widgets.log_text import styled_lines

# Of a longer message the rest is in the pager and in what is saved.
SHOWN_CHARACTERS = 16_384
_MOST_ROWS = 1_000
_LEVEL_WIDTH = 5
_FIELD_WIDTH = 12

Span = tuple[int, int, str | Style]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an entry before it is cut or wrapped: spans are (start, end, role or style)."""

    text: str
    spans: tuple[Span, ...] = ()


def rows_of(entry: Entry, *, columns: bool, fields: Sequence[str], spread: bool) -> list[Row]:
    """All rows of an entry.

    `columns` shows JSON as level, message and members, `fields` of them first and aligned; `spread` shows it
    indented.
    """
    rows: list[Row] = []
    for event in entry.events:
        rows += _event_rows(event, columns, fields, spread)
        if len(rows) > _MOST_ROWS:
            return [*rows[:_MOST_ROWS], Row("… more rows are in the pager", ((0, 28, "muted"),))]
    return rows


def _event_rows(event: LogEvent, columns: bool, fields: Sequence[str], spread: bool) -> list[Row]:
    message = event.message
    if (columns or spread) and message[:1] == "{" and (line := parse_json_line(message)) is not None:
        return [_pretty(row) for row in line.pretty().split("\n")] if spread else [_in_columns(line, fields)]
    rows = [Row(line.text, line.spans) for line in styled_lines(message, SHOWN_CHARACTERS)]
    if len(message) > SHOWN_CHARACTERS:
        rows[-1] = _cut(rows[-1], len(message))
    return rows


def _cut(row: Row, length: int) -> Row:
    # In ASCII: a long line of it is laid out much faster.
    note = f" [{length:,} characters in all: the pager shows them]"
    start = len(row.text)
    return Row(row.text + note, (*row.spans, (start, start + len(note), "muted")))


def _in_columns(line: JsonLine, fields: Sequence[str]) -> Row:
    """``ERROR  it broke  status=500 path=/``."""
    pieces: list[tuple[str, str]] = []
    if line.level:
        word = _safe(line.level).upper()[:8]
        pieces.append((f"{word:<{_LEVEL_WIDTH}} ", level_role(level_named(word))))
    rest = dict(line.fields)
    pieces += [(f"{_safe(rest.pop(field, '')):<{_FIELD_WIDTH}.{_FIELD_WIDTH}} ", "text") for field in fields]
    if line.message:
        pieces.append((f"{_safe(line.message)}  ", "text"))
    for name, value in rest.items():
        pieces += [(f"{_safe(name)}=", "key"), (f"{_safe(value)} ", "text")]
    return _joined(pieces)


def _safe(value: str) -> str:
    """A value on one line, without anything that is not text."""
    return " ".join(line.text for line in styled_lines(value, SHOWN_CHARACTERS))


def _pretty(row: str) -> Row:
    """A row of JSON spread out, its member's name coloured. JSON itself has escaped what is not ASCII."""
    name = row.lstrip()
    end = name.find('": ')
    if name.startswith('"') and end > 0:
        start = len(row) - len(name)
        return Row(row, ((start, start + end + 2, "accent"),))
    return Row(row)


def _joined(pieces: Sequence[tuple[str, str]]) -> Row:
    text, spans = "", []
    for piece, role in pieces:
        if role != "text":
            spans.append((len(text), len(text) + len(piece), role))
        text += piece
    return Row(text.rstrip(), tuple(spans))


_LEVEL_ROLES = {
    Level.TRACE: "debug",
    Level.DEBUG: "debug",
    Level.WARN: "warning",
    Level.ERROR: "error",
    Level.FATAL: "error",
}


def level_role(level: Level | None) -> str:
    """The role that colours a line of this level."""
    return "text" if level is None else _LEVEL_ROLES.get(level, "text")
