"""The user's own highlighting: expressions and the styles of what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mvm_tui.logs.patterns import Pattern, TooSlow
from mvm_tui.model.text import clean


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line, from and to, and the name of its style."""

    start: int
    end: int
    style: str


class Highlighter:
    """All rules; a rule that is no expression, or too slow, is left out and named in `complaints`."""

    def __init__(self, rules: Mapping[str, str]) -> None:
        """`rules`: expression → style, in order; of two that overlap the later is drawn over the earlier."""
        self.complaints: list[str] = []
        self._rules: list[tuple[Pattern, str]] = []
        for text, style in rules.items():
            try:
                self._rules.append((Pattern(text), style))
            except ValueError as error:
                self.complaints.append(clean(f"Highlighting is left out: {error}."))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def spans(self, line: str) -> list[Span]:
        """What is highlighted in a line, in the order in which it is drawn."""
        found = []
        for rule in list(self._rules):
            pattern, style = rule
            try:
                found += [Span(start, end, style) for start, end in pattern.spans(line)]
            except TooSlow as slow:
                self._rules.remove(rule)
                self.complaints.append(clean(slow))
        return found
