"""The log: a line-API widget that draws what is on screen and nothing else.

It follows the newest line until the user scrolls up, and then stays where it is. It decides nothing about
actions; it tells by messages what the user did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from mvm_tui.model.clock import Clock, SystemClock
from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.log_pipeline import Change, Grown
from mvm_tui.tui.widgets.log_content import Row, rows_of
from mvm_tui.tui.widgets.log_keys import MOVES
from mvm_tui.tui.widgets.log_lines import Manner, Times
from mvm_tui.tui.widgets.log_painter import Highlight, LogPainter, no_highlights
from mvm_tui.tui.widgets.log_selection import Selection, Spot
from mvm_tui.tui.widgets.log_style import COMPONENTS, CSS, make_palette
from mvm_tui.tui.widgets.log_window import HEAD, LogWindow

_WHEEL = 3
_PAN = 8
# The milliseconds of a time are left out where there is no room to spare.
_FINE_WIDTH = 100


def no_level(entry: Entry) -> str:
    return "text"


class LogView(ScrollView, can_focus=True, inherit_bindings=False):
    """Entries of a log, oldest first.

    Attributes:
        window: Which of them are on screen.
        head: What the line above the first entry says.
        empty: What is said where there are no entries: a sentence, its reason, and what to do.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Moved(Message):
        """The window or the cursor moved, or following was paused or taken up again."""

    class OlderWanted(Message):
        """The user scrolls up past the oldest line."""

    class Opened(Message):
        """An entry was clicked twice."""

    class Selected(Message):
        """Something was selected, or the selection is gone."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        manner: Manner | None = None,
        level: Callable[[Entry], str] = no_level,
        highlight: Highlight = no_highlights,
        id: str | None = None,  # noqa: A002 - the name Textual gives it
    ) -> None:
        super().__init__(id=id)
        self._clock = clock or SystemClock()
        self._manner = manner or Manner()
        self._level = level
        self._highlight = highlight
        self._painter: LogPainter | None = None
        self._pan = 0
        self.window = LogWindow(self._count_lines)
        self.head = ""
        self.empty: Sequence[str] = ()
        self.selection: Selection | None = None
        self._dragging: Spot | None = None
        self._top_shown = -1

    # What the screen asks and tells

    @property
    def manner(self) -> Manner:
        return self._manner

    def set_manner(self, manner: Manner) -> None:
        """Show the lines in another way; the entry under the cursor stays in sight."""
        if manner == self._manner:
            return
        self._manner = manner
        self._laid_out_anew()

    def apply(self, changes: Sequence[Change]) -> None:
        """Take over what the pipeline says, and draw again what is on screen if it may differ."""
        before = self._on_screen()
        self.window.apply(changes)
        if self.window.following:
            self._keep_dated()
        visible = {id(entry) for entry, _ in before}
        grown = any(isinstance(change, Grown) and id(change.entry) in visible for change in changes)
        if grown or before != self._on_screen():
            self.refresh()
        self._place_bar()

    def say(self, head: str, empty: Sequence[str]) -> None:
        """What to say above the first entry, and where there are none."""
        if (head, tuple(empty)) != (self.head, tuple(self.empty)):
            self.head, self.empty = head, tuple(empty)
            if self.window.at_head or not self.window.entries:
                self.refresh()

    def tick(self) -> None:
        """A second has gone by."""
        if self._manner.times is Times.RELATIVE and self.window.entries:
            self.refresh()

    def redraw(self) -> None:
        """Marks, highlights or what is found changed."""
        self.refresh()

    def go_to(self, index: int) -> None:
        self.window.go_to(index)
        self._moved()

    def follow(self) -> None:
        self.window.follow()
        self._moved()

    def pause(self) -> None:
        self.window.pause()
        self._moved()

    def toggle_open(self) -> None:
        """Open the entry under the cursor, or fold it."""
        entry = self.window.cursor_entry
        if entry is None:
            return
        self.window.pause()
        if entry.more:
            entry.open = self._manner.folded if entry.open is None else not entry.open
        else:
            entry.open = not entry.open
        self.window.go_to(self.window.cursor)
        self._moved()

    def toggle_mark(self) -> None:
        entry = self.window.cursor_entry
        if entry is not None:
            entry.marked = not entry.marked
            self.refresh()

    def begin_range(self) -> None:
        """Select entries from the one under the cursor on, or end that."""
        entry = self.window.cursor_entry
        self.window.pause()
        if self.selection is not None or entry is None:
            self.select(None)
        else:
            self.select(Selection(Spot(entry), Spot(entry), whole=True))

    def select(self, selection: Selection | None) -> None:
        self.selection = selection
        self.refresh()
        self.post_message(self.Selected())

    def selected_entries(self) -> Sequence[Entry]:
        """Those that the selection touches, else the one under the cursor."""
        if self.selection is not None:
            return self.selection.entries(self.window.entries)
        entry = self.window.cursor_entry
        return () if entry is None else (entry,)

    def selected_text(self) -> str:
        """What is selected, else all rows of the entry under the cursor."""
        if self.selection is not None:
            return self.selection.text(self.window.entries, self._rows)
        return "\n".join(row.text for entry in self.selected_entries() for row in self._rows(entry))

    # Laying out

    def _rows(self, entry: Entry) -> Sequence[Row]:
        manner = self._manner
        return rows_of(entry, columns=manner.columns, fields=manner.fields, spread=entry.open is True)

    def _count_lines(self, entry: Entry) -> int:
        return len(self._paint().lines(entry))

    def _on_screen(self) -> list[tuple[Entry | None, int]]:
        entries = self.window.entries
        return [(entries[at] if at >= 0 else None, line) for at, line in self.window.screen]

    def _laid_out_anew(self) -> None:
        self._painter = None
        window = self.window
        window.lay_out()
        if not window.following and window.entries:
            window.go_to(window.cursor)
        self._place_bar()
        self.refresh()

    def _keep_dated(self) -> None:
        """Name the day as soon as lines of more than today are shown."""
        entries = self.window.entries
        if not entries:
            return
        today, first = self._clock.now().astimezone(), entries[0].event.when
        dated = abs((today - first).total_seconds()) > 86_400 or first.astimezone().date() != today.date()
        if dated != self._manner.dated:
            self.set_manner(replace(self._manner, dated=dated))

    def _place_bar(self) -> None:
        """The scroll bar goes by entries: how many lines there are in all nobody knows."""
        window, height = self.window, self.size.height
        lines = max(len(window.entries) - window.seen + height, height)
        size = Size(self.scrollable_size.width, lines)
        if size != self.virtual_size:
            # Set in the ordinary way it would lay out the whole screen anew for every line that arrives.
            self.set_reactive(LogView.virtual_size, size)
            self._scroll_update(size)
        if self._top_shown != window.top:
            self._top_shown = window.top
            self.set_reactive(Widget.scroll_y, float(window.top))
            self.vertical_scrollbar.position = float(window.top)

    def _moved(self) -> None:
        if self.selection is not None and self.selection.whole and (entry := self.window.cursor_entry):
            self.selection = replace(self.selection, head=Spot(entry))
        self._place_bar()
        self.refresh()
        self.post_message(self.Moved())

    # Keys and scroll bar

    def action_move(self, steps: int) -> None:
        at_head = self.window.at_head
        self.window.move(steps)
        self._went(steps, at_head)

    def action_page(self, pages: float) -> None:
        lines = max(round((self.size.height - 1) * abs(pages)), 1)
        self.scroll_lines(lines if pages > 0 else -lines)

    def action_first(self) -> None:
        at_head = self.window.at_head
        self.window.go_top(HEAD)
        self.window.cursor = 0 if self.window.entries else HEAD
        self._went(-1, at_head)

    def action_pan(self, direction: int) -> None:
        """Scroll sideways."""
        if self._manner.wrap:
            return
        self._pan = max(self._pan + direction * _PAN, 0)
        self._paint().pan = self._pan
        self.refresh()

    def scroll_lines(self, lines: int) -> None:
        at_head = self.window.at_head
        self.window.scroll(lines)
        self._went(lines, at_head)

    def _went(self, steps: int, was_at_head: bool) -> None:
        if steps < 0 and self.window.at_head and was_at_head:
            self.post_message(self.OlderWanted())
        self._moved()

    def scroll_to(self, x: float | None = None, y: float | None = None, **_: object) -> None:
        """What the scroll bar asks for when it is dragged: `y` is the index of an entry."""
        if y is None:
            return
        if y >= self.max_scroll_y:
            self.follow()
        else:
            self.window.go_top(round(y))
            self._moved()

    def scroll_page_up(self, **_: object) -> None:
        self.action_page(-1.0)

    def scroll_page_down(self, **_: object) -> None:
        self.action_page(1.0)

    # Mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop().prevent_default()
        if event.ctrl or event.shift:
            self.action_pan(1)
        else:
            self.scroll_lines(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop().prevent_default()
        if event.ctrl or event.shift:
            self.action_pan(-1)
        else:
            self.scroll_lines(-_WHEEL)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        event.stop().prevent_default()
        self.action_pan(1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        event.stop().prevent_default()
        self.action_pan(-1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        offset = event.get_content_offset(self)
        if event.button != 1 or offset is None:
            return
        found = self._spot_at(offset.x, offset.y)
        if found is None:
            return
        self.window.pause()
        self.window.cursor = self.window.screen[offset.y][0]
        if event.shift and self.selection is not None:
            self.select(replace(self.selection, head=found))
        else:
            self._dragging = found
            self.select(None)
            self.capture_mouse()
        self._moved()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging is None:
            return
        y = event.y
        if y < 0 or y >= self.size.height:
            self.window.scroll(-1 if y < 0 else 1)
            self.window.pause()
            self._moved()
        found = self._spot_at(event.x, min(max(y, 0), self.size.height - 1))
        if found is not None and found != self._dragging:
            self.select(Selection(self._dragging, found))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragging is not None:
            self._dragging = None
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self.window.cursor_entry is not None:
            self.post_message(self.Opened())

    def _spot_at(self, x: int, y: int) -> Spot | None:
        """The character under a cell; None where there is no line."""
        if not 0 <= y < len(self.window.screen):
            return None
        index, number = self.window.screen[y]
        if index < 0:
            return None
        entry = self.window.entries[index]
        return Spot(entry, *self._paint().row_at(entry, number, x))

    # Drawing

    def on_resize(self) -> None:
        fine = self.scrollable_size.width >= _FINE_WIDTH
        self._manner = replace(self._manner, fine=fine)
        self._painter = None
        self.window.resize(self.size.height)
        self._place_bar()
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter = None
        self.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        # The palette has turned the terminal's colours into the theme's already.
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

    def _paint(self) -> LogPainter:
        if self._painter is None:
            palette = make_palette(self)
            self._painter = LogPainter(
                palette, self._manner, self.scrollable_size.width, self._highlight, self._level
            )
            self._painter.pan = self._pan
        return self._painter

    def render_line(self, y: int) -> Strip:
        painter, window = self._paint(), self.window
        if not window.entries:
            return self._empty_line(painter, y)
        if y >= len(window.screen):
            return painter.blank()
        index, number = window.screen[y]
        if index < 0:
            return painter.words(self.head, "muted")
        entry = window.entries[index]
        kind = "marked" if entry.marked else "row"
        if index == window.cursor and not window.following:
            kind = "cursor"
        selected = None
        if self.selection is not None:
            lines = painter.lines(entry)
            selected = self.selection.range_in(entry, lines[min(number, len(lines) - 1)].row)
        return painter.strip(entry, number, kind, self._clock.now(), selected)

    def _empty_line(self, painter: LogPainter, y: int) -> Strip:
        first = max(self.size.height // 3 - 1, 0)
        lines = self._empty_words()
        if first <= y < first + len(lines):
            return painter.words(*lines[y - first])
        return painter.blank()

    def _empty_words(self) -> list[tuple[str, str]]:
        """The sentences for an empty log, wrapped, each line with its role."""
        width = max(self.scrollable_size.width - 4, 10)
        lines: list[tuple[str, str]] = []
        for number, sentence in enumerate(self.empty):
            role = "muted" if number else "text"
            words = ""
            for word in sentence.split(" "):
                if words and len(words) + 1 + len(word) > width:
                    lines.append((words, role))
                    words = ""
                words = f"{words} {word}" if words else word
            lines.append((words, role))
        return lines
