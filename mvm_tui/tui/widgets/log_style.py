"""How the log view takes its colours from the theme, and those that log lines bring along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.widget import Widget

from mvm_tui.model.sgr import Color as SgrColor
from mvm_tui.model.sgr import Look

# What a piece of a line can be, for those that the app colours itself.
ROLES = (
    "text",
    "muted",
    "error",
    "warning",
    "debug",
    "key",
    "accent",
    "late",
    "match",
    "rule-1",
    "rule-2",
    "rule-3",
    "rule-4",
    "selected",
)
# Kinds of lines, from the plain one to the strongest.
KINDS = ("row", "marked", "cursor")
COMPONENTS = tuple(f"log-view--{name}" for name in (*ROLES, *KINDS[1:]))
# Of the 16 colours of a terminal, those that tell MicroVMs apart in a merged view.
_SOURCES = (6, 5, 2, 4, 3, 14, 13, 10)
SOURCE_COLORS = len(_SOURCES)

CSS = """
LogView {
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    background: $background;
    color: $foreground;

    & > .log-view--text { color: $foreground; }
    & > .log-view--muted { color: $text-muted; }
    & > .log-view--error { color: $error; }
    & > .log-view--warning { color: $warning; }
    & > .log-view--debug { color: $text-muted; }
    & > .log-view--key { color: $text-muted; }
    & > .log-view--accent { color: $accent; text-style: bold; }
    & > .log-view--late { color: $warning; text-style: italic; }
    & > .log-view--match { background: $warning; color: $background; }
    & > .log-view--rule-1 { color: $accent; text-style: bold; }
    & > .log-view--rule-2 { color: $warning; text-style: bold; }
    & > .log-view--rule-3 { color: $error; text-style: bold; }
    & > .log-view--rule-4 { color: $success; text-style: bold; }
    & > .log-view--selected { background: $accent 40%; color: $foreground; }
    & > .log-view--marked { background: $accent 12%; }
    & > .log-view--cursor { background: $foreground 10%; }
    &:focus > .log-view--cursor { background: $accent 20%; }
}
"""


@dataclass(frozen=True, slots=True)
class LogPalette:
    """The theme's styles: for each kind of line the style of each role, of each source, and ANSI colours."""

    kinds: Mapping[str, Mapping[str, Style]]
    sources: Mapping[str, Sequence[Style]]
    ansi: TerminalTheme | None

    def look(self, kind: str, look: Look) -> Style:
        """The style of a piece that brings its own look."""
        return self.kinds[kind]["text"] + _style_of(look, self.ansi)


def make_palette(widget: Widget) -> LogPalette:
    """The styles of a widget that has the component classes `COMPONENTS`."""
    base = widget.background_colors[1]
    ansi = None if base.ansi is not None else widget.app.ansi_theme

    def style(kind: str, role: str) -> Style:
        cell = widget.get_component_styles(f"log-view--{role}")
        background, emphasis = base, Style()
        if kind != "row":
            line = widget.get_component_styles(f"log-view--{kind}")
            if base.ansi is None:
                background = base + line.background
            elif kind == "cursor":
                # A terminal's own colours cannot be mixed into a tint.
                emphasis = Style(reverse=True)
        if cell.background.a:
            background = background + cell.background if base.ansi is None else cell.background
        color = background.get_contrast_text(cell.color.a) if cell.auto_color else cell.color
        colors = Style(color=(background + color).rich_color, bgcolor=background.rich_color)
        return colors + emphasis + cell.text_style

    kinds = {kind: {role: style(kind, role) for role in ROLES} for kind in KINDS}
    sources = {
        kind: [styles["text"] + _style_of(Look(foreground=number), ansi) for number in _SOURCES]
        for kind, styles in kinds.items()
    }
    return LogPalette(kinds, sources, ansi)


@lru_cache(2_048)
def _style_of(look: Look, ansi: TerminalTheme | None) -> Style:
    foreground, background = _color(look.foreground, ansi), _color(look.background, ansi)
    if foreground is not None and foreground == background:
        # Text in the colour of its own background would hide.
        foreground = background = None
    return Style(
        color=foreground,
        bgcolor=background,
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        strike=look.strike or None,
        reverse=look.reverse or None,
    )


def _color(color: SgrColor, ansi: TerminalTheme | None) -> Color | None:
    if color is None:
        return None
    if isinstance(color, tuple):
        return Color.from_rgb(*color)
    if ansi is not None and color < 16:
        return Color.from_triplet(ansi.ansi_colors[color])
    return Color.from_ansi(color)
