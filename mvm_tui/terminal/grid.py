"""The cells of the screen: rows, the two buffers, margins, scrolling and what of it goes to the history."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.terminal.base import BaseScreen, margins_of, new_cursor
from mvm_tui.terminal.history import History
from mvm_tui.terminal.rows import CHANGED, Row
from mvm_tui.terminal.styles import DEFAULT_COLOUR, PLAIN, Style, StyleTable
from mvm_tui.terminal.widths import BLANK, HALF


@dataclass(slots=True)
class Saved:
    """What DECSC keeps; ``y`` from the top of the screen."""

    x: int = 0
    y: int = 0
    style: Style = PLAIN
    charsets: tuple[str | None, ...] = (None, None, None, None)
    charset: int = 0
    origin: bool = False


class Grid(BaseScreen):
    """Rows and scrolling.

    pyte's own set-up is not called: it builds the dictionary of cells that these rows stand in for.
    """

    def __init__(self, columns: int, lines: int, history: History) -> None:
        self.columns = columns
        self.lines = lines
        self.history = history
        self.table = StyleTable()
        self.style = PLAIN
        self.cursor = new_cursor()
        self.margins: tuple[int, int] | None = None
        self.top = 0
        self.bottom = lines - 1
        self.alternate = False
        # Everything is to be drawn anew: the rows' own marks do not tell it all.
        self.redraw = True
        self.rows = self._blank_rows(PLAIN)
        self.main_rows = self.rows
        self._second_rows: list[Row] = []
        self._main_margins = (0, lines - 1)
        self.saved = Saved()
        self.main_saved = self.saved
        self.main_cursor = (0, 0)

    def _blank_rows(self, style: Style) -> list[Row]:
        return [Row(self.columns, style) for _ in range(self.lines)]

    @property
    def display(self) -> list[str]:
        """The rows as text, one character for each cell that is not the right half of a wide one."""
        return ["".join(row.chars).replace(BLANK, " ").replace(HALF, "") for row in self.rows]

    @property
    def dirty(self) -> set[int]:
        """The rows that changed since their marks were taken."""
        return {y for y, row in enumerate(self.rows) if row.dirty}

    def blank(self) -> Style:
        """What an erased cell looks like now: the background colour, nothing else."""
        bg = self.style.bg
        return PLAIN if bg == DEFAULT_COLOUR else self.table.intern(Style(bg=bg))

    def set_region(self, top: int, bottom: int) -> None:
        """Scroll within these rows, from 0, both included."""
        self.top, self.bottom = top, bottom
        whole = top == 0 and bottom == self.lines - 1
        self.margins = None if whole else margins_of(top, bottom)

    def _touch(self, top: int, bottom: int) -> None:
        for row in self.rows[top : bottom + 1]:
            row.dirty = row.dirty or CHANGED

    def _scroll_one(self) -> Row:
        """Move the region up by one row, the first into the history where it is the screen's; the new row."""
        rows = self.rows
        top, bottom = self.top, self.bottom
        row = rows.pop(top)
        if top or self.alternate:
            self._touch(top, bottom - 1)
        else:
            self.history.take(row)
            if bottom < self.lines - 1:
                # What scrolled keeps its line number, and what stands still below gets another.
                self._touch(bottom, self.lines - 2)
        row.clear(PLAIN if self.style.bg == DEFAULT_COLOUR else self.blank())
        rows.insert(bottom, row)
        return row

    def _move_up(self, top: int, bottom: int, count: int) -> None:
        """Drop ``count`` rows at the top of a region and put blank ones at its bottom."""
        count = min(count, bottom - top + 1)
        style = self.blank()
        taken = self.rows[top : top + count]
        for row in taken:
            row.clear(style)
        self.rows[top : bottom + 1] = self.rows[top + count : bottom + 1] + taken
        self._touch(top, bottom)

    def _move_down(self, top: int, bottom: int, count: int) -> None:
        """Drop ``count`` rows at the bottom of a region and put blank ones at its top."""
        count = min(count, bottom - top + 1)
        style = self.blank()
        taken = self.rows[bottom + 1 - count : bottom + 1]
        for row in taken:
            row.clear(style)
        self.rows[top : bottom + 1] = taken + self.rows[top : bottom + 1 - count]
        self._touch(top, bottom)

    def scroll_up(self, count: int = 1) -> None:
        """SU: the region moves up; nothing goes to the history."""
        self._move_up(self.top, self.bottom, count or 1)

    def scroll_down(self, count: int = 1, *more: int) -> None:
        """SD. With more parameters it is xterm's highlight tracking, which is not ours."""
        if not more:
            self._move_down(self.top, self.bottom, count or 1)

    def insert_lines(self, count: int = 1) -> None:
        """IL: blank rows at the cursor, inside the region only."""
        if self.top <= self.cursor.y <= self.bottom:
            self._move_down(self.cursor.y, self.bottom, count or 1)
            self.cursor.x = 0

    def delete_lines(self, count: int = 1) -> None:
        """DL: rows at the cursor go, inside the region only."""
        if self.top <= self.cursor.y <= self.bottom:
            self._move_up(self.cursor.y, self.bottom, count or 1)
            self.cursor.x = 0

    def index(self) -> None:
        """IND: down one row, scrolling at the region's end."""
        self.ensure_hbounds()
        if self.cursor.y == self.bottom:
            self._scroll_one()
        elif self.cursor.y < self.lines - 1:
            self.cursor.y += 1

    def reverse_index(self) -> None:
        """RI: up one row, scrolling at the region's top."""
        self.ensure_hbounds()
        if self.cursor.y == self.top:
            self._move_down(self.top, self.bottom, 1)
        elif self.cursor.y > 0:
            self.cursor.y -= 1

    def use_alternate(self) -> None:
        """Show the second buffer, blank and with margins of its own; the cursor stays where it is."""
        if self.alternate:
            return
        self.alternate = True
        self.main_cursor = (self.cursor.x, self.cursor.y)
        self._main_margins = (self.top, self.bottom)
        self.main_saved, self.saved = self.saved, Saved()
        style = self.blank()
        self._second_rows = self._second_rows or self._blank_rows(style)
        for row in self._second_rows:
            row.clear(style)
        self.rows = self._second_rows
        self.set_region(0, self.lines - 1)
        self.redraw = True

    def use_main(self) -> None:
        """Show the first buffer as it was; the cursor stays where it is."""
        if not self.alternate:
            return
        self.alternate = False
        self.rows = self.main_rows
        self.saved = self.main_saved
        self.set_region(*self._main_margins)
        self.redraw = True

    def adopt(self, columns: int, lines: int, main: list[Row], second: list[Row] | None) -> None:
        """Take on another size, with the rows of either buffer in that size."""
        self.columns, self.lines = columns, lines
        self.main_rows = main
        self._second_rows = second or []
        self.rows = main if second is None else second
        self._main_margins = (0, lines - 1)
        self.set_region(0, lines - 1)
        self.redraw = True
