"""The lines that scrolled off the top: compact, and bounded in lines and in bytes."""

from __future__ import annotations

from array import array
from collections import deque
from itertools import compress
from operator import is_not
from typing import NamedTuple

from mvm_tui.terminal.rows import Line, Row, shown_length
from mvm_tui.terminal.styles import PLAIN, Style
from mvm_tui.terminal.widths import BLANK, HALF, JOIN, cells_of

# What a run of one style costs with its style, and a line beside its text; about what Python takes.
_RUN_BYTES = 120
_LINE_BYTES = 240
_INDEXES = range(1, 1 << 16)


class Packed(NamedTuple):
    """A line that is more than plain text.

    From cell ``starts[n]`` on it has ``styles[n]``; neither has anything where all is plain. They are an
    array and one tuple, so that the garbage collector has few objects to look at: with one for each run it
    would take a fifth of the time.
    """

    text: str
    starts: array[int]
    styles: tuple[Style, ...]
    wrapped: bool
    mark: bool
    clustered: bool


# A line of plain text, one character for each cell, is kept as no more than that.
Entry = str | Packed
_NO_STARTS: array[int] = array("H")


def packed(row: Row) -> Entry:
    """A row made small."""
    if row.styled:
        return pack(row.chars, row.styles, row.wrapped, row.mark)
    text = "".join(row.chars)
    if len(text) == len(row.chars):
        return plain_entry(text, row.wrapped, row.mark)
    return Packed(text.rstrip(BLANK), _NO_STARTS, (), row.wrapped, row.mark, True)


def plain_entry(text: str, wrapped: bool, mark: bool) -> Entry:
    """A line of plain text, one character for each cell."""
    text = text.rstrip(BLANK)
    return Packed(text, _NO_STARTS, (), wrapped, mark, False) if wrapped or mark else text


def pack(chars: list[str], styles: list[Style], wrapped: bool, mark: bool) -> Entry:
    """A line of cells that may have styles."""
    length = shown_length(chars, styles)
    text = "".join(chars[:length])
    if not length:
        return plain_entry("", wrapped, mark)
    styles = styles[:length]
    starts = array("H", (0, *compress(_INDEXES, map(is_not, styles[1:], styles))))
    kinds = tuple([styles[at] for at in starts])
    return Packed(text, starts, kinds, wrapped, mark, len(text) != length)


def cost(entry: Entry) -> int:
    """About how many bytes a line takes."""
    if isinstance(entry, str):
        return entry.__sizeof__()
    return entry.text.__sizeof__() + _LINE_BYTES + _RUN_BYTES * len(entry.styles)


def unpacked(entry: Entry, number: int) -> Line:
    """A line as it was."""
    if isinstance(entry, str):
        return Line(number, False, False, tuple(entry), (PLAIN,) * len(entry))
    chars = _clusters(entry.text) if entry.clustered else tuple(entry.text)
    if not entry.styles:
        return Line(number, entry.wrapped, entry.mark, chars, (PLAIN,) * len(chars))
    styles: list[Style] = []
    for style, start, end in zip(entry.styles, entry.starts, (*entry.starts[1:], len(chars)), strict=True):
        styles += [style] * (end - start)
    return Line(number, entry.wrapped, entry.mark, chars, tuple(styles))


def _clusters(text: str) -> tuple[str, ...]:
    """The cells of text in which characters combine."""
    cells: list[str] = []
    for char in text:
        if cells and not char.isascii() and cells_of(char)[0] == JOIN:
            cells[-1] += char
        else:
            cells.append(char)
    return tuple(cells)


class History:
    """Lines numbered from ``first``; the oldest are let go when there are too many, or too large ones."""

    def __init__(self, lines: int, size: int) -> None:
        self.first = 0
        self.limit = lines
        self._size = size
        self._held = 0
        self._entries: deque[Entry] = deque()
        self._marks: deque[int] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def end(self) -> int:
        """The number after the last line: that of the screen's first row."""
        return self.first + len(self._entries)

    @property
    def held(self) -> int:
        """About how many bytes are held."""
        return self._held

    def take(self, row: Row) -> None:
        """Add what a row holds at the end. Most rows are plain text, so that is quick."""
        text = "".join(row.chars)
        if row.styled or row.wrapped or row.mark or len(text) != len(row.chars):
            self.push(packed(row))
            return
        text = text.rstrip(BLANK)
        entries = self._entries
        entries.append(text)
        self._held += text.__sizeof__()
        if len(entries) > self.limit or self._held > self._size:
            self._let_go()

    def push(self, entry: Entry) -> None:
        """Add a line at the end."""
        if not isinstance(entry, str) and entry.mark:
            self._marks.append(self.end)
        self._entries.append(entry)
        self._held += cost(entry)
        if len(self._entries) > self.limit or self._held > self._size:
            self._let_go()

    def _let_go(self) -> None:
        """Forget lines from the oldest until what is left is within bounds."""
        entries = self._entries
        while len(entries) > self.limit or self._held > self._size:
            entry = entries.popleft()
            self._held -= entry.__sizeof__() if isinstance(entry, str) else cost(entry)
            self.first += 1
        while self._marks and self._marks[0] < self.first:
            self._marks.popleft()

    def clear(self) -> None:
        """Let all lines go; numbers go on."""
        self.first += len(self._entries)
        self._entries.clear()
        self._marks.clear()
        self._held = 0

    def take_all(self) -> list[Entry]:
        """Every line, leaving none; the next one pushed has the number of the first."""
        entries = list(self._entries)
        self._entries.clear()
        self._marks.clear()
        self._held = 0
        return entries

    def line(self, number: int) -> Line:
        """The line of this number.

        Raises:
            IndexError: It is not held.
        """
        return unpacked(self._entries[self._index(number)], number)

    def text(self, number: int) -> str:
        """What the line of this number says; much cheaper than the line. Raises as `line` does."""
        entry = self._entries[self._index(number)]
        text = entry if isinstance(entry, str) else entry.text
        return text.rstrip(BLANK).replace(BLANK, " ").replace(HALF, "")

    def wrapped(self, number: int) -> bool:
        """Whether the line of this number continues the one before. Raises as `line` does."""
        entry = self._entries[self._index(number)]
        return not isinstance(entry, str) and entry.wrapped

    def _index(self, number: int) -> int:
        if not self.first <= number < self.end:
            raise IndexError(number)
        return number - self.first

    def marks(self) -> tuple[int, ...]:
        """The numbers of the lines where prompts begin."""
        return tuple(self._marks)
