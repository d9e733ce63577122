"""The colours of a line: plain SGR sequences become styles, every other escape sequence goes.

A line is read by itself: what it switches on ends with it, and cannot colour another's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mvm_tui.model.text import BLOCK_LIMIT, clean_block

# Only parameters in digits: anything else is not plain and goes with the other sequences.
_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]{0,64})m")
# So many changes are more than any line needs; after them its text goes on in the last style.
_MOST = 1_000
_COLOURS = 8
_FLAGS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_DOUBLE_UNDERLINE = 21
_ENDS = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


@dataclass(frozen=True, slots=True)
class Style:
    """How a stretch looks. A colour is a number of the 256, or ``#rrggbb``; None is the terminal's own."""

    foreground: int | str | None = None
    background: int | str | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False

    def sgr(self) -> str:
        """The sequence that switches this style on from none; empty for none."""
        codes = [str(code) for code, name in _FLAGS.items() if getattr(self, name)]
        codes += _colour_codes(38, self.foreground)
        codes += _colour_codes(48, self.background)
        return f"\x1b[{';'.join(codes)}m" if codes else ""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of harmless text in one style."""

    text: str
    style: Style


def pieces(message: str, limit: int = BLOCK_LIMIT) -> list[Piece]:
    """The message in its styles; at most `limit` characters, none of which can steer a terminal."""
    if "\x1b" not in message and "\x9b" not in message:
        return [Piece(clean_block(message, limit), PLAIN)]
    found: list[Piece] = []
    style, left = PLAIN, limit
    for text, parameters in _split(message[: limit * 4]):
        shown = clean_block(text, left)
        if found and not shown.isascii():
            # What is combined with a text before it has been counted there.
            shown = _without_leading_marks(shown)
        if shown:
            found.append(Piece(shown, style))
            left -= len(shown)
        if left <= 0:
            break
        style = _changed(style, parameters)
    return found


def _split(message: str) -> Iterator[tuple[str, str]]:
    """Stretches of text, each with the parameters of the sequence that follows it."""
    position = 0
    for count, match in enumerate(_SGR.finditer(message)):
        if count == _MOST:
            break
        yield message[position : match.start()], match[1]
        position = match.end()
    yield message[position:], ""


def _without_leading_marks(text: str) -> str:
    first = next((at for at, character in enumerate(text) if not unicodedata.combining(character)), len(text))
    return text[first:]


def _changed(style: Style, parameters: str) -> Style:
    codes: list[int] = []
    for parameter in parameters.split(";"):
        if ":" in parameter:
            style = _changed_by_parts(_changed_by(style, codes), parameter)
            codes = []
        else:
            codes.append(int(parameter[:4] or 0))
    return _changed_by(style, codes)


def _changed_by_parts(style: Style, parameter: str) -> Style:
    """The style after one parameter whose parts are divided by colons (ISO 8613-6)."""
    code, *parts = (int(part[:4] or 0) for part in parameter.split(":"))
    if code == 4:
        # Which kind of line it is matters less than that there is one.
        return replace(style, underline=parts[0] != 0)
    if code not in (38, 48):
        return style
    if parts[0] == 2 and len(parts) > 4:
        # A colour space stands before the colour; few write it otherwise.
        del parts[1]
    return _with_colour(style, code, _extended(parts))


def _changed_by(style: Style, codes: list[int]) -> Style:
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = PLAIN
        elif code in _FLAGS:
            style = replace(style, **{_FLAGS[code]: True})
        elif code in _ENDS:
            style = replace(style, **dict.fromkeys(_ENDS[code], False))
        elif code in (38, 48):
            style = _with_colour(style, code, _extended(codes))
        elif code == _DOUBLE_UNDERLINE:
            style = replace(style, underline=True)
        else:
            style = _with_basic_colour(style, code)
    return style


def _extended(codes: list[int]) -> int | str | None:
    """The colour that ``5;N`` or ``2;R;G;B`` names, taken off the codes; None if it is none."""
    kind = codes.pop(0) if codes else None
    if kind == 5 and codes:
        number = codes.pop(0)
        return number if number < 256 else None
    if kind == 2 and len(codes) >= 3:
        red, green, blue = (min(codes.pop(0), 255) for _ in range(3))
        return f"#{red:02x}{green:02x}{blue:02x}"
    return None


def _with_basic_colour(style: Style, code: int) -> Style:
    for first, layer, bright in ((30, 38, 0), (40, 48, 0), (90, 38, _COLOURS), (100, 48, _COLOURS)):
        if first <= code < first + _COLOURS:
            return _with_colour(style, layer, code - first + bright)
    if code in (39, 49):
        return _with_colour(style, code - 1, None)
    return style


def _with_colour(style: Style, layer: int, colour: int | str | None) -> Style:
    return replace(style, foreground=colour) if layer == 38 else replace(style, background=colour)


def _colour_codes(layer: int, colour: int | str | None) -> list[str]:
    if colour is None:
        return []
    if isinstance(colour, int):
        return [f"{layer};5;{colour}"]
    parts = (str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return [f"{layer};2;{';'.join(parts)}"]
