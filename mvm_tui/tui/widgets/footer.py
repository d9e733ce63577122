"""The bottom line: the keys that work now, and how fresh the screen is."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

# (action id, its key, its label); without an id it cannot be clicked.
Hint = tuple[str, str, str]


class Footer(Widget):
    """One line of key hints that can be clicked, and a status at the right."""

    DEFAULT_CSS = """
    Footer { height: 1; background: $panel; }
    """

    class Chosen(Message):
        """A hint was clicked."""

        def __init__(self, action_id: str) -> None:
            super().__init__()
            self.action_id = action_id

    hints: Sequence[Hint] = ()
    status = Content("")
    clock = Content("")

    def show(self, hints: Sequence[Hint], status: Content, clock: Content) -> None:
        """Draw again if what is said differs. The clock is there when there is no status and room for it."""
        if (hints, status, clock) != (self.hints, self.status, self.clock):
            self.hints, self.status, self.clock = hints, status, clock
            self.refresh()

    def _parts(self) -> tuple[Content, list[tuple[str, int, int]], Content]:
        """The hints, where each is, and what stands at the right."""
        width = self.size.width
        keys, spans = _layout(self.hints, width - self.status.cell_length - 2)
        if self.status or keys.cell_length + self.clock.cell_length + 2 > width:
            return keys, spans, self.status
        return keys, spans, self.clock

    def render(self) -> Content:
        keys, _, right = self._parts()
        gap = max(self.size.width - keys.cell_length - right.cell_length - 1, 0)
        return Content.assemble(keys, " " * gap, right)

    def on_click(self, event: events.Click) -> None:
        for action_id, start, end in self._parts()[1]:
            if action_id and start <= event.x < end:
                self.post_message(self.Chosen(action_id))


def _layout(hints: Sequence[Hint], width: int) -> tuple[Content, list[tuple[str, int, int]]]:
    """The hints that fit, and from which to which cell each reaches.

    The last one stays as long as anything does: it leads to all the others.
    """
    parts: list[tuple[str, str] | str] = []
    spans: list[tuple[str, int, int]] = []
    at = 0
    last = _length(hints[-1]) if hints else 0
    for index, (action_id, key, label) in enumerate(hints):
        length = _length(hints[index])
        if at + length + (last if index < len(hints) - 1 else 0) > width:
            continue
        parts += [(f" {key}", "bold $accent"), f" {label} "]
        spans.append((action_id, at, at + length))
        at += length
    return Content.assemble(*parts), spans


def _length(hint: Hint) -> int:
    """Cells that a hint takes."""
    return Content(f" {hint[1]} {hint[2]} ").cell_length
