"""Changing the size: rows come from and go to the history, and wrapped lines are laid out anew.

As xterm.js does it: blank rows below the cursor go first; the lines around the cursor are left to the
program, which redraws them; the second buffer is only cut or filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mvm_tui.terminal.history import packed
from mvm_tui.terminal.layout import Item, as_row, continues, fits, laid_out
from mvm_tui.terminal.rows import Row

if TYPE_CHECKING:
    from mvm_tui.terminal.screen import Screen


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
        _reflow(first, old, columns, lines, screen.history.limit)
    saved.y = min(max(saved.y + first.y - before, 0), lines - 1)
    for item in first.items[: first.base]:
        screen.history.push(packed(item) if isinstance(item, Row) else item)
    screen.adopt(columns, lines, _rows(first, columns), _rows(second, columns) if second else None)
    shown = second or first
    cursor.x, cursor.y = min(shown.x, columns - 1), min(max(shown.y, 0), lines - 1)
    screen.main_cursor = (min(first.x, columns - 1), min(max(first.y, 0), lines - 1))
    screen.tabstops = {stop for stop in screen.tabstops if stop < columns}
    screen.tabstops.update(stop for stop in range(0, columns, 8) if stop >= old)


def _rows(buffer: _Buffer, columns: int) -> list[Row]:
    return [as_row(item, columns) for item in buffer.items[buffer.base :]]


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


def _reflow(buffer: _Buffer, old: int, columns: int, lines: int, limit: int) -> None:
    """Lay out every group of wrapped lines but the cursor's, and find the cursor's row again.

    From the last group on, until there are more lines than the history keeps.
    """
    items = buffer.items
    cursor = buffer.base + buffer.y
    groups: list[list[Item]] = []
    count = 0
    below = 0
    for start, end in reversed(_groups(items)):
        if start <= cursor < end:
            below = count + end - cursor
            groups.append(items[start:end])
        elif end == start + 1 and fits(items[start], columns):
            groups.append([items[start]])
        else:
            groups.append([*laid_out(items[start:end], old, columns)])
        count += len(groups[-1])
        if below and count > limit + lines + len(items) - buffer.base:
            break
    laid = [item for group in reversed(groups) for item in group]
    place = len(laid) - below
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


def _groups(items: list[Item]) -> list[tuple[int, int]]:
    """Where the groups of wrapped lines begin and end."""
    starts = [at for at, item in enumerate(items) if not at or not continues(item)]
    return list(pairwise([*starts, len(items)]))


def _is_blank(item: Item) -> bool:
    return item.used() == 0 if isinstance(item, Row) else not (item if isinstance(item, str) else item.text)
