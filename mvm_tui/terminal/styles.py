"""How a cell looks: colours, attributes, link; and what SGR does to it.

A colour is a number: `DEFAULT_COLOUR`, a palette index 0–255, or `RGB` plus 0xRRGGBB.
"""

from __future__ import annotations

from typing import NamedTuple

DEFAULT_COLOUR = -1
RGB = 1 << 24

BOLD = 1 << 0
DIM = 1 << 1
ITALIC = 1 << 2
BLINK = 1 << 3
INVERSE = 1 << 4
CONCEAL = 1 << 5
STRIKE = 1 << 6
OVERLINE = 1 << 7
PROTECTED = 1 << 8
_UNDERLINE_SHIFT = 9
UNDERLINE = 7 << _UNDERLINE_SHIFT
SINGLE, DOUBLE, CURLY, DOTTED, DASHED = 1, 2, 3, 4, 5


class Style(NamedTuple):
    """Colours (see the module), flags (the constants above), colour of the underline, link (0: none).

    Equal styles of one terminal are mostly one object, so that ``is`` finds most runs.
    """

    fg: int = DEFAULT_COLOUR
    bg: int = DEFAULT_COLOUR
    flags: int = 0
    underline_colour: int = DEFAULT_COLOUR
    link: int = 0

    @property
    def underline(self) -> int:
        """0, `SINGLE`, `DOUBLE`, `CURLY`, `DOTTED` or `DASHED`."""
        return (self.flags & UNDERLINE) >> _UNDERLINE_SHIFT


PLAIN = Style()
Attribute = int | tuple[int, ...]


class Change(NamedTuple):
    """What one SGR sequence does; a colour of None stays as it is."""

    fg: int | None
    bg: int | None
    keep: int
    add: int
    underline_colour: int | None


_ALL = ~0
RESET = Change(DEFAULT_COLOUR, DEFAULT_COLOUR, PROTECTED, 0, DEFAULT_COLOUR)
_ON = {1: BOLD, 2: DIM, 3: ITALIC, 5: BLINK, 6: BLINK, 7: INVERSE, 8: CONCEAL, 9: STRIKE, 53: OVERLINE}
_OFF = {
    22: BOLD | DIM,
    23: ITALIC,
    24: UNDERLINE,
    25: BLINK,
    27: INVERSE,
    28: CONCEAL,
    29: STRIKE,
    55: OVERLINE,
}
_COLOURS = {38: "fg", 48: "bg", 58: "underline_colour"}
_DEFAULTS = {39: "fg", 49: "bg", 59: "underline_colour"}
_RANGES = ((30, "fg", 0), (40, "bg", 0), (90, "fg", 8), (100, "bg", 8))


class _Reading:
    """The parameters of one SGR sequence, read from the left."""

    def __init__(self) -> None:
        self.colours: dict[str, int] = {}
        self.keep = _ALL
        self.add = 0

    def set(self, bits: int, clears: int = 0) -> None:
        self.keep &= ~(bits | clears)
        self.add = (self.add & ~clears) | bits

    def read(self, attribute: int, subs: tuple[int, ...], rest: list[Attribute]) -> None:
        if attribute == 0:
            self.colours = dict.fromkeys(_DEFAULTS.values(), DEFAULT_COLOUR)
            self.keep, self.add = PROTECTED, 0
        elif attribute in _ON:
            self.set(_ON[attribute])
        elif attribute in (4, 21):
            kind = DOUBLE if attribute == 21 else subs[0] if subs else SINGLE
            self.set((kind if kind <= DASHED else SINGLE) << _UNDERLINE_SHIFT, UNDERLINE)
        elif attribute in _OFF:
            self.set(0, _OFF[attribute])
        elif attribute in _COLOURS:
            colour = _with_colons(subs) if subs else _with_semicolons(rest)
            if colour is not None:
                self.colours[_COLOURS[attribute]] = colour
        elif attribute in _DEFAULTS:
            self.colours[_DEFAULTS[attribute]] = DEFAULT_COLOUR
        else:
            for start, name, base in _RANGES:
                if start <= attribute < start + 8:
                    self.colours[name] = base + attribute - start


