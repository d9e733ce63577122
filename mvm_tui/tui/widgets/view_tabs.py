"""The views of a screen in a row, the one in front marked."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class ViewTabs(Widget):
    """One line of words that can be clicked."""

    DEFAULT_CSS = """
    ViewTabs { height: 1; margin-bottom: 1; }
    """

    class Chosen(Message):
        """A word was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._front = ""

    def show(self, front: str) -> None:
        """Mark the one in front."""
        if front != self._front:
            self._front = front
            self.refresh()

    def render(self) -> Content:
        return Content("").join(
            Content.styled(
                f" {name} ", "bold $foreground on $panel" if name == self._front else "$text-muted"
            )
            for name in self._names
        )

    def on_click(self, event: events.Click) -> None:
        start = 0
        for name in self._names:
            end = start + len(name) + 2
            if start <= event.x < end:
                self.post_message(self.Chosen(name))
            start = end
