"""Short ways to feed a terminal and to look at it, for tests of single sequences."""

from __future__ import annotations

from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.styles import PLAIN, Style


def after(data: str, columns: int = 10, rows: int = 4) -> Terminal:
    """A terminal that was fed this text."""
    terminal = Terminal(columns, rows)
    terminal.feed(data.encode())
    return terminal


def shown(terminal: Terminal) -> list[str]:
    """The rows as text, without their blank ends."""
    return [terminal.text(terminal.top + y) for y in range(terminal.rows)]


def rows_after(data: str, columns: int = 10, rows: int = 4) -> list[str]:
    """The rows, as `shown`, without the blank ones at the end."""
    found = [row.rstrip() for row in shown(after(data, columns, rows))]
    while found and not found[-1]:
        found.pop()
    return found


def style_at(terminal: Terminal, y: int, x: int) -> Style:
    """The style of one cell of the screen."""
    styles = terminal.line(terminal.top + y).styles
    return styles[x] if x < len(styles) else PLAIN


def place(terminal: Terminal) -> tuple[int, int]:
    """The cursor's row and column, from 0."""
    return terminal.cursor.y, terminal.cursor.x


def answer(data: str, columns: int = 10, rows: int = 4) -> str:
    """What the terminal answered."""
    return after(data, columns, rows).take_replies().decode()
