"""Lays entries out as lines of the screen: time, source, then the text, cut or wrapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from rich.cells import cell_len, get_character_cell_size

from mvm_tui.logs.styles import Style
from mvm_tui.model.durations import short_duration
from mvm_tui.model.log_event import LogEvent, moment_of
from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.widgets.cells import shorten_middle
from mvm_tui.tui.widgets.log_content import Row, Span, rows_of

# Cells for the sign of a mark, and before the text.
GUTTER = 2
SOURCE_WIDTH = 14
# A wrapped line is broken at a space if there is one so near its end.
_NEAR = 16
_LATE = "late "


class Times(Enum):
    """How the time of a line is written."""

    LOCAL = "local"
    UTC = "utc"
    RELATIVE = "relative"
    OFF = "off"

    @property
    def next(self) -> Times:
        order = list(Times)
        return order[(order.index(self) + 1) % len(order)]


@dataclass(frozen=True, slots=True)
class Sources:
    """How the column says where a line comes from: its name, and the number of its colour."""

    name: Callable[[LogEvent], str]
    color: Callable[[LogEvent], int]


@dataclass(frozen=True, slots=True)
class Manner:
    """How lines are shown.

    Attributes:
        wrap: Long lines go on in the next, instead of out of sight.
        columns: JSON is shown as level, message and members.
        fields: Members of JSON that come first, aligned.
        folded: Of entries with several rows only the first is shown.
        dated: Times name the day too.
        fine: Times name the milliseconds.
        sources: The column that says where a line comes from; None leaves it out.
    """

    times: Times = Times.LOCAL
    wrap: bool = False
    columns: bool = True
    fields: tuple[str, ...] = ()
    folded: bool = False
    dated: bool = False
    fine: bool = True
    sources: Sources | None = None

    @property
    def time_width(self) -> int:
        """Cells of the time with the space after it."""
        if self.times is Times.OFF:
            return 0
        if self.times is Times.RELATIVE:
            return 7
        zone = self.times is Times.UTC
        return 9 + zone + (4 if self.fine else 0) + (6 if self.dated else 0)

    @property
    def text_start(self) -> int:
        """The cell at which the text begins."""
        return GUTTER + self.time_width + (SOURCE_WIDTH + 1 if self.sources else 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen.

    Attributes:
        row: Which row of the entry it shows.
        start: The character of the row that it begins with.
        text: What of the row it shows; with wrapping off all of it, however long.
        spans: Parts of `text` with a role or a style of their own.
        note: What is said behind the text, such as how many rows are folded away.
    """

    row: int
    start: int
    text: str
    spans: tuple[Span, ...]
    note: str = ""


def lines_of(entry: Entry, manner: Manner, width: int) -> list[Line]:
    """The lines of an entry on a screen `width` cells wide, at least one."""
    spread = entry.open is True
    folded = manner.folded if entry.open is None else not entry.open
    rows = rows_of(entry, columns=manner.columns, fields=manner.fields, spread=spread)
    note = ""
    if folded and len(rows) > 1:
        note = f"  ▸ {len(rows) - 1:,} more"
        rows = rows[:1]
    if entry.late:
        rows[0] = _with_late(rows[0])
    if manner.wrap or spread:
        room = max(width - manner.text_start, 8)
        lines = [line for at, row in enumerate(rows) for line in _wrapped(row, at, room)]
    else:
        lines = [Line(at, 0, row.text, row.spans) for at, row in enumerate(rows)]
    if note:
        last = lines[-1]
        lines[-1] = Line(last.row, last.start, last.text, last.spans, note)
    return lines


def _with_late(row: Row) -> Row:
    shift = len(_LATE)
    moved = tuple((start + shift, end + shift, role) for start, end, role in row.spans)
    return Row(_LATE + row.text, ((0, shift, "late"), *moved))


