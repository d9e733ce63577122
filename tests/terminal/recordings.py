"""Recorded programs and the screens they must leave.

Beside each ``corpus/NAME.bin``, what a program printed, lies ``NAME.json``: the screen as @xterm/headless
6.0.0 draws it. Cells on which tmux 3.3a disagrees are ambiguous, and not compared.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mvm_tui.terminal.colours import indexed
from mvm_tui.terminal.facade import Terminal
from mvm_tui.terminal.modes import Modes
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

CORPUS = Path(__file__).with_name("corpus")
NAMES = tuple(sorted(path.stem for path in CORPUS.glob("*.bin")))
_RIGHT_HALF = "\ue000"
_LETTERS = {
    "b": BOLD,
    "i": ITALIC,
    "r": INVERSE,
    "d": DIM,
    "s": STRIKE,
    "k": BLINK,
    "h": CONCEAL,
    "o": OVERLINE,
}
_MOUSE = {"none": 0, "x10": 9, "vt200": 1000, "drag": 1002, "any": 1003}
_MODES = {
    "applicationCursorKeysMode": "application_cursor",
    "applicationKeypadMode": "application_keypad",
    "bracketedPasteMode": "bracketed_paste",
    "sendFocusMode": "focus_reports",
    "synchronizedOutputMode": "synchronised",
}
Cell = tuple[int, int]


@dataclass(frozen=True)
class Recording:
    """What a program printed, and the expected screen as it was written down."""

    data: bytes
    expected: dict[str, Any]

    @property
    def size(self) -> tuple[int, int]:
        return self.expected["cols"], self.expected["rows"]


def recording(name: str) -> Recording:
    """One of `NAMES`."""
    expected = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    return Recording((CORPUS / f"{name}.bin").read_bytes(), expected)


def differences(terminal: Terminal, expected: dict[str, Any]) -> list[str]:
    """Where the terminal's screen is not the expected one, in words."""
    found = _text_differences(terminal, expected) + _style_differences(terminal, expected)
    cursor = terminal.cursor
    row, column = expected["cursor"]
    if expected["cursor_agrees"] and (cursor.y, cursor.x) != (row, min(column, terminal.columns - 1)):
        found.append(f"cursor at {cursor.y}, {cursor.x}, not {row}, {column}")
    if cursor.visible is expected["cursor_hidden"]:
        found.append("cursor hidden or not")
    if terminal.title != expected["title"]:
        found.append(f"title {terminal.title!r}, not {expected['title']!r}")
    return found + _mode_differences(terminal.modes, expected)


def _mode_differences(modes: Modes, expected: dict[str, Any]) -> list[str]:
    told = expected["modes"]
    found = [ours for theirs, ours in _MODES.items() if getattr(modes, ours) is not told[theirs]]
    if modes.mouse_protocol != _MOUSE[told["mouseTrackingMode"]]:
        found.append(f"mouse {modes.mouse_protocol}")
    if modes.alternate_screen is not expected["alt"]:
        found.append("alternate screen")
    return found


def _cells(told: dict[str, list[list[int]]]) -> set[Cell]:
    return {(int(y), x) for y, runs in told.items() for start, end in runs for x in range(start, end)}


def _expected_text(expected: dict[str, Any]) -> list[list[str]]:
    rows = [["" if char == _RIGHT_HALF else char for char in row] for row in expected["grid"]]
    for place, cluster in expected["multi"].items():
        y, x = map(int, place.split(","))
        rows[y][x] = cluster
    return rows


def _shown(terminal: Terminal, y: int) -> tuple[list[str], list[Style]]:
    line = terminal.line(terminal.top + y)
    missing = terminal.columns - len(line.chars)
    return line.cells() + [" "] * missing, [*line.styles, *[PLAIN] * missing]


def _text_differences(terminal: Terminal, expected: dict[str, Any]) -> list[str]:
    ambiguous = _cells(expected["ambiguous_text"])
    found = []
    for y, wanted in enumerate(_expected_text(expected)):
        cells, _ = _shown(terminal, y)
        for x, (cell, want) in enumerate(zip(cells, wanted, strict=True)):
            alike = unicodedata.normalize("NFC", cell) == unicodedata.normalize("NFC", want)
            if not alike and (y, x) not in ambiguous:
                found.append(f"cell {y}, {x} is {cell!r}, not {want!r}")
    return found


def _style_differences(terminal: Terminal, expected: dict[str, Any]) -> list[str]:
    ambiguous = _cells(expected["ambiguous_attr"]) | _cells(expected["ambiguous_text"])
    found = []
    for y, runs in enumerate(expected["attr_runs"]):
        wanted = [expected["attrs"][index] for count, index in runs for _ in range(count)]
        cells, styles = _shown(terminal, y)
        for x, (cell, style, want) in enumerate(zip(cells, styles, wanted, strict=True)):
            if cell and (y, x) not in ambiguous and _seen(cell, style) != _seen(cell, _style(want)):
                found.append(f"style of {y}, {x} ({cell!r}) is {style}, not {want}")
    return found


def _style(told: tuple[int | str, int | str, str]) -> Style:
    fg, bg, letters = told
    flags = sum(flag for letter, flag in _LETTERS.items() if letter in letters)
    return Style(_colour(fg), _colour(bg), flags | (1 << 9 if "u" in letters else 0))


def _colour(told: int | str) -> int:
    if isinstance(told, int):
        return told
    return -1 if told == "d" else RGB | int(told[1:], 16)


def _seen(cell: str, style: Style) -> tuple[object, ...]:
    """What can be seen of a style: of a blank only what fills it and the lines across it."""
    fg, bg = _painted(style.fg), _painted(style.bg)
    lines = bool(style.underline), style.flags & STRIKE
    inverse = style.flags & INVERSE
    if cell in (" ", "\xa0"):
        return ("inverse" if inverse and fg < 0 else fg if inverse else bg, *lines)
    flags = style.flags & sum(_LETTERS.values())
    return (fg, bg, flags, *lines)


def _painted(colour: int) -> int:
    """A colour of the cube or the greys is the same by number and by value."""
    return RGB | indexed(colour) if 16 <= colour < 256 else colour
