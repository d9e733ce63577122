"""Draws single lines of the MicroVM table as strips, and remembers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.cells import pad, shorten_end, width_of
from mvm_tui.tui.widgets.fleet_columns import GAP, GUTTER, Cell, Layout, Placed

MARK = "▌"
CURSOR = "›"
ASCENDING = "▴"
DESCENDING = "▾"

# Several screens of the tallest terminals, so that scrolling back draws nothing anew.
_REMEMBERED = 600


@dataclass(frozen=True, slots=True)
class Palette:
    """The theme's styles for the table.

    `kinds` holds, for each kind of line (``row``, ``hover``, ``marked``, ``cursor``), the style of each
    role of `fleet_columns.ROLES` and of ``mark``, the mark's own.
    """

    kinds: Mapping[str, Mapping[str, Style]]
    header: Style
    sorted: Style
    empty: Style
    hint: Style


class LinePainter:
    """Lines of one layout, one horizontal scroll and one palette; a change of these wants a new painter."""

    def __init__(self, palette: Palette, layout: Layout, pan: int) -> None:
        self._palette = palette
        self._layout = layout
        self._pan = pan
        self._placed: Sequence[Placed] = layout.columns if pan else layout.columns[: layout.fitting]
        self._ticking = [placed.column for placed in self._placed if placed.column.ticks]
        self._strips: LRUCache[object, tuple[FleetRow, Strip]] = LRUCache(_REMEMBERED)

    def ticking(self, row: FleetRow, now: datetime) -> tuple[Cell, ...]:
        """The cells of a row that depend on the clock: while they are equal, so is the line."""
        return tuple([column.read(row, now) for column in self._ticking])

    def line(self, row: FleetRow, kind: str, marked: bool, now: datetime) -> Strip:
        """A row's line, exactly as wide as the layout. `kind` is a key of `Palette.kinds`."""
        ticking = self.ticking(row, now)
        key = (row.id, kind, marked, ticking)
        known = self._strips.get(key)
        # Rows are immutable: a row that changed is another object.
        if known is not None and known[0] is row:
            return known[1]
        strip = self._draw(row, kind, marked, ticking, now)
        self._strips[key] = (row, strip)
        return strip

    def header(self, column_id: str, reverse: bool) -> Strip:
        """The titles, the sorted one with its direction, the edges with signs that there is more."""
        runs: list[tuple[str, Style]] = [(" " * GUTTER, self._palette.header)]
        for placed in self._placed:
            column = placed.column
            title, style = column.title, self._palette.header
            if column.id == column_id:
                sign = DESCENDING if reverse else ASCENDING
                room = " " if len(title) + 2 <= placed.width else ""
                title, style = f"{title}{room}{sign}", self._palette.sorted
            text = pad(shorten_end(title, placed.width), placed.width, right=column.right)
            runs += [(text, style), (" " * GAP, self._palette.header)]
        strip = self._frame(runs, self._palette.header)
        return self._with_edges(strip)

    def empty(self, text: str) -> Strip:
        """The line that says why there are no rows."""
        return self._centred(text, self._palette.empty)

    def hint(self, text: str) -> Strip:
        """The line that says what can be done about it."""
        return self._centred(text, self._palette.hint)

    def _centred(self, text: str, style: Style) -> Strip:
        width = self._layout.width
        fitted = shorten_end(text, width)
        left = (width - width_of(fitted)) // 2
        return Strip([Segment(pad(" " * left + fitted, width), style)], width)

    def blank(self) -> Strip:
        return Strip.blank(self._layout.width, self._palette.kinds["row"]["text"])

    def _draw(self, row: FleetRow, kind: str, marked: bool, ticking: Iterable[Cell], now: datetime) -> Strip:
        styles = self._palette.kinds[kind]
        gutter = (MARK if marked else " ") + (CURSOR if kind == "cursor" else " ")
        runs: list[tuple[str, Style]] = [(gutter, styles["mark"])]
        ticked = iter(ticking)
        for placed in self._placed:
            column, width = placed.column, placed.width
            text, role = next(ticked) if column.ticks else column.read(row, now)
            if width_of(text) > width:
                text = column.shorten(text, width)
            runs.append((pad(text, width, right=column.right) + " " * GAP, styles[role]))
        return self._frame(runs, styles["text"])

    def _frame(self, runs: Sequence[tuple[str, Style]], style: Style) -> Strip:
        """Runs as a strip of the layout's width: joined, scrolled beside the sticky cells, cut or padded."""
        layout = self._layout
        segments: list[Segment] = []
        text, current = runs[0]
        length = 0
        for more, next_style in runs[1:]:
            if next_style is current:
                text += more
                continue
            segments.append(Segment(text, current))
            length += width_of(text)
            text, current = more, next_style
        segments.append(Segment(text, current))
        strip = Strip(segments, length + width_of(text))
        if self._pan:
            start = layout.sticky + self._pan
            fixed = strip.crop(0, layout.sticky)
            strip = Strip.join([fixed, strip.crop(start, start + layout.width - layout.sticky)])
        return strip.adjust_cell_length(layout.width, style)

    def _with_edges(self, strip: Strip) -> Strip:
        layout, style = self._layout, self._palette.sorted
        if self._pan and layout.sticky < layout.width:
            edge = max(layout.sticky - 1, 0)
            parts = [strip.crop(0, edge), Strip([Segment("‹", style)], 1), strip.crop(edge + 1, layout.width)]
            strip = Strip.join(parts)
        if self._pan < layout.farthest:
            strip = Strip.join([strip.crop(0, layout.width - 1), Strip([Segment("›", style)], 1)])
        return strip
