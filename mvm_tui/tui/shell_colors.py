"""The colours of a shell: the theme's own ground, text and 16 ANSI colours, made readable where they are not.

What programs choose for a dark terminal has to be read on a light one too: a colour that stands on too
similar a ground is moved towards black or white until it can be. Where a program chose both by itself,
neither of them from the 16, nothing is moved. A colour is a number, 0xRRGGBB.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from mvm_tui.terminal.colours import Theme

# The smallest contrast (WCAG 2) of text. Programs are mostly drawn for dark terminals: there only what could
# hardly be seen at all is moved.
ON_LIGHT = 4.5
ON_DARK = 2.5
_STEPS = 16


def parse_color(color: str) -> int:
    """``#rrggbb``."""
    return int(color[1:7], 16)


def shell_theme(foreground: str, background: str, ansi: Sequence[str]) -> Theme:
    """What a terminal is drawn in, from colours as ``#rrggbb``; `ansi` are sixteen."""
    text = parse_color(foreground)
    return Theme(text, parse_color(background), text, tuple(map(parse_color, ansi)))


def parts(color: int) -> tuple[int, int, int]:
    """Red, green and blue."""
    return color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF


@lru_cache(8_192)
def luminance(color: int) -> float:
    """Relative luminance, 0 to 1 (WCAG 2)."""
    red, green, blue = (
        part / 3294.6 if part <= 10 else float(((part / 255 + 0.055) / 1.055) ** 2.4) for part in parts(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: int, other: int) -> float:
    """From 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(8_192)
def readable(color: int, ground: int, minimum: float) -> int:
    """`color`, or the nearest to it towards black or white that has this contrast to `ground`."""
    if contrast(color, ground) >= minimum:
        return color
    goal = 0x000000 if contrast(0x000000, ground) > contrast(0xFFFFFF, ground) else 0xFFFFFF
    steps = (blend(color, goal, step / _STEPS) for step in range(1, _STEPS))
    return next((moved for moved in steps if contrast(moved, ground) >= minimum), goal)


def blend(color: int, other: int, part: float) -> int:
    """`color` with this part of `other` in it."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(parts(color), parts(other), strict=True))
    return red << 16 | green << 8 | blue
