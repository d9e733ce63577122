"""Changing the size: rows come from and go to the history, and wrapped lines are laid out anew.

As xterm.js does it: blank rows below the cursor go first; the lines around the cursor are left to the
program, which redraws them; the second buffer is only cut or filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mvm_tui.terminal.history import Entry, Packed, packed, unpacked
from mvm_tui.terminal.rows import CHANGED, Row
from mvm_tui.terminal.styles import PLAIN, Style
from mvm_tui.terminal.widths import BLANK, HALF

if TYPE_CHECKING:
    from mvm_tui.terminal.screen import Screen

Item = Row | Entry


@dataclass(slots=True)
class _Buffer:
    """Lines of a buffer from the oldest: those before ``base`` are history. The cursor is row ``y``."""

    items: list[Item]
    base: int
    x: int
    y: int


def resize(screen: Screen, columns: int, lines: int) -> None:
    """Give the screen this size. The history's lines get new numbers when it got wider or narrower."""
    if (columns, lines) == (screen.columns, screen.lines):
        return
    old = screen.columns
    cursor = screen.cursor
    if screen.alternate:
        second = _Buffer(list(screen.rows), 0, cursor.x, cursor.y)
        _fit(second, lines, columns)
        first = _Buffer([*screen.history.take_all(), *screen.main_rows], 0, *screen.main_cursor)
        first.base = len(first.items) - len(screen.main_rows)
        saved = screen.main_saved
    else:
        second = None
        first = _Buffer([*screen.history.take_all(), *screen.rows], 0, cursor.x, cursor.y)
        first.base = len(first.items) - len(screen.rows)
        saved = screen.saved
    before = first.y
    _fit(first, lines, columns)
    if columns != old:
        _reflow(first, old, columns, lines)
    saved.y = min(max(saved.y + first.y - before, 0), lines - 1)
    for item in first.items[: first.base]:
        screen.history.push(packed(item) if isinstance(item, Row) else item)
    main = [_row(item, columns) for item in first.items[first.base :]]
    screen.adopt(columns, lines, main, None if second is None else _rows(second, columns))
    shown = second or first
    cursor.x, cursor.y = min(shown.x, columns - 1), min(max(shown.y, 0), lines - 1)
    screen.main_cursor = (min(first.x, columns - 1), min(max(first.y, 0), lines - 1))
    screen.tabstops = {stop for stop in screen.tabstops if stop < columns}
    screen.tabstops.update(stop for stop in range(0, columns, 8) if stop >= old)


def _rows(buffer: _Buffer, columns: int) -> list[Row]:
    return [_row(item, columns) for item in buffer.items[buffer.base :]]


def _fit(buffer: _Buffer, lines: int, columns: int) -> None:
    """Add or take rows, so that there are ``lines`` from the base on."""
    items = buffer.items
    have = len(items) - buffer.base
    for _ in range(have, lines):
        if buffer.base and len(items) <= buffer.base + buffer.y + 1:
            buffer.base -= 1
            buffer.y += 1
        else:
            items.append(Row(columns))
    for _ in range(lines, have):
        if len(items) > buffer.base + buffer.y + 1:
            items.pop()
        else:
            buffer.base += 1
            buffer.y -= 1


def _reflow(buffer: _Buffer, old: int, columns: int, lines: int) -> None:
    """Lay out every group of wrapped lines but the cursor's, and find the cursor's row again."""
    items = buffer.items
    cursor = buffer.base + buffer.y
    laid: list[Item] = []
    at = 0
    place = cursor
    while at < len(items):
        end = at + 1
        while end < len(items) and _wrapped(items[end]):
            end += 1
        if at <= cursor < end:
            place = len(laid) + cursor - at
            laid += items[at:end]
        elif end == at + 1 and _fits(items[at], columns):
            laid.append(items[at])
        else:
            laid += _laid_out(items[at:end], old, columns)
        at = end
    excess = len(laid) - len(items)
    if excess > 0 and buffer.base == 0:
        while excess and len(laid) > place + 1 and _is_blank(laid[-1]):
            laid.pop()
            excess -= 1
    buffer.base = min(max(buffer.base + excess, 0), place)
    del laid[buffer.base + lines :]
    laid += [Row(columns) for _ in range(buffer.base + lines - len(laid))]
    buffer.items = laid
    buffer.y = place - buffer.base


def _wrapped(item: Item) -> bool:
    return not isinstance(item, str) and item.wrapped


def _fits(item: Item, columns: int) -> bool:
    """Whether a line that is not wrapped needs no more than these columns."""
    if isinstance(item, Row):
        return item.used() <= columns
    return len(item if isinstance(item, str) else item.text) <= columns


def _is_blank(item: Item) -> bool:
    return item.used() == 0 if isinstance(item, Row) else not (item if isinstance(item, str) else item.text)


def _row(item: Item, columns: int) -> Row:
    """A line as a row of so many cells."""
    if isinstance(item, Row):
        item.resize(columns)
        item.dirty = CHANGED
        return item
    line = unpacked(item, 0)
    row = Row(0)
    row.chars, row.styles = list(line.chars), list(line.styles)
    row.styled = isinstance(item, Packed) and bool(item.styles)
    row.wide = HALF in row.chars
    row.wrapped, row.mark = line.wrapped, line.mark
    row.resize(columns)
    row.dirty = CHANGED
    return row


def _laid_out(group: list[Item], old: int, columns: int) -> list[Item]:
    """One logical line in rows of the new width."""
    rows = [_row(item, old) for item in group]
    chars: list[str] = []
    styles: list[Style] = []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        used = row.used() if after is None else old
        if after is not None and row.chars[-1] == BLANK and after.chars[1:2] == [HALF]:
            used -= 1  # the wide character that begins the next row did not fit here
        chars += row.chars[:used]
        styles += row.styles[:used]
    if columns == 1:
        chars, styles = _without_wide(chars, styles)
    laid: list[Item] = []
    at = 0
    while at < len(chars) or not laid:
        end = at + columns
        if chars[end : end + 1] == [HALF]:
            end -= 1
        row = Row(0)
        row.chars, row.styles = chars[at:end], styles[at:end]
        row.styled = row.styles.count(PLAIN) != len(row.styles)
        row.wide = HALF in row.chars
        row.wrapped = bool(laid) or rows[0].wrapped
        row.mark = not laid and any(one.mark for one in rows)
        row.dirty = CHANGED
        row.resize(columns)
        laid.append(row)
        at = end
    return laid


def _without_wide(chars: list[str], styles: list[Style]) -> tuple[list[str], list[Style]]:
    """Where there is one column only, a wide character has no place."""
    kept = [at for at, char in enumerate(chars) if char != HALF and chars[at + 1 : at + 2] != [HALF]]
    return [chars[at] for at in kept], [styles[at] for at in kept]
