"""The colours that numbers stand for: the caller's theme, what the guest changed of it, X11 colour specs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mvm_tui.terminal.styles import RGB

_LEVELS = (0, 95, 135, 175, 215, 255)
_HASH = re.compile(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{9}|[0-9A-Fa-f]{12})\Z")
_RGB = re.compile(r"rgb:([0-9A-Fa-f]{1,4})/([0-9A-Fa-f]{1,4})/([0-9A-Fa-f]{1,4})\Z")
# xterm's own sixteen (XTerm-col.ad).
XTERM_ANSI = (
    0x000000,
    0xCD0000,
    0x00CD00,
    0xCDCD00,
    0x0000EE,
    0xCD00CD,
    0x00CDCD,
    0xE5E5E5,
    0x7F7F7F,
    0xFF0000,
    0x00FF00,
    0xFFFF00,
    0x5C5CFF,
    0xFF00FF,
    0x00FFFF,
    0xFFFFFF,
)


@dataclass(frozen=True, slots=True)
class Theme:
    """What the screen is drawn in, each colour as 0xRRGGBB; ``ansi`` are sixteen."""

    foreground: int = 0xE5E5E5
    background: int = 0x000000
    cursor: int = 0xE5E5E5
    ansi: tuple[int, ...] = XTERM_ANSI


def indexed(index: int, ansi: tuple[int, ...] = XTERM_ANSI) -> int:
    """The colour of a palette index 0–255 as 0xRRGGBB: the sixteen, xterm's cube and its greys."""
    if index < 16:
        return ansi[index]
    if index < 232:
        index -= 16
        red, green, blue = _LEVELS[index // 36], _LEVELS[index // 6 % 6], _LEVELS[index % 6]
        return red << 16 | green << 8 | blue
    return (8 + (index - 232) * 10) * 0x010101


def parse_colour(spec: str) -> int | None:
    """An X11 colour (``#rgb`` to ``#rrrrggggbbbb``, ``rgb:r/g/b``) as 0xRRGGBB; None for what is neither."""
    if found := _HASH.match(spec):
        digits = found[1]
        size = len(digits) // 3
        parts = [digits[at : at + size] for at in range(0, len(digits), size)]
        # In this form digits are the high bits: #f00 is #f00000.
        scaled = [int(part.ljust(2, "0")[:2], 16) for part in parts]
    elif found := _RGB.match(spec):
        scaled = [int(part, 16) * 255 // (16 ** len(part) - 1) for part in found.groups()]
    else:
        return None
    return scaled[0] << 16 | scaled[1] << 8 | scaled[2]


def spec_of(colour: int) -> str:
    """0xRRGGBB as xterm answers it, sixteen bits each."""
    red, green, blue = colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF
    return f"rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}"


@dataclass(slots=True)
class Colours:
    """The theme with the guest's changes over it (OSC 4, 10, 11, 12); numbers as in `Theme`."""

    theme: Theme = field(default_factory=Theme)
    changed: dict[int, int] = field(default_factory=dict)
    foreground: int | None = None
    background: int | None = None
    cursor: int | None = None

    def palette(self, index: int) -> int:
        """The colour of a palette index now."""
        return self.changed.get(index, indexed(index, self.theme.ansi))

    def dynamic(self, code: int) -> int:
        """The colour of OSC 10 (foreground), 11 (background) or 12 (cursor) now."""
        own = (self.foreground, self.background, self.cursor)[code - 10]
        themed = (self.theme.foreground, self.theme.background, self.theme.cursor)[code - 10]
        return themed if own is None else own

    def set_dynamic(self, code: int, colour: int | None) -> None:
        """Change the colour of OSC 10, 11 or 12; None is the theme's again."""
        if code == 10:
            self.foreground = colour
        elif code == 11:
            self.background = colour
        else:
            self.cursor = colour

    def resolve(self, colour: int, default: int) -> int:
        """A style's colour as 0xRRGGBB; ``default`` for the default one."""
        if colour >= RGB:
            return colour & 0xFFFFFF
        return self.palette(colour) if colour >= 0 else default

    def reset(self) -> None:
        """Forget the guest's changes."""
        self.changed.clear()
        self.foreground = self.background = self.cursor = None
