"""Looks for a text in a terminal, history and all, from the newest line to the oldest, a slice at a time."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from mvm_tui.terminal.facade import Terminal
from mvm_tui.tui.shell_text import TEXT_LINES, Point, last_line, places

# More places than anybody goes through.
LIMIT = 10_000
# Lines between two looks at the clock.
_STEP = 64


@dataclass(slots=True)
class Found:
    """A text that holds what was wanted. `lines` are those it is on, `spans` where in it, as characters."""

    lines: range
    spans: Sequence[tuple[int, int]]
    _points: list[Point] = field(default_factory=list)

    def cells_on(self, terminal: Terminal, span: int, number: int) -> tuple[int, int] | None:
        """From which to before which cell of a line one of the spans reaches."""
        if not self._points:
            self._points = places(terminal, self.lines)
        start, end = self.spans[span]
        cells = [x for line, x in self._points[start:end] if line == number]
        return (min(cells), max(cells) + 1) if cells else None

    def line_of(self, terminal: Terminal, span: int) -> int:
        """The line that one of the spans begins on."""
        if not self._points:
            self._points = places(terminal, self.lines)
        start = self.spans[span][0]
        return self._points[start][0] if start < len(self._points) else self.lines.start


class Search:
    """One search. Small letters also find capital ones; capital ones find themselves.

    Attributes:
        wanted: What is looked for.
        found: Where it stands, as (text, span), from the newest place to the oldest.
        done: Whether every line was looked at, or there are more places than anybody goes through.
    """

    def __init__(self, terminal: Terminal, wanted: str) -> None:
        self.wanted = wanted
        self.found: list[tuple[Found, int]] = []
        self.done = not wanted
        self._terminal = terminal
        self._pattern = re.compile(re.escape(wanted), re.IGNORECASE if wanted.islower() else 0)
        self._next = last_line(terminal)
        self._on_lines: dict[int, list[int]] = {}

    def advance(self, seconds: float) -> None:
        """Go on for about so long."""
        until = time.perf_counter() + seconds
        while not self.done:
            for _ in range(_STEP):
                self._look_at_next()
                if self.done:
                    return
            if time.perf_counter() >= until:
                return

    def finish(self) -> None:
        """Go on to the end."""
        while not self.done:
            self.advance(1.0)

    def on_line(self, number: int) -> Sequence[int]:
        """Which of the places reach over a line."""
        return self._on_lines.get(number, ())

    def _look_at_next(self) -> None:
        """The text that ends with the next line, going up. Only a line that is full goes on in another."""
        terminal, number = self._terminal, self._next
        first, full = terminal.first, terminal.columns - 1
        if number < first:
            self.done = True
            return
        parts = [terminal.text(number)]
        start = number
        while start > first and number - start < TEXT_LINES:
            above = terminal.text(start - 1)
            if len(above) < full or not terminal.line(start).wrapped:
                break
            parts.append(above)
            start -= 1
        self._next = start - 1
        spans = [one.span() for one in self._pattern.finditer("".join(reversed(parts)))]
        if spans:
            self._keep(Found(range(start, number + 1), spans))

    def _keep(self, found: Found) -> None:
        for span in reversed(range(len(found.spans))):
            for number in found.lines:
                self._on_lines.setdefault(number, []).append(len(self.found))
            self.found.append((found, span))
        self.done = len(self.found) >= LIMIT