def _with_colons(subs: tuple[int, ...]) -> int | None:
    """``38:5:n``, ``38:2:r:g:b`` and, with a colour space, ``38:2:space:r:g:b``."""
    if subs[0] == 5 and len(subs) > 1:
        return subs[1] & 0xFF
    if subs[0] == 2 and len(subs) >= 4:
        return rgb(*(subs[2:5] if len(subs) >= 5 else subs[1:4]))
    return None


def _with_semicolons(rest: list[Attribute]) -> int | None:
    """``38;5;n`` and ``38;2;r;g;b``; takes its parameters off the end of ``rest``, which is reversed."""
    kind = rest.pop() if rest else 0
    if isinstance(kind, tuple):  # 38;5:n, 38;2:r:g:b
        return _with_colons(kind)
    count = {5: 1, 2: 3}.get(kind, 0)
    values = [rest.pop() for _ in range(min(count, len(rest)))]
    numbers = [value[0] if isinstance(value, tuple) else value for value in values]
    if not numbers:
        return None
    numbers += [0] * (count - len(numbers))
    return numbers[0] & 0xFF if kind == 5 else rgb(*numbers)


def rgb(red: int, green: int, blue: int) -> int:
    """A colour of 16 million; of each part the lowest eight bits count."""
    return RGB | (red & 0xFF) << 16 | (green & 0xFF) << 8 | blue & 0xFF


def change_of(attributes: tuple[Attribute, ...]) -> Change:
    """What the parameters of an SGR sequence do; a parameter with sub-parameters is a tuple."""
    if not attributes or attributes == (0,):
        return RESET
    reading = _Reading()
    rest = list(reversed(attributes))
    while rest:
        attribute = rest.pop()
        if isinstance(attribute, tuple):
            reading.read(attribute[0], attribute[1:], rest)
        else:
            reading.read(attribute, (), rest)
    get = reading.colours.get
    return Change(get("fg"), get("bg"), reading.keep, reading.add, get("underline_colour"))


class StyleTable:
    """One object for each style in use, and the changes already worked out; both bounded."""

    LIMIT = 16_384
    CHANGES = 2_048

    def __init__(self) -> None:
        self._styles: dict[tuple[int, ...], Style] = {PLAIN: PLAIN}
        # For the one place where a call more would count.
        self.known = self._styles.get
        self._changes: dict[tuple[Attribute, ...], Change] = {}

    def intern(self, style: tuple[int, ...]) -> Style:
        """The one object equal to a style, which may be given as a bare tuple of its fields."""
        found = self._styles.get(style)
        if found is not None:
            return found
        if len(self._styles) >= self.LIMIT:
            self._styles.clear()
            self._styles[PLAIN] = PLAIN
        made = self._styles[style] = tuple.__new__(Style, style)
        return made

    def change(self, attributes: tuple[Attribute, ...]) -> Change:
        """What the parameters of an SGR sequence do."""
        change = self._changes.get(attributes)
        if change is None:
            if len(self._changes) >= self.CHANGES:
                self._changes.clear()
            change = self._changes[attributes] = change_of(attributes)
        return change


def sgr_of(style: Style) -> str:
    """The SGR parameters that make ``style`` from the plain one, beginning with 0."""
    parts = ["0"]
    parts += [str(code) for code, bit in sorted(_ON.items()) if style.flags & bit and code != 6]
    if style.underline:
        parts.append("4" if style.underline == SINGLE else f"4:{style.underline}")
    for code, colour in ((38, style.fg), (48, style.bg), (58, style.underline_colour)):
        if colour >= RGB:
            parts.append(f"{code}:2::{colour >> 16 & 0xFF}:{colour >> 8 & 0xFF}:{colour & 0xFF}")
        elif colour >= 16 or (colour >= 0 and code == 58):
            parts.append(f"{code}:5:{colour}")
        elif colour >= 0:
            parts.append(str(code - 8 + colour if colour < 8 else code + 44 + colour))
    return ";".join(parts)
