"""How a line of a terminal becomes a strip: the emulator's styles in the theme's colours."""

from __future__ import annotations

from collections.abc import Iterable

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mvm_tui.terminal.colours import Colours
from mvm_tui.terminal.rows import Line
from mvm_tui.terminal.styles import (
    BLINK,
    BOLD,
    CONCEAL,
    DIM,
    DOUBLE,
    INVERSE,
    ITALIC,
    OVERLINE,
    PLAIN,
    STRIKE,
)
from mvm_tui.terminal.styles import Style as CellStyle
from mvm_tui.tui.shell_colors import ON_DARK, ON_LIGHT, blend, luminance, parts, readable

# Colours below are chosen by palette index: the 16 are the theme's, what lies above is the program's own.
_OURS = 16
_DIMMED = 0.4
_STYLES = 8_192
# A stretch of cells, from and to before, and what is laid over their style.
Overlay = tuple[int, int, Style]


class ShellPainter:
    """Makes strips of one terminal's lines, `dark` being whether the theme is.

    Styles are kept by the emulator's, whose colours the guest may change: make another painter then.
    """

    def __init__(self, colours: Colours, *, dark: bool, reverse: bool = False) -> None:
        self._colours = colours
        self._minimum = ON_DARK if dark else ON_LIGHT
        text, ground = colours.dynamic(10), colours.dynamic(11)
        self._text, self._ground = (ground, text) if reverse else (text, ground)
        self._styles: dict[CellStyle, Style] = {}
        self.blank = self.style(PLAIN)
        self.cursor = Style(color=_rich(self._ground), bgcolor=_rich(colours.dynamic(12)))

    @property
    def ground(self) -> int:
        """The colour behind plain text."""
        return self._ground

    def style(self, style: CellStyle) -> Style:
        """The style in which cells of this one are drawn."""
        found = self._styles.get(style)
        if found is None:
            if len(self._styles) >= _STYLES:
                self._styles.clear()
            found = self._styles[style] = self._made(style)
        return found

    def _made(self, style: CellStyle) -> Style:
        flags, resolve = style.flags, self._colours.resolve
        text, ground = resolve(style.fg, self._text), resolve(style.bg, self._ground)
        if style.fg < _OURS or style.bg < _OURS:
            text = readable(text, ground, self._minimum)
        if flags & INVERSE:
            text, ground = ground, text
        if flags & DIM:
            text = blend(text, ground, _DIMMED)
        if flags & CONCEAL:
            text = ground
        underline = style.underline
        return Style(
            color=_rich(text),
            bgcolor=_rich(ground),
            bold=bool(flags & BOLD),
            italic=bool(flags & ITALIC),
            blink=bool(flags & BLINK),
            strike=bool(flags & STRIKE),
            overline=bool(flags & OVERLINE),
            underline=bool(underline or style.link) and underline != DOUBLE,
            underline2=underline == DOUBLE,
        )

    def strip(self, line: Line, width: int) -> Strip:
        """A line, `width` cells wide."""
        segments = [Segment(run.text, self.style(run.style)) for run in line.runs()]
        length = len(line.chars)
        if length < width:
            segments.append(Segment(" " * (width - length), self.blank))
            length = width
        strip = Strip(segments, length)
        return strip if length == width else strip.crop(0, width)

    def empty(self, width: int) -> Strip:
        """Nothing."""
        return Strip([Segment(" " * width, self.blank)], width)


def laid_over(strip: Strip, overlays: Iterable[Overlay]) -> Strip:
    """A strip with other styles over some of its cells."""
    for start, end, style in overlays:
        width = strip.cell_length
        start, end = max(start, 0), min(end, width)
        if start >= end:
            continue
        middle = strip.crop(start, end)
        styled = Strip([Segment(text, (own or Style()) + style) for text, own, _ in middle], end - start)
        strip = Strip.join([strip.crop(0, start), styled, strip.crop(end, width)])
    return strip


def is_dark(ground: int) -> bool:
    """Whether a colour is nearer to black than to white, as eyes see it."""
    return luminance(ground) < 0.18


def _rich(color: int) -> Color:
    return Color.from_rgb(*parts(color))