def _wrapped(row: Row, at: int, room: int) -> list[Line]:
    lines = []
    start = 0
    for end in _breaks(row.text, room):
        inside = tuple(
            (max(first, start) - start, min(last, end) - start, role)
            for first, last, role in row.spans
            if first < end and last > start
        )
        lines.append(Line(at, start, row.text[start:end], inside))
        start = end
    return lines


def _breaks(text: str, room: int) -> list[int]:
    """Where each wrapped line ends, in characters; the last one is the length of the text."""
    if len(text) <= room and text.isascii():
        return [len(text)]
    if not text.isascii():
        return _wide_breaks(text, room)
    ends: list[int] = []
    start = 0
    while len(text) - start > room:
        end = start + room
        space = text.rfind(" ", end - _NEAR, end)
        start = space + 1 if space > start else end
        ends.append(start)
    return [*ends, len(text)]


def _wide_breaks(text: str, room: int) -> list[int]:
    """The same for text whose characters may take no cell or two."""
    ends: list[int] = []
    used = 0
    for at, character in enumerate(text):
        cells = get_character_cell_size(character)
        if used + cells > room:
            ends.append(at)
            used = 0
        used += cells
    return [*ends, len(text)]


def time_words(event: LogEvent, manner: Manner, now: datetime) -> str:
    """The time of a line, as wide as `Manner.time_width` with its space; empty where there is none."""
    if manner.times is Times.OFF:
        return ""
    if manner.times is Times.RELATIVE:
        ago = (now - event.when).total_seconds()
        return f"{short_duration(ago):>6} "
    second, rest = divmod(event.timestamp, 1_000)
    words = _second(second, manner.times is Times.UTC, manner.dated)
    if manner.fine:
        words += f".{rest:03d}"
    return f"{words}Z " if manner.times is Times.UTC else f"{words} "


@lru_cache(4_096)
def _second(second: int, utc: bool, dated: bool) -> str:
    moment = moment_of(second * 1_000)
    try:
        here = moment if utc else moment.astimezone()
    except (OverflowError, OSError, ValueError):
        here = moment.replace(tzinfo=UTC)
    return f"{here:%m-%d %H:%M:%S}" if dated else f"{here:%H:%M:%S}"


def source_words(name: str) -> str:
    """A source's name cut and padded to its column."""
    fitted = shorten_middle(name, SOURCE_WIDTH)
    return fitted + " " * (SOURCE_WIDTH - cell_len(fitted) + 1)


def crop(text: str, left: int, width: int) -> tuple[str, int, int]:
    """The part of a text that `width` cells from cell `left` on show: it, its first character, its cells.

    A wide character that is cut in two becomes a space.
    """
    if text.isascii():
        shown = text[left : left + width]
        return shown, left, len(shown)
    start = skipped = 0
    while start < len(text) and skipped < left:
        skipped += get_character_cell_size(text[start])
        start += 1
    blank = skipped - left if skipped > left else 0
    end, used = start, blank
    while end < len(text) and used + (cells := get_character_cell_size(text[end])) <= width:
        used += cells
        end += 1
    return " " * blank + text[start:end], start - blank, used


Piece = tuple[str, str | Style]


def pieces_of(text: str, first: int, spans: Sequence[Span], base: str) -> list[Piece]:
    """A cropped text in pieces, each with its role or style; later spans lie over earlier ones.

    `first` is the character of the line that `text` begins with.
    """
    if not spans:
        return [(text, base)]
    length = len(text)
    edges = {0, length}
    clipped = []
    for start, end, over in spans:
        low, high = max(start - first, 0), min(end - first, length)
        if low < high:
            clipped.append((low, high, over))
            edges |= {low, high}
    ordered = sorted(edges)
    pieces: list[Piece] = []
    for low, high in pairwise(ordered):
        role: str | Style = base
        for start, end, over in clipped:
            if start <= low and high <= end:
                role = over
        pieces.append((text[low:high], role))
    return pieces
