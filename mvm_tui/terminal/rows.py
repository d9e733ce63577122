"""A row of cells, and what it looks like from outside: a line of styled runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from mvm_tui.terminal.styles import PLAIN, Style
from mvm_tui.terminal.widths import BLANK, HALF

UNCHANGED, CHANGED, CLEARED = 0, 1, 2


class Row:
    """Characters and styles of one row of the screen, as lists of equal length.

    ``chars`` holds for each cell its character with what combines with it, `BLANK` where nothing was written
    since it was erased, or `HALF` for the right half of a wide character. ``styled`` and ``wide`` are false
    only where no cell has a style, or is wide. ``wrapped``: the row continues the one above. ``mark``: a
    prompt begins here. ``dirty`` is `UNCHANGED` since a painter asked, `CHANGED`, or `CLEARED` and nothing
    else: then it need not be cleared again.
    """

    __slots__ = ("chars", "dirty", "mark", "styled", "styles", "wide", "wrapped")

    def __init__(self, columns: int, style: Style = PLAIN) -> None:
        self.chars = [BLANK] * columns
        self.styles = [style] * columns
        self.styled = style is not PLAIN
        self.wide = False
        self.wrapped = False
        self.dirty = CHANGED if self.styled else CLEARED
        self.mark = False

    def clear(self, style: Style) -> None:
        """Erase every cell, leaving the colour of ``style``."""
        if self.dirty == CLEARED and style is PLAIN:
            return
        columns = len(self.chars)
        self.chars = [BLANK] * columns
        if self.styled or style is not PLAIN:
            self.styles = [style] * columns
            self.styled = style is not PLAIN
        self.wide = self.wrapped = self.mark = False
        self.dirty = CHANGED if self.styled else CLEARED

    def fill(self, start: int, end: int, style: Style, char: str = BLANK) -> None:
        """Set the cells from ``start`` to before ``end``; halves of wide characters left over are blanked."""
        count = end - start
        if count <= 0:
            return
        if self.wide:
            self.mend(start, end, style)
        self.chars[start:end] = [char] * count
        if self.styled or style is not PLAIN:
            self.styles[start:end] = [style] * count
            self.styled = True
        self.dirty = CHANGED

    def mend(self, start: int, end: int, style: Style) -> None:
        """Blank the wide characters that lose one half when the cells from ``start`` to ``end`` are set."""
        chars = self.chars
        if 0 < start < len(chars) and chars[start] == HALF:
            chars[start - 1] = BLANK
            self.styles[start - 1] = style
        if end < len(chars) and chars[end] == HALF:
            chars[end] = BLANK
            self.styles[end] = style
        self.styled = self.styled or style is not PLAIN

    def delete(self, start: int, count: int, style: Style) -> None:
        """Take out ``count`` cells; the rest moves left, and blank cells come in from the right."""
        count = min(count, len(self.chars) - start)
        if self.wide:
            self.mend(start, start + count, style)
        del self.chars[start : start + count], self.styles[start : start + count]
        self.chars += [BLANK] * count
        self.styles += [style] * count
        self.styled = self.styled or style is not PLAIN
        self.dirty = CHANGED

    def insert(self, start: int, count: int, style: Style) -> None:
        """Put in ``count`` blank cells; what moves over the right edge is lost."""
        columns = len(self.chars)
        count = min(count, columns - start)
        if self.wide:
            self.mend(start, start, style)
            self.mend(columns - count, columns - count, style)
        self.chars[start:start] = [BLANK] * count
        self.styles[start:start] = [style] * count
        del self.chars[columns:], self.styles[columns:]
        self.styled = self.styled or style is not PLAIN
        self.dirty = CHANGED

    def resize(self, columns: int) -> None:
        """Cut on the right, or fill with blank cells."""
        self.dirty = CHANGED
        missing = columns - len(self.chars)
        if missing >= 0:
            self.chars += [BLANK] * missing
            self.styles += [PLAIN] * missing
            return
        if self.wide:
            self.mend(columns, columns, PLAIN)
        del self.chars[columns:], self.styles[columns:]

    def used(self) -> int:
        """How many cells there are up to the last one written."""
        return used_length(self.chars)

    def shown(self) -> int:
        """How many cells there are up to the last one that is written or has a style."""
        return shown_length(self.chars, self.styles) if self.styled else self.used()


class Run(NamedTuple):
    """Text of one style. ``columns`` is how many cells it takes, whatever others think of its width."""

    text: str
    style: Style
    columns: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen or of the history.

    ``number`` stays with the line while output arrives (resizing renumbers); ``wrapped``: it continues the
    line before; ``mark``: a prompt begins here. ``chars`` and ``styles`` are cells as in `Row`, without the
    blank end.
    """

    number: int
    wrapped: bool
    mark: bool
    chars: tuple[str, ...]
    styles: tuple[Style, ...]

    @property
    def text(self) -> str:
        """What it says, blanks as spaces; nothing for blank cells at the end, whatever their style."""
        return _shown("".join(self.chars).rstrip(BLANK))

    def cells(self) -> list[str]:
        """One string for each cell: a space where blank, empty for the right half of a wide character."""
        return ["" if char == HALF else " " if char == BLANK else char for char in self.chars]

    def runs(self) -> tuple[Run, ...]:
        """The line in runs of one style, from the left; what follows the last is blank and plain."""
        runs = []
        start = 0
        for style, group in groupby(self.styles):
            count = len(list(group))
            runs.append(Run(_shown("".join(self.chars[start : start + count])), style, count))
            start += count
        return tuple(runs)


def _shown(text: str) -> str:
    return text.replace(BLANK, " ").replace(HALF, "")


def used_length(chars: list[str]) -> int:
    """How many cells there are up to the last one written."""
    text = "".join(chars)
    if len(text) == len(chars):  # one character for each cell, mostly
        return len(text.rstrip(BLANK))
    return next((at for at in range(len(chars), 0, -1) if chars[at - 1] != BLANK), 0)


def shown_length(chars: list[str], styles: list[Style]) -> int:
    """How many cells there are up to the last one that is written or has a style."""
    used = used_length(chars)
    blank = styles[used:]
    if blank.count(PLAIN) == len(blank):
        return used
    return next((at for at in range(len(styles), used, -1) if styles[at - 1] != PLAIN), used)
