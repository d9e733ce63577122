"""How the MicroVM table takes its colours from the theme."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from mvm_tui.tui.widgets.fleet_columns import ROLES
from mvm_tui.tui.widgets.fleet_line import Palette

# Kinds of lines, from the plain one to the strongest.
KINDS = ("row", "mate", "hover", "marked", "cursor")
_PLAIN = ("header", "sorted", "empty", "hint")
COMPONENTS = tuple(f"fleet-table--{name}" for name in (*ROLES, *KINDS[1:], "mark", *_PLAIN))

CSS = """
FleetTable {
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-size-vertical: 1;
    background: $surface;
    color: $foreground;

    & > .fleet-table--header { color: $text-muted; text-style: bold; }
    & > .fleet-table--sorted { color: $accent; text-style: bold; }
    & > .fleet-table--mate { background: $accent 6%; }
    & > .fleet-table--hover { background: $foreground 5%; }
    & > .fleet-table--marked { background: $accent 12%; }
    & > .fleet-table--cursor { background: $foreground 12%; }
    &:focus > .fleet-table--cursor { background: $accent 25%; text-style: bold; }
    & > .fleet-table--mark { color: $accent; text-style: bold; }
    & > .fleet-table--text { color: $foreground; }
    & > .fleet-table--muted { color: $text-muted; }
    & > .fleet-table--warning { color: $warning; }
    & > .fleet-table--error { color: $error; text-style: bold; }
    & > .fleet-table--state-running { color: $state-running; }
    & > .fleet-table--state-suspended { color: $state-suspended; }
    & > .fleet-table--state-starting { color: $state-starting; }
    & > .fleet-table--state-ending { color: $state-ending; }
    & > .fleet-table--state-ended { color: $state-ended; }
    & > .fleet-table--state-unknown { color: $state-unknown; }
    & > .fleet-table--empty { color: $foreground; }
    & > .fleet-table--hint { color: $text-muted; }
}
"""


def make_palette(widget: Widget) -> Palette:
    """The styles of a widget that has the component classes `COMPONENTS`."""
    base = widget.background_colors[1]

    def style(kind: str, role: str) -> Style:
        cell = widget.get_component_styles(f"fleet-table--{role}")
        background, emphasis = base, Style()
        if kind != "row":
            line = widget.get_component_styles(f"fleet-table--{kind}")
            emphasis = line.text_style
            if base.ansi is None:
                background = base + line.background
            elif kind == "cursor":
                # A terminal's own colours cannot be mixed into a tint.
                emphasis += Style(reverse=True)
        # An `auto` colour of a theme is black or white, whichever can be read on the background.
        color = background.get_contrast_text(cell.color.a) if cell.auto_color else cell.color
        colors = Style(color=(background + color).rich_color, bgcolor=background.rich_color)
        return colors + emphasis + cell.text_style

    roles = (*ROLES, "mark")
    kinds = {kind: {role: style(kind, role) for role in roles} for kind in KINDS}
    return Palette(kinds, *(style("row", name) for name in _PLAIN))
