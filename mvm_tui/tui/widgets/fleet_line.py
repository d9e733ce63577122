"""Draws single lines of the MicroVM table as strips, and remembers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.cells import pad, shorten_end, width_of
from mvm_tui.tui.widgets.fleet_columns import GAP, GUTTER, Cell, Layout, Placed

MARK = "▌"
CURSOR = "›"
MATE = "≡"
ASCENDING = "▴"
DESCENDING = "▾"

# What stands beside the mark in lines of these kinds.
_SIGNS = {"cursor": CURSOR, "mate": MATE}
_GAP = " " * GAP
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


# A piece of a line.
Run = tuple[str, Style]


class LinePainter:
    """Lines of one layout, one horizontal scroll and one palette; a change of these wants a new painter."""

    def __init__(self, palette: Palette, layout: Layout, pan: int) -> None:
        self._palette = palette
        self._layout = layout
        self._pan = pan
        self._placed: Sequence[Placed] = layout.columns if pan else layout.columns[: layout.fitting]
        # Taken apart once: drawing a line is the innermost loop there is.
        self._plan = [
            (
                placed.column.read,
                placed.column.ticks,
                placed.width,
                placed.column.right,
                placed.column.shorten,
            )
            for placed in self._placed
        ]
        self._length = GUTTER + sum(placed.width + GAP for placed in self._placed)
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
        runs: list[Run] = [(" " * GUTTER, self._palette.header)]
        for placed in self._placed:
            column = placed.column
            title, style = column.title, self._palette.header
            if column.id == column_id:
                title = _with_sign(title, DESCENDING if reverse else ASCENDING, placed.width)
                style = self._palette.sorted
            runs.append((_fit(title, placed), style))
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
        runs: list[Run] = []
        ticked = iter(ticking)
        for read, ticks, width, right, shorten in self._plan:
            text, role = next(ticked) if ticks else read(row, now)
            used = len(text) if text.isascii() else cell_len(text)
            if used > width:
                text = shorten(text, width)
                used = width_of(text)
            room = " " * (width - used)
            runs.append((f"{room}{text}  " if right else f"{text}{room}  ", styles[role]))
        if marked or kind in _SIGNS:
            gutter = f"{MARK if marked else ' '}{_SIGNS.get(kind, ' ')} "
            runs.insert(0, (gutter, styles["mark"]))
        else:
            # Blank cells go with what follows: fewer pieces are drawn faster.
            text, style = runs[0]
            runs[0] = (" " * GUTTER + text, style)
        return self._frame(runs, styles["text"])

    def _frame(self, runs: Sequence[Run], style: Style) -> Strip:
        """Runs as a strip of the layout's width: joined, scrolled beside the sticky cells, cut or padded."""
        layout, length = self._layout, self._length
        segments: list[Segment] = []
        pieces: list[str] = []
        current = runs[0][1]
        for text, following in runs:
            if following is not current:
                segments.append(Segment("".join(pieces), current))
                pieces, current = [], following
            pieces.append(text)
        segments.append(Segment("".join(pieces), current))
        if length < layout.width:
            segments.append(Segment(" " * (layout.width - length), style))
            length = layout.width
        strip = Strip(segments, length)
        if self._pan:
            start = layout.sticky + self._pan
            fixed = strip.crop(0, layout.sticky)
            strip = Strip.join([fixed, strip.crop(start, start + layout.width - layout.sticky)])
        return strip if strip.cell_length == layout.width else strip.adjust_cell_length(layout.width, style)

    def _with_edges(self, strip: Strip) -> Strip:
        layout, style = self._layout, self._palette.sorted
        if self._pan and layout.sticky < layout.width:
            edge = max(layout.sticky - 1, 0)
            parts = [strip.crop(0, edge), Strip([Segment("‹", style)], 1), strip.crop(edge + 1, layout.width)]
            strip = Strip.join(parts)
        if self._pan < layout.farthest:
            strip = Strip.join([strip.crop(0, layout.width - 1), Strip([Segment("›", style)], 1)])
        return strip


def _fit(text: str, placed: Placed) -> str:
    """A cell's text cut and padded to its place, with the gap after it."""
    width = placed.width
    used = width_of(text)
    if used > width:
        text = placed.column.shorten(text, width)
        used = width_of(text)
    room = " " * (width - used)
    return f"{room}{text}{_GAP}" if placed.column.right else f"{text}{room}{_GAP}"


def _with_sign(title: str, sign: str, width: int) -> str:
    """The title and the direction, which stays whole where there is no room for both."""
    return f"{title} {sign}" if len(title) + 2 <= width else f"{title[: max(width - 1, 0)]}{sign}"
