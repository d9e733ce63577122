"""How filters are written: terms between spaces, each plain or of a field, quoted where they hold a space.

What the fields are and mean is told by `mvm_tui.model.query` for tables and `mvm_tui.logs.query` for logs.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mvm_tui.model.text import clean

_MESSAGE_LIMIT = 200
_SPACE = re.compile(r"\s+")
_HEAD = re.compile(r"(!?)(?:([A-Za-z]+)(>=|<=|:|=|>|<))?")
_QUOTES = "\"'"
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ":": operator.eq,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
"""What the sign between a field and its value means."""

_Term = TypeVar("_Term")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a term's value: ``!``, a field in small letters and a sign, each or none of them.

    `start` and `end` are its place in the text.
    """

    negated: bool
    field: str
    sign: str
    start: int
    end: int


def read_terms(text: str, read: Callable[[str, Head], tuple[_Term, int]]) -> list[_Term]:
    """The terms of a filter. `read` makes one of the text and its head, and tells where it ends.

    Raises:
        ValueError: `read` raised one; its message is then short and safe to show.
    """
    terms = []
    position = 0
    while position < len(text):
        if space := _SPACE.match(text, position):
            position = space.end()
            continue
        try:
            term, position = read(text, _read_head(text, position))
        except ValueError as error:
            raise ValueError(clean(error, _MESSAGE_LIMIT)) from None
        terms.append(term)
    return terms


def read_value(text: str, head: Head) -> tuple[str, int]:
    """The value after a head, without its quotes, and where it ends.

    Raises:
        ValueError: There is none, or its quotes do not end.
    """
    start = head.end
    if start < len(text) and text[start] in _QUOTES:
        end = text.find(text[start], start + 1)
        if end < 0:
            raise ValueError(f"{text[start:]} lacks the closing {text[start]}")
        value, end = text[start + 1 : end], end + 1
    else:
        space = _SPACE.search(text, start)
        end = space.start() if space else len(text)
        value = text[start:end]
    if not value:
        raise ValueError(
            f"{text[head.start : end]} lacks a value" if head.field else "! needs a word after it"
        )
    return value, end


def _read_head(text: str, start: int) -> Head:
    head = _HEAD.match(text, start)
    assert head is not None, "every part of the pattern is optional"
    return Head(bool(head[1]), (head[2] or "").lower(), head[3] or "", start, head.end())
