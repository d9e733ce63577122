"""The MicroVM table: a line-API widget that draws what is on screen and nothing else.

It takes change sets by key and never refills: cursor, marks, order, filter and scroll survive every
refresh. It decides nothing about actions; it tells by messages where the user is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.clock import Clock, SystemClock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.query import Query
from mvm_tui.model.sorting import DETAIL_COLUMNS
from mvm_tui.tui.widgets.fleet_columns import BY_ID, Layout, columns_by_id, lay_out
from mvm_tui.tui.widgets.fleet_line import LinePainter
from mvm_tui.tui.widgets.fleet_rows import FleetRows
from mvm_tui.tui.widgets.fleet_style import COMPONENTS, CSS, make_palette
from mvm_tui.tui.widgets.fleet_words import empty_lines, summary

# Lines above the rows: the titles.
HEADER = 1
# Rows taken in at once; more wait for their turn, so that no slice of the loop gets long.
_SLICE = 500
# Rows looked at again per second by a filter that depends on the clock.
_RECHECKED = 1_000
_VISIBLE_DELAY = 0.05
_ALL_COLUMNS = tuple(BY_ID)


class FleetTable(ScrollView, can_focus=True, inherit_bindings=False):
    """MicroVMs, one a line."""

    ALLOW_SELECT = False

    DEFAULT_CSS = CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, id="table.page_up"),
        Binding("pagedown", "page(1.0)", "page down", show=False, id="table.page_down"),
        Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="table.half_up"),
        Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="table.half_down"),
        Binding("home,g", "first", "first row", show=False, id="table.first"),
        Binding("end,G", "last", "last row", show=False, id="table.last"),
        Binding("left,h", "pan(-1)", "columns to the left", show=False, id="table.left"),
        Binding("right,l", "pan(1)", "columns to the right", show=False, id="table.right"),
    ]

    summary: reactive[str] = reactive("", repaint=False)
    """What the border says: ``5 of 6 · 2 marked · age ▾ · /web``."""
    pan: reactive[int] = reactive(0)
    """Cells by which the columns that do not stick are scrolled to the left."""

    class CursorMoved(Message):
        """Another row is under the cursor, or the one that is has changed; None if there is none."""

        def __init__(self, table: FleetTable, row: FleetRow | None) -> None:
            super().__init__()
            self.table = table
            self.row = row

        @property
        def control(self) -> FleetTable:
            return self.table

    class Opened(CursorMoved):
        """A row was double-clicked."""

    class MarksChanged(Message):
        """Other rows are marked than before."""

        def __init__(self, marks: frozenset[str]) -> None:
            super().__init__()
            self.marks = marks

    class VisibleChanged(Message):
        """Other rows are on screen than before; sent a moment after the last change."""

        def __init__(self, ids: tuple[str, ...]) -> None:
            super().__init__()
            self.ids = ids

    class Sorted(Message):
        """The order was changed."""

        def __init__(self, column: str, reverse: bool) -> None:
            super().__init__()
            self.column = column
            self.reverse = reverse

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        sort: str = "age",
        reverse: bool = False,
        show_ended: bool = True,
        columns: Sequence[str] = _ALL_COLUMNS,
        hints: Mapping[str, str] | None = None,
        id: str | None = None,  # noqa: A002 - the name Textual gives it
        classes: str | None = None,
    ) -> None:
        """`hints` are the keys that the empty table names: ``launch``, ``clear``, ``ended``."""
        super().__init__(id=id, classes=classes)
        self.marks: set[str] = set()
        self._hints = {"launch": "n", "clear": "esc", "ended": "t", **(hints or {})}
        self._clock = clock or SystemClock()
        self._rows = FleetRows(sort, reverse=reverse, show_ended=show_ended)
        self._columns = columns_by_id(columns)
        self._status = PollStatus()
        self._generation = 0
        self._backlog: deque[tuple[tuple[FleetRow, ...], tuple[str, ...]]] = deque()
        self._painter: LinePainter | None = None
        self._layout: Layout = lay_out(self._columns, 80)
        self._cursor_id: str | None = None
        self._cursor_line = 0
        self._anchor_id: str | None = None
        self._told: FleetRow | None = None
        self._touched = False
        self._hover_y = -1
        self._ticks: dict[str, object] = {}
        self._visible: tuple[str, ...] = ()
        self._visible_timer: Timer | None = None

    # What the screen asks and tells

    @property
    def cursor_row(self) -> FleetRow | None:
        """The row under the cursor, None in an empty table."""
        return self._rows.get(self._cursor_id) if self._cursor_id is not None else None

    @property
    def filter_query(self) -> Query | None:
        return self._rows.query

    @property
    def sorting(self) -> tuple[str, bool]:
        """The column that the rows are sorted by, and whether in reverse."""
        return self._rows.column, self._rows.reverse

    @property
    def show_ended(self) -> bool:
        return self._rows.show_ended

    @property
    def column_ids(self) -> tuple[str, ...]:
        return tuple(column.id for column in self._columns)

    def selected_rows(self) -> list[FleetRow]:
        """The marked rows in the order shown (those filtered out last), else the one under the cursor.

        Whoever asks is about to act: from now on the cursor stays on its row, even while the first
        pages are still coming in.
        """
        self._touched = True
        if not self.marks:
            return [] if self.cursor_row is None else [self.cursor_row]
        end = len(self._rows)
        lines = {row_id: self._rows.index_of(row_id) for row_id in self.marks}
        ordered = sorted(
            self.marks, key=lambda row_id: (end if (at := lines[row_id]) is None else at, row_id)
        )
        return [row for row_id in ordered if (row := self._rows.get(row_id)) is not None]

    def visible_ids(self) -> tuple[str, ...]:
        """The ids of the rows on screen, from top to bottom."""
        top = round(self.scroll_y)
        return tuple(self._rows.ids(top, top + self._height))

    def wanted_ids(self) -> tuple[str, ...]:
        """The ids whose details the table needs: all while it sorts or filters by them, else the visible."""
        query = self._rows.query
        if self._rows.column in DETAIL_COLUMNS or (query is not None and query.needs_details):
            return tuple(self._rows.every_id())
        return self.visible_ids()

    def apply(self, change: ChangeSet) -> None:
        """Take in a change set; one of an older generation is dropped, a newer one starts anew."""
        if change.generation < self._generation:
            return
        if change.generation > self._generation:
            self._start_over(change.generation)
        self._status = change.status
        rows = (*change.added, *change.changed)
        slices = [rows[at : at + _SLICE] for at in range(0, len(rows), _SLICE)] or [()]
        waiting = bool(self._backlog)
        self._backlog.append((slices[0], change.gone))
        self._backlog.extend((part, ()) for part in slices[1:])
        if not waiting:
            self._take_slice()

    def set_query(self, query: Query | None) -> None:
        """Show only what matches; None shows everything."""
        self._rows.filter(query, self._clock.now())
        self._rearranged()

    def sort_by(self, column: str, reverse: bool = False) -> None:
        """Sort; raises ValueError for a column that there is not."""
        self._rows.arrange(self._clock.now(), column=column, reverse=reverse)
        self._rearranged()
        self.post_message(self.Sorted(column, reverse))

    def toggle_ended(self) -> bool:
        """Show or hide those that have ended; whether they are shown now."""
        self._rows.arrange(self._clock.now(), show_ended=not self._rows.show_ended)
        self._rearranged()
        return self._rows.show_ended

    def set_columns(self, ids: Sequence[str]) -> None:
        """Show these columns in this order; raises ValueError for one that there is not."""
        self._columns = columns_by_id(ids)
        self.pan = 0
        self._lay_out()

    def move_to(self, row_id: str) -> bool:
        """Put the cursor on a row and scroll to it; False if the row is not shown."""
        line = self._rows.index_of(row_id)
        if line is None:
            return False
        self._go_to(line)
        return True

    # Marks

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark, and go to the next."""
        if self._cursor_id is not None:
            self._mark({self._cursor_id} ^ self.marks)
            self._anchor_id = self._cursor_id
            self.action_move(1)

    def toggle_mark_all(self) -> None:
        """Mark every row shown, or none if all of them are."""
        shown = set(self._rows.ids())
        self._mark(self.marks - shown if shown <= self.marks else self.marks | shown)

    def clear_marks(self) -> bool:
        """Take all marks; whether there were any."""
        had = bool(self.marks)
        self._mark(set())
        return had

    def _mark(self, marks: set[str]) -> None:
        changed = marks ^ self.marks
        if not changed:
            return
        self._touched = True
        self.marks = marks
        self._refresh_rows(changed)
        self._summarise()
        self.post_message(self.MarksChanged(frozenset(marks)))

    # Changes

    def _start_over(self, generation: int) -> None:
        self._generation = generation
        self._backlog.clear()
        self._rows.clear()
        self._cursor_id, self._anchor_id, self._cursor_line = None, None, 0
        self._touched = False
        self._ticks.clear()
        if self.marks:
            self.marks = set()
            self.post_message(self.MarksChanged(frozenset()))
        self._rearranged()

    def _take_slice(self) -> None:
        if not self._backlog:
            return
        rows, gone = self._backlog.popleft()
        difference = self._rows.update(rows, gone, self._clock.now())
        if not self.marks.isdisjoint(gone):
            self.marks.difference_update(gone)
            self.post_message(self.MarksChanged(frozenset(self.marks)))
        if difference.moved:
            self._rearranged()
        else:
            self._refresh_rows(difference.touched)
            self._tell_cursor()
            self._summarise()
        if not self._rows:
            self.refresh()
        if self._backlog:
            self.set_timer(0.001, self._take_slice)

    def _rearranged(self) -> None:
        """The order or the number of lines changed: keep cursor and scroll where they were."""
        before, top = self._cursor_line, round(self.scroll_y)
        count = len(self._rows)
        line = None if self._cursor_id is None else self._rows.index_of(self._cursor_id)
        if not self._touched and not self._status.complete:
            # While the first pages come in, an untouched cursor rests at the top.
            line = 0
        self._cursor_line = min(before, max(count - 1, 0)) if line is None else line
        self._cursor_id = self._rows.id_at(self._cursor_line) if count else None
        self._set_lines(count)
        if not before - self._height < top <= before:
            self._scroll_line(top)
        elif top == 0:
            self._show_cursor()
        else:
            self._scroll_line(top + self._cursor_line - before)
            self._show_cursor()
        self.refresh()
        self._tell_cursor()
        self._summarise()
        self._visible_later()

    def _set_lines(self, count: int) -> None:
        size = Size(self._layout.width, count + HEADER)
        if size != self.virtual_size:
            self.virtual_size = size

    def _refresh_rows(self, ids: Iterable[str]) -> None:
        """Draw again those of the rows that are on screen."""
        wanted = ids if isinstance(ids, (set, frozenset)) else set(ids)
        top = round(self.scroll_y)
        for offset, row_id in enumerate(self.visible_ids()):
            if row_id in wanted:
                self._refresh_line(top + offset)

    def _refresh_line(self, line: int) -> None:
        y = line - round(self.scroll_y) + HEADER
        if HEADER <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _summarise(self) -> None:
        self.summary = summary(self._rows, len(self.marks))

    def _tell_cursor(self) -> None:
        row = self.cursor_row
        if row is not self._told:
            self._told = row
            self.post_message(self.CursorMoved(self, row))

    def _visible_later(self) -> None:
        if self._visible_timer is None and self.is_attached:
            self._visible_timer = self.set_timer(_VISIBLE_DELAY, self._tell_visible)

    def _tell_visible(self) -> None:
        self._visible_timer = None
        visible = self.visible_ids()
        if visible != self._visible:
            self._visible = visible
            self.post_message(self.VisibleChanged(visible))

    def _tick(self) -> None:
        """Once a second: draw again the visible rows whose age or time left reads differently now."""
        now = self._clock.now()
        if self._rows.recheck(now, _RECHECKED):
            self._rearranged()
        painter, before = self._paint(), self._ticks
        top = round(self.scroll_y)
        self._ticks = {}
        for offset, row_id in enumerate(self.visible_ids()):
            row = self._rows.get(row_id)
            ticking = painter.ticking(row, now) if row is not None else ()
            self._ticks[row_id] = ticking
            if before.get(row_id) != ticking:
                self._refresh_line(top + offset)

    # Cursor and scroll

    @property
    def _height(self) -> int:
        """Lines for rows."""
        return max(self.size.height - HEADER, 0)

    def _go_to(self, line: int) -> None:
        count = len(self._rows)
        self._touched = True
        if not count:
            return
        before, self._cursor_line = self._cursor_line, min(max(line, 0), count - 1)
        self._cursor_id = self._rows.id_at(self._cursor_line)
        self._refresh_line(before)
        self._refresh_line(self._cursor_line)
        self._show_cursor()
        self._tell_cursor()

    def _show_cursor(self) -> None:
        top, line = round(self.scroll_y), self._cursor_line
        if line < top:
            self._scroll_line(line)
        elif line >= top + self._height:
            self._scroll_line(line - self._height + 1)

    def _scroll_line(self, top: int) -> None:
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._visible_later()

    def action_move(self, lines: int) -> None:
        self._go_to(self._cursor_line + lines)

    def action_page(self, pages: float) -> None:
        lines = max(int(self._height * abs(pages)), 1)
        self._go_to(self._cursor_line + (lines if pages > 0 else -lines))

    def action_first(self) -> None:
        self._go_to(0)

    def action_last(self) -> None:
        self._go_to(len(self._rows) - 1)

    def action_pan(self, direction: int) -> None:
        """Scroll sideways to where the next column begins."""
        self.pan = self._layout.next_pan(self.pan, direction)

    def validate_pan(self, pan: int) -> int:
        return min(max(pan, 0), self._layout.farthest)

    def watch_pan(self) -> None:
        self._painter = None

    # Mouse

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < HEADER:
            self._click_header(offset.x)
            return
        line = round(self.scroll_y) + offset.y - HEADER
        if line >= len(self._rows):
            return
        clicked = self._rows.id_at(line)
        if event.shift:
            self._mark(self.marks | set(self._span(line)))
        elif event.ctrl:
            self._mark(self.marks ^ {clicked})
            self._anchor_id = clicked
        self._go_to(line)
        if not event.shift:
            self._anchor_id = clicked
        row = self.cursor_row
        if event.chain == 2 and not (event.shift or event.ctrl) and row is not None:
            self.post_message(self.Opened(self, row))

    def _span(self, line: int) -> list[str]:
        """The rows between the last one clicked or marked (else the cursor) and `line`."""
        anchor = self._rows.index_of(self._anchor_id) if self._anchor_id is not None else None
        start = self._cursor_line if anchor is None else anchor
        return self._rows.ids(min(start, line), max(start, line) + 1)

    def _click_header(self, x: int) -> None:
        column = self._layout.column_at(x, self.pan)
        if column is not None:
            current, reverse = self.sorting
            self.sort_by(column.id, not reverse if column.id == current else False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        self._hover(-1 if offset is None else offset.y)

    def on_leave(self) -> None:
        self._hover(-1)

    def _hover(self, y: int) -> None:
        if y == self._hover_y:
            return
        top = round(self.scroll_y) - HEADER
        before, self._hover_y = self._hover_y, y
        self._refresh_line(top + before)
        self._refresh_line(top + y)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        event.stop()
        self.action_pan(1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        event.stop()
        self.action_pan(-1)

    # Drawing

    def on_mount(self) -> None:
        self._refresh_scrollbars()
        self.set_interval(1.0, self._tick)
        self._summarise()

    def on_resize(self) -> None:
        self._lay_out()
        self._visible_later()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter = None
        self.refresh()

    def _lay_out(self) -> None:
        """Fit the columns to the width."""
        self._layout = lay_out(self._columns, max(self.size.width, 1))
        self.pan = self.validate_pan(self.pan)
        self._painter = None
        self._set_lines(len(self._rows))
        self.refresh()

    def _paint(self) -> LinePainter:
        if self._painter is None:
            self._painter = LinePainter(make_palette(self), self._layout, self.pan)
        return self._painter

    def get_line_filters(self) -> Sequence[LineFilter]:
        # The palette's colours are the theme's own: turning ANSI colours into true ones would go through
        # every piece of every line for nothing, a tenth of the time that drawing takes.
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

    def render_line(self, y: int) -> Strip:
        painter = self._paint()
        if y < HEADER:
            return painter.header(*self.sorting)
        line = round(self.scroll_y) + y - HEADER
        if not self._rows:
            return self._empty_line(painter, y)
        if line >= len(self._rows):
            return painter.blank()
        row = self._rows.at(line)
        marked = row.id in self.marks
        kind = "row"
        if line == self._cursor_line:
            kind = "cursor"
        elif marked:
            kind = "marked"
        elif y == self._hover_y:
            kind = "hover"
        return painter.line(row, kind, marked, self._clock.now())

    def _empty_line(self, painter: LinePainter, y: int) -> Strip:
        middle = max((self.size.height - HEADER) // 3, HEADER)
        text, hint = empty_lines(self._rows, self._status, self._hints)
        if y == middle:
            return painter.empty(text)
        if y == middle + 1:
            return painter.hint(hint)
        return painter.blank()
