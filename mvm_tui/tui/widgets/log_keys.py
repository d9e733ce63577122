"""The keys that move about in a log; what else can be done with it is in `mvm_tui.fleet.catalogue.logs`."""

from __future__ import annotations

from textual.binding import Binding, BindingType

MOVES: list[BindingType] = [
    Binding("up,k", "move(-1)", "up", show=False, id="logs.up"),
    Binding("down,j", "move(1)", "down", show=False, id="logs.down"),
    Binding("pageup,ctrl+b", "page(-1.0)", "page up", show=False, id="logs.page_up"),
    Binding("pagedown", "page(1.0)", "page down", show=False, id="logs.page_down"),
    Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="logs.half_up"),
    Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="logs.half_down"),
    Binding("home,g", "first", "first line", show=False, id="logs.first"),
    Binding("left,h", "pan(-1)", "to the left", show=False, id="logs.left"),
    Binding("right,l", "pan(1)", "to the right", show=False, id="logs.right"),
]
