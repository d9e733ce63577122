"""The lines of a message, safe to draw, each with the stretches that have a style of their own."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.logs.styles import PLAIN, Style, pieces

_TAB = 8


@dataclass(frozen=True, slots=True)
class Styled:
    """One line that is safe to show, and the stretches of it that have a style: (start, end, style)."""

    text: str
    spans: tuple[tuple[int, int, Style], ...] = ()


def styled_lines(message: str, limit: int) -> list[Styled]:
    """The lines of a message of which the first `limit` characters are looked at, at least one line."""
    message = message[:limit]
    if message.isascii() and message.isprintable():
        return [Styled(message)]
    # A return without a newline would overwrite what stands there: here it divides.
    message = message.replace("\r\n", "\n").rstrip("\n").replace("\r", " ")
    lines: list[list[tuple[str, Style]]] = [[]]
    for piece in pieces(message, limit):
        first, *others = piece.text.split("\n")
        lines[-1].append((first, piece.style))
        lines += [[(other, piece.style)] for other in others]
    return [_line(line) for line in lines]


def _line(line: list[tuple[str, Style]]) -> Styled:
    text = ""
    spans = []
    for piece, style in line:
        start = len(text)
        text += _with_spaces(piece, start)
        if style != PLAIN and len(text) > start:
            spans.append((start, len(text), style))
    return Styled(text, tuple(spans))


def _with_spaces(piece: str, start: int) -> str:
    """Tabs as spaces up to the next tab stop, with `piece` beginning `start` characters into its line."""
    first, *others = piece.split("\t")
    for other in others:
        first += " " * (_TAB - (start + len(first)) % _TAB) + other
    return first
