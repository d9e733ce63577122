"""The mouse over a shell: the guest's when it asks for it, else it selects, scrolls and follows links.

With shift it always selects. A drag selects cells, a double click a word, a triple click a line; what is
selected is copied when the button is let go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Offset
from textual.timer import Timer

from mvm_tui.terminal import mouse
from mvm_tui.tui.shell_text import Point, link_at, text_at, text_between, word_at

if TYPE_CHECKING:
    from mvm_tui.terminal.facade import Terminal
    from mvm_tui.tui.open_shell import OpenShell
    from mvm_tui.tui.widgets.shell_view import ShellView

_WHEEL_LINES = 3
# How soon a click on the same cell after another is part of it, and how often a drag over an edge scrolls.
_CHAIN_SECONDS = 0.5
_EDGE_SECONDS = 0.05
# Textual's numbers of buttons are the guest's too: left, middle, right.
_BUTTONS = frozenset({mouse.LEFT, mouse.MIDDLE, mouse.RIGHT})


class Mouse:
    """What the mouse does to one view."""

    def __init__(self, view: ShellView) -> None:
        self._view = view
        self._anchor: tuple[Point, Point] | None = None
        self._head: tuple[Point, Point] | None = None
        self._dragging = False
        self._guest_button = mouse.NONE
        self._guest_cell: Offset | None = None
        self._chain = 0
        self._clicked: tuple[Point, float] | None = None
        self._edge: Timer | None = None
        self._edge_at: tuple[int, Offset] = (0, Offset())

    # What is selected

    def clear(self) -> None:
        """Nothing is selected any more."""
        self._stop_dragging()
        if self._anchor is not None:
            self._anchor = self._head = None
            self._view.refresh()

    def let_go(self) -> None:
        """Another shell is drawn: nothing of this one is held any more."""
        self.clear()
        if self._guest_button:
            self._guest_button = mouse.NONE
            self._view.release_mouse()

    @property
    def _span(self) -> tuple[Point, Point] | None:
        """The first and the last cell selected."""
        if self._anchor is None or self._head is None:
            return None
        return min(self._anchor[0], self._head[0]), max(self._anchor[1], self._head[1])

    def selected_on(self, number: int, terminal: Terminal) -> tuple[int, int] | None:
        """From which to before which cell a line is selected."""
        span = self._span
        if span is None or not span[0][0] <= number <= span[1][0]:
            return None
        left = span[0][1] if number == span[0][0] else 0
        right = span[1][1] + 1 if number == span[1][0] else terminal.columns
        return left, right

    # What the user does

    def down(self, event: events.MouseDown) -> None:
        """A button was pressed."""
        shell = self._view.shell
        if shell is None:
            return
        if self._goes_to_guest(shell, event):
            self._guest_button = event.button
            self._view.capture_mouse()
            self._tell_guest(shell, mouse.PRESS, event.button, event)
        elif event.button == mouse.LEFT:
            self._begin(shell.terminal, self._point(event.offset), event)

    def moved(self, event: events.MouseMove) -> None:
        """The pointer moved."""
        shell = self._view.shell
        if shell is None:
            return
        if self._dragging:
            self._drag(shell.terminal, event.offset)
        elif self._guest_button or self._goes_to_guest(shell, event):
            # A guest is told of cells, not of what moves within one.
            cell = self._cell(event.offset)
            if cell != self._guest_cell:
                self._guest_cell = cell
                self._tell_guest(shell, mouse.MOVE, self._guest_button, event)

    def up(self, event: events.MouseUp) -> None:
        """A button was let go."""
        shell = self._view.shell
        if shell is None:
            return
        if self._guest_button:
            button, self._guest_button = self._guest_button, mouse.NONE
            self._view.release_mouse()
            self._tell_guest(shell, mouse.RELEASE, button, event)
        elif self._dragging:
            self._end(shell.terminal, self._point(event.offset))

    def wheel(self, event: events.MouseEvent, direction: int) -> None:
        """The wheel turned: down if `direction` is positive."""
        shell = self._view.shell
        if shell is None:
            return
        button = mouse.WHEEL_DOWN if direction > 0 else mouse.WHEEL_UP
        modes = shell.terminal.modes
        if self._goes_to_guest(shell, event):
            self._tell_guest(shell, mouse.PRESS, button, event)
        elif not self._view.browser.browsing and (keys := mouse.wheel_as_keys(button, _WHEEL_LINES, modes)):
            shell.send(keys)
        elif not modes.alternate_screen or self._view.browser.browsing:
            self._view.scroll_lines(direction * _WHEEL_LINES)

    # The guest's

    def _goes_to_guest(self, shell: OpenShell, event: events.MouseEvent) -> bool:
        return bool(
            shell.terminal.modes.mouse_protocol
            and not event.shift
            and not self._view.browser.browsing
            and not shell.over
        )

    def _tell_guest(self, shell: OpenShell, action: str, button: int, event: events.MouseEvent) -> None:
        if button not in _BUTTONS and button < mouse.WHEEL_UP and action != mouse.MOVE:
            return
        x, y = self._cell(event.offset)
        data = mouse.encode_mouse(action, button, x, y, shell.terminal.modes, alt=event.meta, ctrl=event.ctrl)
        shell.send(data)

    # Selecting

    def _cell(self, offset: Offset) -> Offset:
        """A place in the view, brought into it."""
        size = self._view.size
        return Offset(min(max(offset.x, 0), size.width - 1), min(max(offset.y, 0), size.height - 1))

    def _point(self, offset: Offset) -> Point:
        cell = self._cell(offset)
        return self._view.top + cell.y, cell.x

    def _begin(self, terminal: Terminal, point: Point, event: events.MouseDown) -> None:
        self.clear()
        again = self._clicked is not None and self._clicked[0] == point
        recent = self._clicked is not None and event.time - self._clicked[1] < _CHAIN_SECONDS
        self._chain = self._chain % 3 + 1 if again and recent else 1
        self._clicked = (point, event.time)
        self._dragging = True
        self._view.capture_mouse()
        if self._chain > 1:
            self._anchor = self._head = self._unit(terminal, point)
            self._view.refresh()

    def _unit(self, terminal: Terminal, point: Point) -> tuple[Point, Point]:
        """The cell, word or line at a point, as the clicks before say."""
        try:
            if self._chain == 2:
                return word_at(terminal, point)
            if self._chain == 3:
                return text_at(terminal, point)
        except IndexError:
            pass  # The line is gone: what is left is the cell.
        return point, point

    def _drag(self, terminal: Terminal, offset: Offset) -> None:
        point = self._point(offset)
        if self._anchor is None:
            assert self._clicked is not None
            if point == self._clicked[0]:
                return
            self._anchor = self._unit(terminal, self._clicked[0])
        self._head = self._unit(terminal, point)
        self._view.refresh()
        beyond = -1 if offset.y < 0 else 1 if offset.y >= self._view.size.height else 0
        self._scroll_over_edge(beyond, offset)

    def _scroll_over_edge(self, beyond: int, offset: Offset) -> None:
        self._edge_at = (beyond, offset)
        if beyond and self._edge is None:
            self._edge = self._view.set_interval(_EDGE_SECONDS, self._over_edge)
        elif not beyond and self._edge is not None:
            self._edge.stop()
            self._edge = None

    def _over_edge(self) -> None:
        shell, (beyond, offset) = self._view.shell, self._edge_at
        if shell is not None and not shell.terminal.modes.alternate_screen:
            self._view.scroll_lines(beyond)
            self._head = self._unit(shell.terminal, self._point(offset))
            self._view.refresh()

    def _stop_dragging(self) -> None:
        if self._dragging:
            self._dragging = False
            self._view.release_mouse()
        if self._edge is not None:
            self._edge.stop()
            self._edge = None

    def _end(self, terminal: Terminal, point: Point) -> None:
        self._stop_dragging()
        span = self._span
        try:
            if span is None:
                if address := link_at(terminal, point):
                    self._view.post_message(self._view.LinkChosen(address))
            elif text := text_between(terminal, *span):
                self._view.post_message(self._view.Copied(text))
        except IndexError:
            self.clear()
