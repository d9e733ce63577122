"""One logical line, of as many wrapped lines as it takes, in lines of another width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mvm_tui.terminal.history import Entry, Packed, pack, plain_entry, unpacked
from mvm_tui.terminal.rows import Row
from mvm_tui.terminal.styles import Style
from mvm_tui.terminal.widths import BLANK, HALF

Item = Row | Entry
_WIDE = re.compile(f".{HALF}", re.DOTALL)


def continues(item: Item) -> bool:
    """Whether a line continues the one before."""
    return not isinstance(item, str) and item.wrapped


def fits(item: Item, columns: int) -> bool:
    """Whether a line that is not wrapped needs no more than these columns."""
    if isinstance(item, Row):
        return item.used() <= columns
    return len(item if isinstance(item, str) else item.text) <= columns


def laid_out(group: Sequence[Item], old: int, columns: int) -> list[Entry]:
    """The lines of a group, which were ``old`` columns wide, in lines of ``columns``."""
    mark = any(not isinstance(item, str) and item.mark for item in group)
    wrapped = continues(group[0])
    texts = [text for item in group if (text := _plain_text(item)) is not None]
    laid: list[Entry] = []
    if len(texts) == len(group):
        joined = _joined(texts, old)
        if columns == 1:
            joined = _WIDE.sub("", joined)
        for start, end in _cuts(joined, columns):
            first = not laid
            laid.append(plain_entry(joined[start:end], wrapped or not first, mark and first))
        return laid
    chars, styles = _cells(group, old)
    if columns == 1:
        chars, styles = _without_wide(chars, styles)
    for start, end in _cuts(chars, columns):
        first = not laid
        laid.append(pack(chars[start:end], styles[start:end], wrapped or not first, mark and first))
    return laid


def _plain_text(item: Item) -> str | None:
    """What a line says when that is all there is to it: one character for each cell, no styles."""
    if isinstance(item, str):
        return item
    if isinstance(item, Packed):
        return None if item.styles or item.clustered else item.text
    text = "".join(item.chars)
    return None if item.styled or len(text) != len(item.chars) else text.rstrip(BLANK)


def _joined(texts: list[str], old: int) -> str:
    full = [_full(text.ljust(old, BLANK), after[1:2] == HALF) for text, after in pairwise(texts)]
    return "".join(full) + texts[-1]


def _full(text: str, before_wide: bool) -> str:
    """A line that is continued, without the last cell where a wide character had no place in it."""
    return text[:-1] if before_wide and text[-1] == BLANK else text


def _cells(group: Sequence[Item], old: int) -> tuple[list[str], list[Style]]:
    """The cells of all lines of a group; of the last those up to the last one written."""
    rows = [as_row(item, old, cut=False) for item in group]
    chars: list[str] = []
    styles: list[Style] = []
    for row, after in pairwise(rows):
        count = len(row.chars) - (row.chars[-1] == BLANK and after.chars[1:2] == [HALF])
        chars += row.chars[:count]
        styles += row.styles[:count]
    used = rows[-1].used()
    return chars + rows[-1].chars[:used], styles + rows[-1].styles[:used]


def _cuts(cells: Sequence[str], columns: int) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end; no wide character is cut in two. At least one line, if an empty one."""
    start = 0
    while start < len(cells) or not start:
        end = start + columns
        if end < len(cells) and cells[end] == HALF:
            end -= 1
        yield start, end
        start = end


def _without_wide(chars: list[str], styles: list[Style]) -> tuple[list[str], list[Style]]:
    """Where there is one column only, a wide character has no place."""
    kept = [at for at, char in enumerate(chars) if char != HALF and chars[at + 1 : at + 2] != [HALF]]
    return [chars[at] for at in kept], [styles[at] for at in kept]


def as_row(item: Item, columns: int, cut: bool = True) -> Row:
    """A line as a row of so many cells; of more, if it has more and is not to be cut."""
    if isinstance(item, Row):
        row = item
    else:
        line = unpacked(item, 0)
        row = Row(0)
        row.chars, row.styles = list(line.chars), list(line.styles)
        row.styled = isinstance(item, Packed) and bool(item.styles)
        row.wide = HALF in row.chars
        row.wrapped, row.mark = line.wrapped, line.mark
    row.resize(columns if cut else max(columns, len(row.chars)))
    return row
