"""Writing text into the rows: charsets, wrapping, wide and combining characters, insert mode, REP."""

from __future__ import annotations

import re

from mvm_tui.terminal.base import DECAWM, IRM, LNM
from mvm_tui.terminal.charsets import CHARSETS
from mvm_tui.terminal.grid import Grid
from mvm_tui.terminal.history import History
from mvm_tui.terminal.rows import CHANGED
from mvm_tui.terminal.styles import PLAIN
from mvm_tui.terminal.widths import BLANK, HALF, JOIN, cells_of

# How many characters share a cell at most; more of them are dropped.
CLUSTER_LIMIT = 16
_JOINED = re.compile(f"({JOIN}.)", re.DOTALL)
_WIDE = re.compile(f".{HALF}", re.DOTALL)
_SLOTS = {"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2}


class Drawing(Grid):
    """Text and the control characters that move within it."""

    def __init__(self, columns: int, lines: int, history: History) -> None:
        super().__init__(columns, lines, history)
        self.mode: set[int] = {DECAWM}
        self.charsets: list[str | None] = [None] * 4
        self.charset = 0
        self._single: int | None = None
        # True while text goes to the cells as it comes: no charset, no insert mode.
        self._direct = True

    def draw(self, data: str) -> None:
        """Write text at the cursor. It holds no control characters."""
        cursor = self.cursor
        x = cursor.x
        cells = data
        if not self._direct or not (data.isascii() or JOIN not in (cells := cells_of(data))):
            self._draw_slowly(data)
            return
        count = len(cells)
        end = x + count
        if end > self.columns:
            self._draw_wrapping(cells)
            return
        row = self.rows[cursor.y]
        if cells is not data:
            row.wide = True
        if row.wide:
            row.mend(x, end, self.style)
        style = self.style
        styled = row.styled = row.styled or style is not PLAIN
        if count == 1:
            row.chars[x] = cells
            if styled:
                row.styles[x] = style
        else:
            row.chars[x:end] = cells
            if styled:
                row.styles[x:end] = [style] * count
        row.dirty = CHANGED
        cursor.x = end

    def _draw_slowly(self, data: str) -> None:
        """Text in a charset, in insert mode, or with characters that combine."""
        for number, part in enumerate(_JOINED.split(cells_of(self._translated(data)))):
            if number % 2:
                self._combine(part[1])
            elif part:
                self._draw_wrapping(part)

    def _draw_wrapping(self, cells: str) -> None:
        """Write cells over as many rows as they take."""
        cursor = self.cursor
        at = 0
        while at < len(cells):
            end = min(at + self.columns - cursor.x, len(cells))
            if cells[end : end + 1] == HALF:
                end -= 1
            if end > at:
                self._place(cells[at:end])
                at = end
            elif DECAWM not in self.mode:
                self._overwrite_last(cells[at:])
                return
            elif self.columns == 1 and cells[at + 1 : at + 2] == HALF:
                at += 2  # a wide character has no place here at all
            else:
                self._wrap()

    def _place(self, cells: str) -> None:
        """Write cells that fit into the row."""
        row = self.rows[self.cursor.y]
        x = self.cursor.x
        end = x + len(cells)
        style = self.style
        if IRM in self.mode:
            row.insert(x, len(cells), style)
        row.wide = row.wide or HALF in cells
        if row.wide:
            row.mend(x, end, style)
        row.chars[x:end] = cells
        row.styles[x:end] = [style] * (end - x)
        row.styled = row.styled or style is not PLAIN
        row.dirty = CHANGED
        self.cursor.x = end

    def _overwrite_last(self, cells: str) -> None:
        """Without wrapping, what does not fit goes one over the other into the last column.

        A wide character does not, and leaves the cursor there.
        """
        self.cursor.x = self.columns - 1
        narrow = _WIDE.sub("", cells)
        if narrow:
            self._place(narrow[-1])
        if cells[-1] == HALF:
            self.cursor.x = self.columns - 1

    def _wrap(self) -> None:
        """Go on in the next row, which continues this one."""
        cursor = self.cursor
        if cursor.x < self.columns:
            self.rows[cursor.y].fill(cursor.x, self.columns, self.style)
        cursor.x = 0
        if cursor.y == self.bottom:
            row = self._scroll_one()
        else:
            cursor.y = min(cursor.y + 1, self.lines - 1)
            row = self.rows[cursor.y]
        row.wrapped = True
        row.dirty = CHANGED

    def _combine(self, char: str) -> None:
        """Add a character of no width to the one left of the cursor."""
        row = self.rows[self.cursor.y]
        x = min(self.cursor.x, self.columns) - 1
        if x > 0 and row.chars[x] == HALF:
            x -= 1
        if x < 0 or row.chars[x] == HALF or len(row.chars[x]) >= CLUSTER_LIMIT:
            return
        row.chars[x] = (" " if row.chars[x] == BLANK else row.chars[x]) + char
        row.dirty = CHANGED

    def repeat(self, count: int = 1) -> None:
        """REP: the character just written again; at most one row of it, as no sender needs more."""
        row = self.rows[self.cursor.y]
        x = self.cursor.x - 1
        width = 2 if x > 0 and row.chars[x] == HALF else 1
        x -= width - 1
        if x < 0:
            return
        cell = row.chars[x].replace(BLANK, " ")
        self.draw(cell * min(count or 1, self.columns // width))

    def linefeed(self) -> None:
        """LF, VT, FF: down one row, scrolling at the region's end; the row below continues nothing."""
        cursor = self.cursor
        if cursor.x >= self.columns:
            cursor.x = self.columns - 1
        if cursor.y == self.bottom:
            self._scroll_one()
        elif cursor.y < self.lines - 1:
            cursor.y += 1
            self.rows[cursor.y].wrapped = False
        if LNM in self.mode:
            cursor.x = 0

    def new_line(self) -> None:
        """CR LF."""
        cursor = self.cursor
        cursor.x = 0
        if cursor.y == self.bottom:
            self._scroll_one()
        elif cursor.y < self.lines - 1:
            cursor.y += 1
            self.rows[cursor.y].wrapped = False

    def next_line(self) -> None:
        """NEL."""
        self.cursor.x = 0
        self.index()

    def define_charset(self, code: str, mode: str) -> None:
        """Put a charset into G0 to G3, by the intermediate character; an unknown one is ignored."""
        if code in CHARSETS and mode in _SLOTS:
            self.charsets[_SLOTS[mode]] = CHARSETS[code]
            self._look()

    def shift(self, charset: int) -> None:
        """Use G0 to G3 from now on."""
        self.charset = charset
        self._look()

    def shift_in(self) -> None:
        """SI: G0."""
        self.shift(0)

    def shift_out(self) -> None:
        """SO: G1."""
        self.shift(1)

    def single_shift(self, charset: int) -> None:
        """SS2, SS3: the next character alone comes from G2 or G3."""
        self._single = charset
        self._look()

    def _look(self) -> None:
        plain = self.charsets[self.charset] is None and self._single is None
        self._direct = plain and IRM not in self.mode

    def _translated(self, data: str) -> str:
        charset = self.charsets[self.charset]
        if self._single is None:
            return data if charset is None else data.translate(charset)
        single = self.charsets[self._single]
        self._single = None
        self._look()
        first = data[0] if single is None else data[0].translate(single)
        return first + (data[1:] if charset is None else data[1:].translate(charset))
