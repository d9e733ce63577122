"""What the structured kinds of filter patterns share: joined conditions, and comparisons."""

from __future__ import annotations

import json
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from mvm_tui.local.log_regexes import PatternError, Regexes

Test: TypeAlias = Callable[[Any], bool]

_MAX_DEPTH = 32
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a pattern; `kind` is the name of the group that found it."""

    kind: str
    text: str


def tokens(grammar: re.Pattern[str], text: str) -> Iterator[Token]:
    """The pieces of a pattern by a grammar with named groups. Raises PatternError where it knows none."""
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = grammar.match(text, place)
        if found is None or found.lastgroup is None:
            raise PatternError(f"Invalid filter pattern: cannot read '{text[place:].strip()[:40]}'")
        yield Token(found.lastgroup, found[found.lastgroup])
        place = found.end()


class ExpressionParser(ABC):
    """Recursive descent over the tokens of conditions: ``||`` binds less than ``&&``."""

    def __init__(self, pieces: list[Token], regexes: Regexes) -> None:
        self._tokens = pieces
        self._place = 0
        self.regexes = regexes

    @abstractmethod
    def condition(self) -> Test:
        """Read one condition."""

    def either(self, depth: int = 0) -> Test:
        """Read conditions joined by ``||``."""
        if depth > _MAX_DEPTH:
            raise PatternError("Invalid filter pattern: too many parentheses")
        tests = [self._both(depth)]
        while self.take("||"):
            tests.append(self._both(depth))
        return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)

    def _both(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self.take("&&"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)

    def _one(self, depth: int) -> Test:
        if self.take("("):
            test = self.either(depth + 1)
            self.expect(")")
            return test
        return self.condition()

    @property
    def at_end(self) -> bool:
        return self._place >= len(self._tokens)

    def next(self, *kinds: str) -> Token:
        """The next token, which must be of one of the kinds. Raises PatternError."""
        token = None if self.at_end else self._tokens[self._place]
        if token is None or token.kind not in kinds:
            found = f"'{token.text[:40]}'" if token else "the end"
            raise PatternError(f"Invalid filter pattern: expected a {' or '.join(kinds)}, found {found}")
        self._place += 1
        return token

    def take(self, text: str) -> bool:
        """Pass over the next token if it reads so."""
        taken = not self.at_end and self._tokens[self._place].text == text
        self._place += taken
        return taken

    def expect(self, text: str) -> None:
        """Pass over the next token, which must read so. Raises PatternError."""
        if not self.take(text):
            raise PatternError(f"Invalid filter pattern: missing '{text}'")


def comparison(sign: str, literal: Token, regexes: Regexes) -> Test:
    """The test of a value for ``SIGN literal``; the literal's kind is ``word``, ``string`` or ``regex``.

    Raises PatternError.
    """
    number = float(literal.text) if literal.kind == "word" and _NUMBER.fullmatch(literal.text) else None
    if sign in _ORDERINGS:
        if number is None:
            raise PatternError(
                f"Invalid filter pattern: '{sign}' needs a number, found '{literal.text[:40]}'"
            )
        compare = _ORDERINGS[sign]
        return lambda value: is_number(value) and compare(value, number)
    if literal.kind == "regex":
        equals = _regex_test(regexes.compile(literal.text))
    else:
        equals = _text_test(literal) if number is None else _number_test(number, literal.text)
    if sign == "=":
        return equals
    return lambda value: _text(value) is not None and not equals(value)


def is_number(value: Any) -> bool:
    """Whether a value of a JSON document is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_in(text: str) -> float | None:
    """The number that a text is; None when it is none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def _number_test(number: float, text: str) -> Test:
    def equals(value: Any) -> bool:
        return bool(value == number) if is_number(value) else _text(value) == text

    return equals


def _regex_test(search: Callable[[str], bool]) -> Test:
    def matches(value: Any) -> bool:
        shown = _text(value)
        return shown is not None and search(shown)

    return matches


def _text_test(literal: Token) -> Test:
    text = literal.text
    if literal.kind == "string":
        text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    parts = text.split("*")

    def equals(value: Any) -> bool:
        shown = _text(value)
        return shown is not None and _fits(shown, parts)

    return equals


def _fits(text: str, parts: list[str]) -> bool:
    """Whether the text is the parts in order with anything between them."""
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _text(value: Any) -> str | None:
    """A scalar as JSON writes it, strings bare; None for null, objects and arrays."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        return None
    return json.dumps(value)
