"""A table as a value: titles, lines of cells, and what is said where there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the id of what it is about, and its cells.

    Attributes:
        role: Colours all of it: ``muted``, ``warning``…
        tones: Styles of the first cells by themselves, such as ``$text-error``; empty ones follow the role.
    """

    key: str
    cells: tuple[str, ...]
    role: str = ""
    tones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One table.

    Attributes:
        titles: The columns' titles; those with a leading ``>`` are aligned at the right.
        empty: What is said where there is no line.
        note: A sentence under it.
    """

    titles: tuple[str, ...]
    lines: tuple[Line, ...]
    empty: str
    note: str = ""
