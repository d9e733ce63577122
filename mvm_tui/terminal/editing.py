"""Erasing, inserting and deleting within the rows, tab stops and moving the cursor."""

from __future__ import annotations

from itertools import groupby

from mvm_tui.terminal.base import DECOM, PRIVATE_SHIFT
from mvm_tui.terminal.drawing import Drawing
from mvm_tui.terminal.events import ScreenCleared
from mvm_tui.terminal.history import History
from mvm_tui.terminal.outbox import Outbox
from mvm_tui.terminal.rows import Row
from mvm_tui.terminal.styles import PLAIN, PROTECTED, Style
from mvm_tui.terminal.widths import HALF

REVERSE_WRAP = 45 << PRIVATE_SHIFT


class Editing(Drawing):
    """What changes cells without writing text, and what moves the cursor."""

    def __init__(self, columns: int, lines: int, history: History, outbox: Outbox) -> None:
        super().__init__(columns, lines, history)
        self.outbox = outbox
        self.tabstops: set[int] = set(range(0, columns, 8))
        # Whether anything was ever protected; without it the selective erases are the plain ones.
        self._protects = False

    # -- erasing

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL, and DECSEL where ``private``: protected cells stay."""
        x = self.cursor.x
        row = self.rows[self.cursor.y]
        if how == 0:
            self._erase(row, x, self.columns, private)
            row.wrapped = row.wrapped and x > 0
        elif how == 1:
            self._erase(row, 0, min(x + 1, self.columns), private)
        elif how == 2:
            self._erase(row, 0, self.columns, private)
            row.wrapped = False

    def erase_in_display(self, how: int = 0, private: bool = False) -> None:
        """ED, and DECSED where ``private``. 3 erases the history alone."""
        y = self.cursor.y
        if how == 0:
            self.erase_in_line(0, private)
            self._erase_rows(y + 1, self.lines, private)
        elif how == 1:
            self._erase_rows(0, y, private)
            self.erase_in_line(1, private)
            self.rows[y].wrapped = False
            if self.cursor.x + 1 >= self.columns and y + 1 < self.lines:
                self.rows[y + 1].wrapped = False
        elif how == 2:
            self._erase_rows(0, self.lines, private)
            self.outbox.emit(ScreenCleared(history=False))
        elif how == 3:
            self.history.clear()
            self.outbox.emit(ScreenCleared(history=True))

    def _erase_rows(self, start: int, end: int, private: bool) -> None:
        style = self.blank()
        for row in self.rows[start:end]:
            if private and self._protects:
                self._erase(row, 0, self.columns, private)
                row.wrapped = False
            else:
                row.clear(style)

    def _erase(self, row: Row, start: int, end: int, private: bool) -> None:
        style = self.blank()
        if not (private and self._protects):
            row.fill(start, end, style)
            return
        for old, group in groupby(row.styles[start:end]):
            start, begin = start + len([*group]), start
            if not old.flags & PROTECTED:
                row.fill(begin, start, style)

    def erase_characters(self, count: int = 1) -> None:
        """ECH."""
        self.ensure_hbounds()
        x = self.cursor.x
        self.rows[self.cursor.y].fill(x, min(x + (count or 1), self.columns), self.blank())

    def insert_characters(self, count: int = 1) -> None:
        """ICH."""
        self.ensure_hbounds()
        self.rows[self.cursor.y].insert(self.cursor.x, count or 1, self.blank())

    def delete_characters(self, count: int = 1) -> None:
        """DCH."""
        self.ensure_hbounds()
        self.rows[self.cursor.y].delete(self.cursor.x, count or 1, self.blank())

    def scroll_left(self, count: int = 1) -> None:
        """SL: every row of the region loses columns at the left."""
        self._change_columns(0, count or 1, insert=False)

    def scroll_right(self, count: int = 1) -> None:
        """SR: every row of the region gains blank columns at the left."""
        self._change_columns(0, count or 1, insert=True)

    def insert_columns(self, count: int = 1) -> None:
        """DECIC: blank columns at the cursor, in every row of the region."""
        self._change_columns(min(self.cursor.x, self.columns - 1), count or 1, insert=True)

    def delete_columns(self, count: int = 1) -> None:
        """DECDC: the region loses columns at the cursor."""
        self._change_columns(min(self.cursor.x, self.columns - 1), count or 1, insert=False)

    def _change_columns(self, x: int, count: int, *, insert: bool) -> None:
        if not self.top <= self.cursor.y <= self.bottom:
            return
        style = self.blank()
        for row in self.rows[self.top : self.bottom + 1]:
            (row.insert if insert else row.delete)(x, count, style)
            row.wrapped = False

    def alignment_display(self) -> None:
        """DECALN: the screen full of E, margins and cursor at home."""
        self.set_region(0, self.lines - 1)
        self.cursor.x = self.cursor.y = 0
        for row in self.rows:
            row.clear(PLAIN)
            row.fill(0, self.columns, PLAIN, "E")

    # -- tabs

    def tab(self) -> None:
        """HT: to the next stop, or the last column; nothing while a wrap is pending."""
        self.cursor_forward_tab(1)

    def cursor_forward_tab(self, count: int = 1) -> None:
        """CHT."""
        last = self.columns - 1
        x = self.cursor.x
        if x > last:
            return
        for _ in range(min(count or 1, self.columns)):
            x += 1
            while x < last and x not in self.tabstops:
                x += 1
        self.cursor.x = min(x, last)

    def cursor_back_tab(self, count: int = 1) -> None:
        """CBT."""
        x = self.cursor.x
        if x >= self.columns:
            return
        for _ in range(min(count or 1, self.columns)):
            x -= 1
            while x > 0 and x not in self.tabstops:
                x -= 1
        self.cursor.x = max(x, 0)

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: here, or all."""
        if how == 0:
            self.tabstops.discard(self.cursor.x)
        elif how == 3:
            self.tabstops.clear()

    # -- the cursor

    def cursor_up(self, count: int | None = None) -> None:
        """CUU: stops at the region's top when it starts below that."""
        self.ensure_hbounds()
        y = self.cursor.y
        self.cursor.y = max(y - (count or 1), self.top if y >= self.top else 0)

    def cursor_down(self, count: int | None = None) -> None:
        """CUD: stops at the region's bottom when it starts above that."""
        self.ensure_hbounds()
        y = self.cursor.y
        self.cursor.y = min(y + (count or 1), self.bottom if y <= self.bottom else self.lines - 1)

    def cursor_position(self, line: int = 1, column: int = 1) -> None:
        """CUP, HVP: within the region when its origin is in force."""
        cursor = self.cursor
        x = column - 1 if column else 0
        y = line - 1 if line else 0
        cursor.x = x if x < self.columns else self.columns - 1
        if DECOM in self.mode:
            cursor.y = min(y + self.top, self.bottom)
        else:
            cursor.y = y if y < self.lines else self.lines - 1

    def cursor_to_line(self, line: int = 1) -> None:
        """VPA."""
        self.cursor_position(line, min(self.cursor.x, self.columns - 1) + 1)

    def cursor_to_line_relative(self, count: int = 1) -> None:
        """VPR: margins do not stop it."""
        self.ensure_hbounds()
        last = self.bottom if DECOM in self.mode else self.lines - 1
        self.cursor.y = min(self.cursor.y + (count or 1), last)

    def backspace(self) -> None:
        """BS; with reverse wraparound (45), from the first column to the end of the row it continues."""
        cursor = self.cursor
        if cursor.x or REVERSE_WRAP not in self.mode:
            # With it, a pending wrap is undone by the first one.
            pending = cursor.x >= self.columns and REVERSE_WRAP in self.mode
            cursor.x = max(min(cursor.x, self.columns - (0 if pending else 1)) - 1, 0)
            return
        row = self.rows[cursor.y]
        if self.top < cursor.y <= self.bottom and row.wrapped:
            row.wrapped = False
            cursor.y -= 1
            cursor.x = self.columns - 1
            if self.rows[cursor.y].chars[cursor.x] == HALF:
                cursor.x -= 1

    def select_protected(self, how: int = 0) -> None:
        """DECSCA: what is written from now on withstands the selective erases, or not."""
        self._protects = self._protects or how == 1
        if how in (0, 1, 2):
            flags = self.style.flags | PROTECTED if how == 1 else self.style.flags & ~PROTECTED
            self.restyle(self.style._replace(flags=flags))

    def restyle(self, style: Style) -> None:
        """Write in this style from now on."""
        self.style = self.table.intern(style)
