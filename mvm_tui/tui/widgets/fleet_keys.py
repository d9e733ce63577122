"""The keys that move about in the MicroVM table; what acts on MicroVMs is in `mvm_tui.fleet.actions`."""

from __future__ import annotations

from textual.binding import Binding, BindingType

MOVES: list[BindingType] = [
    Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
    Binding("down,j", "move(1)", "down", show=False, id="table.down"),
    Binding("pageup", "page(-1.0)", "page up", show=False, id="table.page_up"),
    Binding("pagedown", "page(1.0)", "page down", show=False, id="table.page_down"),
    Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, id="table.half_up"),
    Binding("ctrl+d", "page(0.5)", "half a page down", show=False, id="table.half_down"),
    Binding("home,g", "edge(False)", "first row", show=False, id="table.first"),
    Binding("end,G", "edge(True)", "last row", show=False, id="table.last"),
    Binding("left", "pan(-1)", "columns to the left", show=False, id="table.left"),
    Binding("right", "pan(1)", "columns to the right", show=False, id="table.right"),
]
