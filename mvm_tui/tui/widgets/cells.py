"""Text cut and padded to terminal cells: wide characters and combining marks count as they are drawn."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"


def width_of(text: str) -> int:
    """Cells that a safe line takes."""
    return len(text) if text.isascii() else cell_len(text)


def shorten_end(text: str, width: int) -> str:
    """At most `width` cells, the cut at the end marked: ``hello-w…``."""
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def shorten_middle(text: str, width: int) -> str:
    """At most `width` cells, the cut in the middle marked: ``9c1f…a04b``."""
    if width_of(text) <= width:
        return text
    if width <= 2:
        return shorten_end(text, width)
    tail = (width - 1) // 2
    start = max(len(text) - tail, 0)
    while width_of(text[start:]) > tail:
        start += 1
    return set_cell_size(text, width - 1 - tail) + ELLIPSIS + text[start:]


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells of a text that is at most that wide; `right` aligns it there."""
    room = " " * (width - width_of(text))
    return room + text if right else text + room
