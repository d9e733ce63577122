"""Draws lines of a log as strips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.widgets.cells import shorten_end, width_of
from mvm_tui.tui.widgets.log_content import Span
from mvm_tui.tui.widgets.log_lines import (
    GUTTER,
    Line,
    Manner,
    crop,
    lines_of,
    pieces_of,
    source_words,
    time_words,
)
from mvm_tui.tui.widgets.log_style import SOURCE_COLORS, LogPalette

MARK = "▌"
# Several screens of the tallest terminals.
_REMEMBERED = 600

Highlight = Callable[[Entry, str], Sequence[Span]]
"""Spans of a line's text that rules or a search want highlighted."""


def no_highlights(entry: Entry, text: str) -> Sequence[Span]:
    return ()


class LogPainter:
    """Lines in one manner, at one width and in one palette; a change of these wants a new painter.

    Attributes:
        highlight: Says which parts of a line stand out.
        pan: Cells by which the text is scrolled to the left.
    """

    def __init__(
        self,
        palette: LogPalette,
        manner: Manner,
        width: int,
        highlight: Highlight,
        level: Callable[[Entry], str],
    ) -> None:
        self._palette = palette
        self._manner = manner
        self._width = max(width, 1)
        self._level = level
        self.highlight = highlight
        self.pan = 0
        self._lines: LRUCache[int, tuple[Entry, tuple[object, ...], list[Line]]] = LRUCache(_REMEMBERED)

    @property
    def room(self) -> int:
        """Cells for the text."""
        return max(self._width - self._manner.text_start, 1)

    def lines(self, entry: Entry) -> list[Line]:
        """The lines of an entry, laid out once."""
        state = (len(entry.more), entry.open, entry.late)
        known = self._lines.get(id(entry))
        # A number may be given to another entry once the first is gone.
        if known is not None and known[0] is entry and known[1] == state:
            return known[2]
        lines = lines_of(entry, self._manner, self._width)
        self._lines[id(entry)] = (entry, state, lines)
        return lines

    def strip(
        self,
        entry: Entry,
        number: int,
        kind: str,
        now: datetime,
        selected: tuple[int, int] | None = None,
    ) -> Strip:
        """One line of an entry. `selected` is the range of characters of its row that is selected."""
        lines = self.lines(entry)
        line = lines[min(number, len(lines) - 1)]
        styles = self._palette.kinds[kind]
        segments = self._front(entry, number, kind, now)
        pan = 0 if self._manner.wrap or entry.open else self.pan
        text, first, used = crop(line.text, pan, self.room)
        spans: list[Span] = [*line.spans, *self.highlight(entry, line.text)]
        if selected is not None:
            spans.append((selected[0] - line.start, selected[1] - line.start, "selected"))
        base = self._level(entry)
        for piece, role in pieces_of(text, first, spans, base):
            segments.append(Segment(piece, self._palette.style(kind, role)))
        rest = self.room - used
        if line.note and rest > 0:
            note = shorten_end(line.note, rest)
            segments.append(Segment(note, styles["muted"]))
            rest -= width_of(note)
        if rest > 0:
            segments.append(Segment(" " * rest, styles["text"]))
        # Only plain text is sure to be as wide as its characters say.
        strip = Strip(segments, self._width if text.isascii() else None)
        strip = strip.adjust_cell_length(self._width, styles["text"])
        if not self._manner.wrap and first + len(text) < len(line.text):
            return self._with_edge(strip, styles["accent"])
        return strip

    def _front(self, entry: Entry, number: int, kind: str, now: datetime) -> list[Segment]:
        """What stands before the text: a mark; in the first line also time and source."""
        manner, styles = self._manner, self._palette.kinds[kind]
        mark = Segment((MARK if entry.marked else " ").ljust(GUTTER), styles["accent"])
        if number:
            return [mark, Segment(" " * (manner.text_start - GUTTER), styles["text"])]
        segments = [mark]
        if words := time_words(entry.event, manner, now):
            segments.append(Segment(words, styles["muted"]))
        if manner.sources is not None:
            name = source_words(manner.sources.name(entry.event))
            color = manner.sources.color(entry.event) % SOURCE_COLORS
            segments.append(Segment(name, self._palette.sources[kind][color]))
        return segments

    def _with_edge(self, strip: Strip, style: Style) -> Strip:
        """A sign at the right that the line goes on."""
        return Strip.join([strip.crop(0, self._width - 1), Strip([Segment("›", style)], 1)])

    def words(self, text: str, role: str) -> Strip:
        """A line of our own in the place of an entry."""
        fitted = shorten_end(text, self._width - GUTTER)
        styles = self._palette.kinds["row"]
        strip = Strip([Segment(" " * GUTTER + fitted, styles[role])], GUTTER + width_of(fitted))
        return strip.adjust_cell_length(self._width, styles["text"])

    def blank(self) -> Strip:
        return Strip.blank(self._width, self._palette.kinds["row"]["text"])

    def row_at(self, entry: Entry, number: int, x: int) -> tuple[int, int]:
        """The row of an entry and the character of it that is drawn in a cell of one of its lines."""
        lines = self.lines(entry)
        line = lines[min(number, len(lines) - 1)]
        cells = max(x - self._manner.text_start, 0)
        if not self._manner.wrap and not entry.open:
            cells += self.pan
        if line.text.isascii():
            return line.row, line.start + min(cells, len(line.text))
        at = used = 0
        while at < len(line.text) and used + width_of(line.text[at]) <= cells:
            used += width_of(line.text[at])
            at += 1
        return line.row, line.start + at
