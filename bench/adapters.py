"""Our emulator in the form that the scorer and the throughput bench of terminal recordings ask for."""

from __future__ import annotations

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.styles import (
    BLINK,
    BOLD,
    CONCEAL,
    DIM,
    INVERSE,
    ITALIC,
    OVERLINE,
    PLAIN,
    RGB,
    STRIKE,
    Style,
)

# The letters by which the scorer names attributes.
_LETTERS = (
    (BOLD, "b"),
    (ITALIC, "i"),
    (INVERSE, "r"),
    (DIM, "d"),
    (STRIKE, "s"),
    (BLINK, "k"),
    (CONCEAL, "h"),
    (OVERLINE, "o"),
)
Cell = tuple[int | str, int | str, str]


def mvm_terminal(cols: int, rows: int) -> Adapter:
    """An emulator of this size with a history of 10,000 lines."""
    return Adapter(cols, rows)


class Adapter:
    """What the scorer calls."""

    def __init__(self, cols: int, rows: int) -> None:
        self.terminal = Terminal(cols, rows)
        self.feed = self.terminal.feed
        self.resize = self.terminal.resize

    def text_cells(self) -> list[list[str]]:
        """For each row its cells: a space where blank, empty for the right half of a wide character."""
        columns = self.terminal.columns
        lines = (self.terminal.line(self.terminal.top + y).cells() for y in range(self.terminal.rows))
        return [cells + [" "] * (columns - len(cells)) for cells in lines]

    def cells(self) -> list[list[Cell]]:
        """For each row the foreground, background and attributes of its cells."""
        columns = self.terminal.columns
        found = []
        for y in range(self.terminal.rows):
            styles = self.terminal.line(self.terminal.top + y).styles
            found.append([_cell(style) for style in (*styles, *[PLAIN] * (columns - len(styles)))])
        return found

    def cursor(self) -> tuple[int, int]:
        """Row and column."""
        cursor = self.terminal.cursor
        return cursor.y, cursor.x

    def cursor_hidden(self) -> bool:
        return not self.terminal.cursor.visible


def _cell(style: Style) -> Cell:
    letters = "".join(letter for flag, letter in _LETTERS if style.flags & flag)
    return _colour(style.fg), _colour(style.bg), letters + ("u" if style.underline else "")


def _colour(colour: int) -> int | str:
    if colour < 0:
        return "d"
    return f"#{colour & 0xFFFFFF:06x}" if colour >= RGB else colour
