"""The text of a terminal, screen and history alike: what is selected, searched for, or a link.

A point is a line's number and a cell of it. Lines that wrapped are one text.
"""

from __future__ import annotations

import re

from mvm_tui.model.text import clean
from mvm_tui.terminal.facade import Terminal

Point = tuple[int, int]

# What a double click takes: letters, digits, and what paths and addresses are made of.
_WORD = re.compile(r"[\w.~/@%+=:?&#$-]")
_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]+")
# Brackets, quotes and full stops after an address are mostly the sentence's.
_AFTER_URL = ".,;:!?)'\""
_URL_LIMIT = 2_083
# Lines that one text may take: what is longer was not written to be read.
TEXT_LINES = 200


def last_line(terminal: Terminal) -> int:
    """The number of the screen's last row."""
    return terminal.top + terminal.rows - 1


def _cells(terminal: Terminal, number: int) -> list[str]:
    """One string for each cell of a line up to its width."""
    cells = terminal.line(number).cells()
    return cells + [" "] * (terminal.columns - len(cells))


def _whole(terminal: Terminal, number: int) -> range:
    """The lines of the text that a line is part of."""
    start = end = number
    first, last = terminal.first, last_line(terminal)
    while start > first and end - start < TEXT_LINES and terminal.line(start).wrapped:
        start -= 1
    while end < last and end - start < TEXT_LINES and terminal.line(end + 1).wrapped:
        end += 1
    return range(start, end + 1)


def word_at(terminal: Terminal, point: Point) -> tuple[Point, Point]:
    """The word under a point, both ends included; the one cell where no word is."""
    lines = _whole(terminal, point[0])
    width = terminal.columns
    cells = [cell for number in lines for cell in _cells(terminal, number)]
    at = (point[0] - lines.start) * width + min(point[1], width - 1)
    start = end = at
    if _WORD.match(cells[at] or "x"):
        while start > 0 and (not cells[start - 1] or _WORD.match(cells[start - 1])):
            start -= 1
        while end < len(cells) - 1 and (not cells[end + 1] or _WORD.match(cells[end + 1])):
            end += 1
    return (lines.start + start // width, start % width), (lines.start + end // width, end % width)


def text_at(terminal: Terminal, point: Point) -> tuple[Point, Point]:
    """The line under a point from end to end, all of it if it wrapped; both ends included."""
    lines = _whole(terminal, point[0])
    return (lines.start, 0), (lines.stop - 1, terminal.columns - 1)


def text_between(terminal: Terminal, start: Point, end: Point) -> str:
    """What stands between two points, both included: lines without their blank ends, wrapped ones joined."""
    first, last = max(start[0], terminal.first), min(end[0], last_line(terminal))
    text = ""
    for number in range(first, last + 1):
        line = terminal.line(number)
        cells = line.cells()
        left = start[1] if number == start[0] else 0
        right = end[1] + 1 if number == end[0] else len(cells)
        # The right half of a wide character stands for the whole.
        while 0 < left < len(cells) and not cells[left]:
            left -= 1
        part = "".join(cells[left:right])
        if number > first and not line.wrapped:
            text = text.rstrip(" ") + "\n"
        text += part
    return text.rstrip(" ")


def places(terminal: Terminal, numbers: range) -> list[Point]:
    """The point of each character of a text."""
    places: list[Point] = []
    for number in numbers:
        for x, cell in enumerate(terminal.line(number).cells()):
            places += [(number, x)] * len(cell)
    return places


def link_at(terminal: Terminal, point: Point) -> str:
    """The http or https address that a point leads to, as it is opened; empty if it leads nowhere.

    It holds no control characters and none that turn the direction of text: what is shown is what is opened.
    """
    number, x = point
    line = terminal.line(number)
    if x < len(line.styles) and line.styles[x].link:
        return _address(terminal.link(line.styles[x].link) or "")
    lines = _whole(terminal, number)
    points = places(terminal, lines)
    text = "".join("".join(terminal.line(one).cells()) for one in lines)
    for found in _URL.finditer(text):
        address = found.group().rstrip(_AFTER_URL)
        if point in points[found.start() : found.start() + len(address)]:
            return _address(address)
    return ""


def _address(target: str) -> str:
    """An address that may be opened, else nothing: one that would have to be cleaned is none."""
    if len(target) > _URL_LIMIT or clean(target, _URL_LIMIT) != target:
        return ""
    return target if _URL.fullmatch(target) else ""
