"""How the log view takes its colours from the theme, and those that log lines bring along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color
from rich.errors import StyleSyntaxError
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.widget import Widget

from mvm_tui.logs.styles import Style as SgrStyle
from mvm_tui.model.text import clean

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

    def style(self, kind: str, role: str | SgrStyle) -> Style:
        """The style of a piece: of a role, of one that it brings along, or of one that the config names."""
        roles = self.kinds[kind]
        if isinstance(role, SgrStyle):
            return roles["text"] + _style_of(role, self.ansi)
        return roles[role] if role in roles else roles["text"] + _named(role, self.ansi)


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
        kind: [styles["text"] + _style_of(SgrStyle(foreground=number), ansi) for number in _SOURCES]
        for kind, styles in kinds.items()
    }
    return LogPalette(kinds, sources, ansi)


def complaint_about(name: str) -> str:
    """Why a style that the config names cannot be used; empty if it can."""
    try:
        Style.parse(name)
    except StyleSyntaxError as error:
        return f"{clean(name, 40)!r} is no style: {clean(error, 100)}. Write for example bold red."
    return ""


@lru_cache(64)
def _named(name: str, ansi: TerminalTheme | None) -> Style:
    """A style such as ``bold red on white``. Links and blinking are not among what it can ask for."""
    try:
        given = Style.parse(name)
    except StyleSyntaxError:
        return Style()
    return Style(
        color=_themed(given.color, ansi),
        bgcolor=_themed(given.bgcolor, ansi),
        bold=given.bold,
        dim=given.dim,
        italic=given.italic,
        underline=given.underline,
        strike=given.strike,
        reverse=given.reverse,
    )


def _themed(color: Color | None, ansi: TerminalTheme | None) -> Color | None:
    if color is not None and color.number is not None and color.number < 16:
        return _color(color.number, ansi)
    return color


@lru_cache(2_048)
def _style_of(look: SgrStyle, ansi: TerminalTheme | None) -> Style:
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


def _color(color: int | str | None, ansi: TerminalTheme | None) -> Color | None:
    if color is None:
        return None
    if isinstance(color, str):
        return Color.parse(color)
    if ansi is not None and color < 16:
        return Color.from_triplet(ansi.ansi_colors[color])
    return Color.from_ansi(color)
