"""A table of a few hundred lines with a cursor, laid out in the width there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mvm_tui.tui.lines import Line, View
from mvm_tui.tui.widgets.cells import pad, shorten_end, width_of

_GAP = 2
# Below this a column that may shrink says nothing any more.
_LEAST = 6
_STYLES = {"": "", "muted": "$text-muted", "warning": "$text-warning"}


class LineList(OptionList):
    """Shows a `View`; its cursor stays on what it is on while the figures change."""

    DEFAULT_CSS = """
    LineList { border: none; padding: 0; background: $background; height: 1fr; }
    LineList:focus { border: none; background-tint: transparent; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "down", show=False, id="lines.down"),
        Binding("k", "cursor_up", "up", show=False, id="lines.up"),
        Binding("g", "first", "first", show=False, id="lines.first"),
        Binding("G", "last", "last", show=False, id="lines.last"),
    ]

    view: View | None = None
    _widths: tuple[int, ...] = ()

    def show(self, view: View) -> None:
        """Draw what differs."""
        before, self.view = self.view, view
        if before == view:
            return
        widths = fit(view, self._room)
        same = before is not None and [one.key for one in before.lines] == [one.key for one in view.lines]
        if before is not None and same and widths == self._widths:
            for old, new in zip(before.lines, view.lines, strict=True):
                if old != new:
                    self.replace_option_prompt(new.key, draw(new, view, widths))
            return
        self._fill(view, widths)

    def on_resize(self, event: events.Resize) -> None:
        if self.view is not None:
            self._fill(self.view, fit(self.view, self._room))

    @property
    def _room(self) -> int:
        # A column is kept for the scrollbar, so that lines stay where they are when it comes.
        return max(self.size.width - 2, 1)

    @property
    def heading(self) -> Content:
        """The titles above the columns."""
        if self.view is None or not self.view.lines:
            return Content("")
        titles = tuple(title.removeprefix(">") for title in self.view.titles)
        return Content.styled(_plain(titles, self.view, self._widths), "bold $text-muted")

    @property
    def chosen(self) -> str:
        """The key of the line under the cursor; empty if there is none."""
        if self.highlighted is None or self.view is None or self.highlighted >= len(self.view.lines):
            return ""
        return self.view.lines[self.highlighted].key

    def go_to(self, key: str) -> None:
        """Put the cursor on the line of this key, if there is one."""
        keys = [line.key for line in self.view.lines] if self.view else []
        if key in keys:
            self.highlighted = keys.index(key)

    def in_sight(self) -> Sequence[Line]:
        """The lines that are on screen now, the first of them first."""
        if self.view is None:
            return ()
        first = round(self.scroll_y)
        return self.view.lines[first : first + max(self.size.height, 1)]

    def _fill(self, view: View, widths: tuple[int, ...]) -> None:
        chosen, at = self.get_option_id(), self.highlighted
        self._widths = widths
        self.clear_options()
        self.add_options([Option(draw(line, view, widths), line.key) for line in view.lines])
        keys = [line.key for line in view.lines]
        if keys:
            self.highlighted = keys.index(chosen) if chosen in keys else min(at or 0, len(keys) - 1)

    def get_option_id(self) -> str:
        """The id of the option under the cursor, whatever view it belongs to; empty if there is none."""
        if self.highlighted is None or not 0 <= self.highlighted < self.option_count:
            return ""
        return self.get_option_at_index(self.highlighted).id or ""


def fit(view: View, room: int) -> tuple[int, ...]:
    """Widths of the columns: as wide as their widest cell; texts give way, then the last columns go (0)."""
    columns = list(zip(*(line.cells for line in view.lines), strict=True)) if view.lines else []
    titles = [title.removeprefix(">") for title in view.titles]
    widths = [
        max([width_of(title), *(width_of(cell) for cell in column)])
        for title, column in zip(titles, columns or [()] * len(titles), strict=True)
    ]
    shrinking = [index for index, title in enumerate(view.titles) if title and not title.startswith(">")]
    while _total(widths) > room:
        widest = max(shrinking, key=lambda index: widths[index])
        if widths[widest] > _LEAST:
            widths[widest] -= 1
            continue
        last = max((index for index, width in enumerate(widths) if width), default=0)
        if last == 0:
            break
        widths[last] = 0
        shrinking = [index for index in shrinking if index != last] or [0]
    return tuple(widths)


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + _GAP * max(len(shown) - 1, 0)


def draw(line: Line, view: View, widths: tuple[int, ...]) -> Content:
    """One line as text."""
    plain = _STYLES.get(line.role, "")
    tones = (*line.tones, *[""] * (len(line.cells) - len(line.tones)))
    cells = zip(_cells(line.cells, view, widths), tones, widths, strict=True)
    parts = [Content.styled(text, tone or plain) for text, tone, width in cells if width]
    return Content(" " * _GAP).join(parts)


def _plain(cells: Sequence[str], view: View, widths: tuple[int, ...]) -> str:
    shown = zip(_cells(cells, view, widths), widths, strict=True)
    return (" " * _GAP).join(text for text, width in shown if width)


def _cells(cells: Sequence[str], view: View, widths: tuple[int, ...]) -> list[str]:
    """Each cell in the width of its column; empty where that is not shown."""
    return [
        pad(shorten_end(cell, width), width, right=title.startswith(">"))
        for title, cell, width in zip(view.titles, cells, widths, strict=True)
    ]
