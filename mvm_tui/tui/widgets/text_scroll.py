"""A text to scroll with the keys that move about in the tables."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class TextScroll(VerticalScroll):
    """Arrows, page keys, home and end are the base class's own; these are added."""

    DEFAULT_CSS = """
    TextScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "up", show=False, id="scroll.up"),
        Binding("j", "scroll_down", "down", show=False, id="scroll.down"),
        Binding("ctrl+u", "page_up", "page up", show=False, id="scroll.page_up"),
        Binding("ctrl+d", "page_down", "page down", show=False, id="scroll.page_down"),
        Binding("g", "scroll_home", "top", show=False, id="scroll.top"),
        Binding("G", "scroll_end", "bottom", show=False, id="scroll.bottom"),
    ]
