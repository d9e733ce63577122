"""The number row: the main screens with their keys, the one in front marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Tab:
    """One main screen in the row. `note` says what waits there, such as ``●``; empty if nothing does."""

    action_id: str
    key: str
    title: str
    front: bool
    note: str = ""


class SectionRow(Widget):
    """One line of tabs that can be clicked; not there while there is only one main screen."""

    DEFAULT_CSS = """
    SectionRow { height: 1; background: $background; }
    """

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, action_id: str) -> None:
            super().__init__()
            self.action_id = action_id

    tabs: Sequence[Tab] = ()

    def show(self, tabs: Sequence[Tab]) -> None:
        """Draw again if what is said differs."""
        if tabs != self.tabs:
            self.tabs = tabs
            self.display = len(tabs) > 1
            self.refresh()

    def render(self) -> Content:
        return Content.assemble(" ", *map(_label, self.tabs))

    def on_click(self, event: events.Click) -> None:
        start = 1
        for tab in self.tabs:
            end = start + _label(tab).cell_length
            if start <= event.x < end:
                self.post_message(self.Chosen(tab.action_id))
            start = end


def _label(tab: Tab) -> Content:
    key = (f" {tab.key} ", "bold $accent") if tab.key else " "
    title = (f"{tab.title} ", "bold $foreground" if tab.front else "$text-muted")
    note = (f"{tab.note} ", "$accent") if tab.note else ""
    label = Content.assemble(key, title, note)
    return label.stylize("on $panel") if tab.front else label
