"""The MicroVM table: a line-API widget that draws what is on screen and nothing else.

It takes change sets by key and never refills: cursor, marks, order, filter and scroll survive every
refresh. It decides nothing about actions; it tells by messages where the user is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence, Set
from typing import ClassVar, TypeAlias

from textual import events
from textual.binding import BindingType
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.model.clock import Clock, SystemClock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.query import Query
from mvm_tui.model.sorting import DETAIL_COLUMNS
from mvm_tui.tui.widgets import fleet_messages as messages
from mvm_tui.tui.widgets.fleet_columns import BY_ID, CostOf, Layout, columns_by_id, lay_out, nobody_knows
from mvm_tui.tui.widgets.fleet_keys import MOVES
from mvm_tui.tui.widgets.fleet_line import LinePainter
from mvm_tui.tui.widgets.fleet_rows import FleetRows
from mvm_tui.tui.widgets.fleet_selection import Selection
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

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    summary: reactive[str] = reactive("", repaint=False)
    """What the border says: ``5 of 6 · 2 marked · age ▾ · /web``."""
    pan: reactive[int] = reactive(0)
    """Cells by which the columns that do not stick are scrolled to the left."""
    mates: reactive[frozenset[str]] = reactive(frozenset[str]())
    """Those that came from the same snapshot as the one under the cursor."""

    CursorMoved: TypeAlias = messages.CursorMoved
    Opened: TypeAlias = messages.Opened
    MarksChanged: TypeAlias = messages.MarksChanged
    VisibleChanged: TypeAlias = messages.VisibleChanged
    Sorted: TypeAlias = messages.Sorted

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        sort: str = "age",
        reverse: bool = False,
        show_ended: bool = True,
        columns: Sequence[str] = _ALL_COLUMNS,
        hints: Mapping[str, str] | None = None,
        cost_of: CostOf = nobody_knows,
        id: str | None = None,  # noqa: A002 - the name Textual gives it
        classes: str | None = None,
    ) -> None:
        """`hints` are the keys that the empty table names: ``launch``, ``clear``, ``ended``."""
        super().__init__(id=id, classes=classes)
        self._hints = {"launch": "n", "clear": "esc", "ended": "t", **(hints or {})}
        self._clock = clock or SystemClock()
        self._rows = FleetRows(sort, reverse=reverse, show_ended=show_ended)
        self._selection = Selection(self._rows)
        self._cost_of = cost_of
        self._columns = columns_by_id(columns, cost_of)
        self._layout: Layout = lay_out(self._columns, 80)
        self._painter: LinePainter | None = None
        self._status = PollStatus()
        self._generation = 0
        self._backlog: deque[tuple[tuple[FleetRow, ...], tuple[str, ...]]] = deque()
        # What was last told in messages, so that nothing is told twice.
        self._told_row: FleetRow | None = None
        self._told_visible: tuple[str, ...] = ()
        self._visible_timer: Timer | None = None
        self._on_screen: tuple[str, ...] = ()
        self._hover_y = -1
        self._ticks: dict[str, object] = {}

    # What the screen asks and tells

    @property
    def cursor_row(self) -> FleetRow | None:
        """The row under the cursor, None in an empty table."""
        return self._selection.cursor_row

    @property
    def marks(self) -> frozenset[str]:
        """The ids of the marked rows, those that the filter hides included."""
        return frozenset(self._selection.marks)

    @property
    def sorting(self) -> tuple[str, bool]:
        """The column that the rows are sorted by, and whether in reverse."""
        return self._rows.column, self._rows.reverse

    @property
    def column_ids(self) -> tuple[str, ...]:
        """The columns chosen, in their order."""
        return tuple(column.id for column in self._columns)

    def selected_rows(self) -> list[FleetRow]:
        """The marked rows in the order shown (those filtered out last), else the one under the cursor."""
        return self._selection.chosen()

    def shows(self, row_id: str) -> bool:
        """Whether a row is in the table, on screen or not; False if the filter hides it."""
        return row_id in self._rows

    def visible_ids(self) -> tuple[str, ...]:
        """The ids of the rows on screen, from top to bottom."""
        top = round(self.scroll_y)
        return tuple(self._rows.ids(top, top + self._height))

    def wanted_ids(self) -> tuple[str, ...]:
        """The ids whose details are needed: all while they sort or filter by them, else the visible."""
        query = self._rows.query
        if self._rows.column in DETAIL_COLUMNS or (query is not None and query.needs_details):
            return tuple(self._rows.living())
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
        self._rearranged(asked=True)

    def sort_by(self, column: str, reverse: bool = False) -> None:
        """Sort; raises ValueError for a column that there is not."""
        self._rows.arrange(self._clock.now(), column=column, reverse=reverse)
        self._rearranged(asked=True)
        self.post_message(self.Sorted(column, reverse))

    def toggle_ended(self) -> bool:
        """Show or hide those that have ended; whether they are shown now."""
        self._rows.arrange(self._clock.now(), show_ended=not self._rows.show_ended)
        self._rearranged(asked=True)
        return self._rows.show_ended

    def set_columns(self, ids: Sequence[str]) -> None:
        """Show these columns in this order; raises ValueError for one that there is not."""
        self._columns = columns_by_id(ids, self._cost_of)
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
        row = self.cursor_row
        if row is not None:
            self._mark(self.marks ^ {row.id})
            self._selection.anchor()
            self.action_move(1)

    def toggle_mark_all(self) -> None:
        """Mark every row shown, or none if all of them are."""
        shown = frozenset(self._rows.ids())
        self._mark(self.marks - shown if shown <= self.marks else self.marks | shown)

    def clear_marks(self) -> bool:
        """Take all marks; whether there were any."""
        had = bool(self.marks)
        self._mark(frozenset())
        return had

    def _mark(self, marks: frozenset[str]) -> None:
        changed = marks ^ self.marks
        if changed:
            self._selection.held = True
            self._selection.marks = set(marks)
            self._refresh_rows(changed)
            self._marks_changed()

    def _marks_changed(self) -> None:
        self._summarise()
        self.post_message(self.MarksChanged(self.marks))

    # Changes

    def _start_over(self, generation: int) -> None:
        self._generation = generation
        self._backlog.clear()
        self._rows.clear()
        self._ticks.clear()
        had_marks = bool(self.marks)
        self._selection.clear()
        self._rearranged()
        if had_marks:
            self._marks_changed()

    def _take_slice(self) -> None:
        if not self._backlog:
            return
        rows, gone = self._backlog.popleft()
        difference = self._rows.update(rows, gone, self._clock.now())
        if difference.moved or not len(self._rows):
            self._rearranged()
        self._refresh_rows(difference.touched)
        self._tell_cursor()
        self._summarise()
        if self._selection.forget(gone):
            self._marks_changed()
        if self._backlog:
            self.set_timer(0.001, self._take_slice)

    def _rearranged(self, *, asked: bool = False) -> None:
        """The order or the number of lines changed: keep what the user looks at where it is.

        That is the cursor if it is on screen or the user `asked` for the change, else the top line. At
        the very top the table stays there, so that what is new is seen.
        """
        selection, top, shown = self._selection, round(self.scroll_y), self._on_screen
        before = selection.line
        on_screen = top <= before < top + self._height
        selection.follow(lost=0 if asked else before, rest=not self._status.complete)
        self._set_lines(len(self._rows))
        if on_screen or asked:
            if top:
                self._scroll_line(top + selection.line - before)
            self._show_cursor()
        elif shown and (line := self._rows.index_of(shown[0])) is not None:
            self._scroll_line(line)
        self._scrolled()
        if asked or not shown or shown != self._on_screen:
            self.refresh()
        else:
            self._refresh_line(before)
            self._refresh_line(selection.line)
        self._tell_cursor()
        self._summarise()

    def _set_lines(self, count: int) -> None:
        size = Size(self._layout.width, count + HEADER)
        if size != self.virtual_size:
            # Set in the ordinary way it would lay out the whole screen anew for every page that arrives.
            self.set_reactive(FleetTable.virtual_size, size)
            self._scroll_update(size)

    def _refresh_rows(self, ids: Set[str]) -> None:
        """Draw again those of the rows that are on screen."""
        top = round(self.scroll_y)
        for offset, row_id in enumerate(self.visible_ids()):
            if row_id in ids:
                self._refresh_line(top + offset)

    def _refresh_line(self, line: int) -> None:
        y = line - round(self.scroll_y) + HEADER
        if HEADER <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _summarise(self) -> None:
        selection = self._selection
        marked, hidden = len(selection.marks), selection.out_of_sight
        self.summary = summary(self._rows, self._status.complete, marked, hidden)

    def _tell_cursor(self) -> None:
        row = self.cursor_row
        if row is not self._told_row:
            self._told_row = row
            self.post_message(self.CursorMoved(row))

    def _scrolled(self) -> None:
        """Other rows may be on screen: look, and tell soon."""
        self._on_screen = self.visible_ids()
        if self._visible_timer is None and self.is_attached:
            self._visible_timer = self.set_timer(_VISIBLE_DELAY, self._tell_visible)

    def _tell_visible(self) -> None:
        self._visible_timer = None
        if self._on_screen != self._told_visible:
            self._told_visible = self._on_screen
            self.post_message(self.VisibleChanged(self._on_screen))

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
        before = self._selection.line
        if self._selection.go(line):
            self._refresh_line(before)
            self._refresh_line(self._selection.line)
            self._show_cursor()
            self._tell_cursor()

    def _show_cursor(self) -> None:
        top, line = round(self.scroll_y), self._selection.line
        if line < top:
            self._scroll_line(line)
        elif line >= top + self._height:
            self._scroll_line(line - self._height + 1)

    def _scroll_line(self, top: int) -> None:
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._scrolled()

    def action_move(self, lines: int) -> None:
        self._go_to(self._selection.line + lines)

    def action_page(self, pages: float) -> None:
        lines = max(int(self._height * abs(pages)), 1)
        self._go_to(self._selection.line + (lines if pages > 0 else -lines))

    def action_edge(self, last: bool) -> None:
        self._go_to(len(self._rows) - 1 if last else 0)

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
        if event.shift:
            self._mark(self.marks.union(self._selection.span(line)))
        self._go_to(line)
        row = self.cursor_row
        if event.shift or row is None:
            return
        self._selection.anchor()
        if event.ctrl:
            self._mark(self.marks ^ {row.id})
        elif event.chain == 2:
            self.post_message(self.Opened(row))

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
        self._scrolled()

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
        if not len(self._rows):
            return self._empty_line(painter, y)
        if line >= len(self._rows):
            return painter.blank()
        row = self._rows.at(line)
        marked = row.id in self._selection.marks
        kind = "mate" if row.id in self.mates else "row"
        if line == self._selection.line:
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
