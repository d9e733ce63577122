"""How many cells a character takes, as a table for ``str.translate``.

Translated text holds one character for each cell: a wide character is followed by `HALF`, and one of no
width is preceded by `JOIN`.
"""

from __future__ import annotations

import unicodedata

from wcwidth import wcwidth

BLANK = "\x00"
HALF = "\x01"
JOIN = "\x02"

_REGIONAL = range(0x1F1E6, 0x1F200)
_LIMIT = 65_536


class _Cells(dict[int, int | str]):
    """Filled with what was met."""

    def __missing__(self, code: int) -> int | str:
        if len(self) >= _LIMIT:
            self.clear()
        character = chr(code)
        # A flag is two characters and takes two cells. Signs that combine but take room (Mc) have one, as in
        # the C library by which the guest's programs count.
        alone = code in _REGIONAL or unicodedata.category(character) == "Mc"
        width = 1 if alone else wcwidth(character)
        cells: int | str = code
        if width == 2:
            cells = character + HALF
        elif width <= 0:
            cells = JOIN + character
        self[code] = cells
        return cells


CELLS = _Cells()


def cells_of(text: str) -> str:
    """One character for each cell (see the module)."""
    return text if text.isascii() else text.translate(CELLS)
