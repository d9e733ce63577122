"""Text with its colours: of escape sequences only plain SGR counts, everything else is made harmless.

What a guest prints may colour its lines, and may do nothing else: no cursor is moved, nothing is hidden,
nothing blinks. The rest of the cleaning is that of `mvm_tui.model.text`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mvm_tui.model.text import ESCAPE, UNSAFE, limit_combining

_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]{0,64})m")
_TAB = 8
# More pieces of one line would cost more to draw than colours are worth: what follows keeps its last style.
_MOST_PIECES = 500

Color = int | tuple[int, int, int] | None
"""A number of the 256 colours, or red, green and blue; None is the terminal's own."""


@dataclass(frozen=True, slots=True)
class Look:
    """What SGR can ask of a piece of text. Blinking and concealing are not among it."""

    foreground: Color = None
    background: Color = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    reverse: bool = False


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Styled:
    """One line that is safe to show, and the stretches of it that have a look: (start, end, look)."""

    text: str
    spans: tuple[tuple[int, int, Look], ...] = ()


def styled_lines(message: str, limit: int) -> list[Styled]:
    """The lines of a message of which the first `limit` characters are looked at, at least one line."""
    message = message[:limit]
    if message.isascii() and message.isprintable():
        return [Styled(message)]
    lines: list[list[tuple[str, Look]]] = [[]]
    for piece, look in _pieces(message.replace("\r\n", "\n").rstrip("\n")):
        first, *others = piece.split("\n")
        lines[-1].append((first, look))
        lines += [[(other, look)] for other in others]
    return [_line(pieces) for pieces in lines]


def _pieces(message: str) -> list[tuple[str, Look]]:
    """Text and its look, neighbours of one look joined."""
    pieces: list[tuple[str, Look]] = []
    look, at, start, held = PLAIN, 0, PLAIN, ""
    for found in ESCAPE.finditer(message):
        held += message[at : found.start()]
        at = found.end()
        codes = _SGR.fullmatch(found.group())
        if codes and len(pieces) < _MOST_PIECES:
            look = look_after(look, codes[1])
        if look != start:
            pieces.append((held, start))
            start, held = look, ""
    pieces.append((held + message[at:], start))
    return pieces


def _line(pieces: list[tuple[str, Look]]) -> Styled:
    text = ""
    spans = []
    for piece, look in pieces:
        start = len(text)
        # A return without a newline would overwrite what stands there: here it divides.
        text += _with_spaces(limit_combining(UNSAFE.sub("", piece.replace("\r", " "))), start)
        if look is not PLAIN and len(text) > start:
            spans.append((start, len(text), look))
    return Styled(text, tuple(spans))


def _with_spaces(piece: str, start: int) -> str:
    """Tabs as spaces up to the next tab stop, with `piece` beginning `start` characters into its line."""
    if "\t" not in piece:
        return piece
    first, *others = piece.split("\t")
    for other in others:
        first += " " * (_TAB - (start + len(first)) % _TAB) + other
    return first


@lru_cache(1_024)
def look_after(look: Look, codes: str) -> Look:
    """The look after an SGR sequence with these codes; what is unknown or broken changes nothing."""
    numbers = [int(code) if code else 0 for code in codes.replace(":", ";").split(";") if len(code) < 6]
    at = 0
    while at < len(numbers):
        number = numbers[at]
        if number in (38, 48):
            color, used = _extended(numbers[at + 1 :], colons=":" in codes)
            if color is not None:
                look = _with(look, "foreground" if number == 38 else "background", color)
            at += 1 + used
            continue
        look = _simple(look, number)
        at += 1
    return PLAIN if look == PLAIN else look


def _extended(numbers: list[int], *, colons: bool) -> tuple[Color, int]:
    """The colour after a 38 or 48, and how many numbers it took."""
    if numbers[:1] == [5] and len(numbers) > 1:
        return (numbers[1] if numbers[1] < 256 else None), 2
    if numbers[:1] == [2]:
        # ISO 8613-6 has a colour space before the colour where colons divide; few write it otherwise.
        skipped = 2 if colons and len(numbers) > 4 else 1
        color = numbers[skipped : skipped + 3]
        if len(color) == 3 and max(color) < 256:
            return (color[0], color[1], color[2]), skipped + 3
    return None, len(numbers)


_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}


def _simple(look: Look, number: int) -> Look:
    if number == 0:
        return PLAIN
    if number in _SWITCHES:
        return replace(look, **_SWITCHES[number])
    for first, name in ((30, "foreground"), (40, "background")):
        if first <= number < first + 8:
            return _with(look, name, number - first)
        if first + 60 <= number < first + 68:
            return _with(look, name, number - first - 60 + 8)
        if number == first + 9:
            return _with(look, name, None)
    return look


def _with(look: Look, name: str, color: Color) -> Look:
    changes: dict[str, Any] = {name: color}
    return replace(look, **changes)
