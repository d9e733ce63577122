"""Where the user is in the rows: the cursor, the marks, and the line at the top of the screen.

All of it is kept by id, so that it stays with its MicroVM whatever happens to the order around it.
"""

from __future__ import annotations

from collections.abc import Iterable

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.widgets.fleet_rows import FleetRows


class Selection:
    """Cursor and marks over `rows`.

    Attributes:
        marks: Ids of the marked rows, shown or not.
        line: The cursor's line, 0 in an empty table.
        held: Whether the user has moved or chosen anything; until then the cursor may rest at the top
            while rows arrive above it.
    """

    def __init__(self, rows: FleetRows) -> None:
        self._rows = rows
        self.marks: set[str] = set()
        self.line = 0
        self.held = False
        self._cursor_id: str | None = None
        self._anchor_id: str | None = None

    @property
    def cursor_row(self) -> FleetRow | None:
        """The row under the cursor, None in an empty table."""
        return None if self._cursor_id is None else self._rows.get(self._cursor_id)

    @property
    def out_of_sight(self) -> int:
        """Marked rows that the filter hides."""
        return sum(row_id not in self._rows for row_id in self.marks)

    def chosen(self) -> list[FleetRow]:
        """The marked rows in the order shown (those filtered out last), else the one under the cursor.

        Whoever asks is about to act: from now on the cursor stays with its row.
        """
        self.held = True
        if not self.marks:
            return [] if self.cursor_row is None else [self.cursor_row]
        last = len(self._rows)
        lines = {row_id: self._rows.index_of(row_id) for row_id in self.marks}
        places = sorted((last if line is None else line, row_id) for row_id, line in lines.items())
        return [row for _, row_id in places if (row := self._rows.get(row_id)) is not None]

    def go(self, line: int) -> bool:
        """Put the cursor on a line, or on the nearest there is; False if there is none."""
        self.held = True
        if not len(self._rows):
            return False
        self.line = min(max(line, 0), len(self._rows) - 1)
        self._cursor_id = self._rows.id_at(self.line)
        return True

    def follow(self, *, lost: int, rest: bool) -> None:
        """Find the cursor's row again after the order changed.

        Args:
            lost: The line to go to if the row is no longer shown.
            rest: Whether a cursor that nobody has touched stays on the first line.
        """
        line = None if self._cursor_id is None else self._rows.index_of(self._cursor_id)
        if rest and not self.held:
            line = 0
        last = max(len(self._rows) - 1, 0)
        self.line = min(lost, last) if line is None else min(line, last)
        self._cursor_id = self._rows.id_at(self.line) if len(self._rows) else None

    def forget(self, gone: Iterable[str]) -> bool:
        """Drop the marks of rows that are gone; whether there were any."""
        before = len(self.marks)
        self.marks.difference_update(gone)
        return len(self.marks) != before

    def clear(self) -> None:
        """Back to the state before any row was there."""
        self.marks = set()
        self.line = 0
        self.held = False
        self._cursor_id = self._anchor_id = None

    def anchor(self) -> None:
        """Let the next range of marks begin at the cursor."""
        self._anchor_id = self._cursor_id

    def span(self, line: int) -> list[str]:
        """The ids from the anchor (else the cursor) to `line`, in whichever direction."""
        start = None if self._anchor_id is None else self._rows.index_of(self._anchor_id)
        start = self.line if start is None else start
        return self._rows.ids(min(start, line), max(start, line) + 1)
