"""The JSON kind of CloudWatch Logs filter patterns: ``{ $.level = "error" && $.latency > 200 }``.

Written after the user guide's "Filter pattern syntax" (November 2026): selectors with nested names and array
elements, ``= != < <= > >=``, ``*`` in text, ``IS NULL | TRUE | FALSE``, ``NOT EXISTS``, ``&&``, ``||`` and
parentheses.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Test: TypeAlias = Callable[[Any], bool]
Step: TypeAlias = str | int | None

_MAX_DEPTH = 32
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<selector>\$(?:\.?\[(?:\d{1,9}|\*|'[^']*'|\"[^\"]*\")\]|\.[\w@-]+)+)"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<join>&&|\|\|)"
    r"|(?P<compare>!=|<=|>=|=|<|>)"
    r"|(?P<bracket>[(){}])"
    r"|(?P<word>[^\s(){}=!<>&|\"$%]+)"
    r")",
    re.DOTALL,
)
_STEP = re.compile(
    r"\[(?P<index>\d+)\]|\[(?P<any>\*)\]|\['(?P<one>[^']*)'\]|\[\"(?P<two>[^\"]*)\"\]|\.(?P<name>[\w@-]+)"
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PatternError(ValueError):
    """The text is no filter pattern."""


def parse_json_pattern(text: str) -> Callable[[str], bool]:
    """The test of messages for a pattern in braces; a message that is no JSON never matches.

    Raises PatternError.
    """
    test = _Parser(list(_tokens(text))).pattern()

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict | list) and test(document)

    return matches


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise PatternError(f"Invalid filter pattern: cannot read '{text[place:].strip()[:40]}'")
        yield _Token(found.lastgroup, found[found.lastgroup])
        place = found.end()


class _Parser:
    """Recursive descent over the tokens: ``||`` binds less than ``&&``."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def pattern(self) -> Test:
        self._expect("{")
        test = self._either(0)
        self._expect("}")
        if self._place < len(self._tokens):
            raise PatternError("Invalid filter pattern: text after the closing brace")
        return test

    def _either(self, depth: int) -> Test:
        if depth > _MAX_DEPTH:
            raise PatternError("Invalid filter pattern: too many parentheses")
        tests = [self._both(depth)]
        while self._take("||"):
            tests.append(self._both(depth))
        return tests[0] if len(tests) == 1 else lambda document: any(test(document) for test in tests)

    def _both(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._take("&&"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda document: all(test(document) for test in tests)

    def _one(self, depth: int) -> Test:
        if self._take("("):
            test = self._either(depth + 1)
            self._expect(")")
            return test
        return self._condition()

    def _condition(self) -> Test:
        steps = _steps(self._next("selector").text)
        verb = self._next("compare", "word")
        if verb.kind == "compare":
            check = _comparison(verb.text, self._next("string", "word"))
            return lambda document: any(check(value) for value in _select(document, steps))
        phrase = f"{verb.text} {self._next('word').text}".upper()
        if phrase == "NOT EXISTS":
            return lambda document: next(_select(document, steps), _MISSING) is _MISSING
        if phrase not in _IDENTITIES:
            raise PatternError(f"Invalid filter pattern: unknown condition '{phrase}'")
        wanted = _IDENTITIES[phrase]
        return lambda document: any(value is wanted for value in _select(document, steps))

    def _next(self, *kinds: str) -> _Token:
        token = self._tokens[self._place] if self._place < len(self._tokens) else None
        if token is None or token.kind not in kinds:
            found = f"'{token.text[:40]}'" if token else "the end"
            raise PatternError(f"Invalid filter pattern: expected a {' or '.join(kinds)}, found {found}")
        self._place += 1
        return token

    def _take(self, text: str) -> bool:
        taken = self._place < len(self._tokens) and self._tokens[self._place].text == text
        self._place += taken
        return taken

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise PatternError(f"Invalid filter pattern: missing '{text}'")


_MISSING = object()
_IDENTITIES: dict[str, bool | None] = {"IS NULL": None, "IS TRUE": True, "IS FALSE": False}


def _steps(selector: str) -> list[Step]:
    """A selector's way into a document: names, array indexes, None for every element."""
    return [_step(found) for found in _STEP.finditer(selector)]


def _step(found: re.Match[str]) -> Step:
    if found["any"]:
        return None
    if found["index"] is not None:
        return int(found["index"])
    return found[found.lastgroup or "name"]


def _select(document: Any, steps: list[Step]) -> Iterator[Any]:
    """Every value the steps lead to; nothing when the way breaks off."""
    values = [document]
    for step in steps:
        values = [inner for value in values for inner in _inside(value, step)]
    return iter(values)


def _inside(value: Any, step: Step) -> list[Any]:
    if isinstance(step, str):
        return [value[step]] if isinstance(value, dict) and step in value else []
    if not isinstance(value, list):
        return []
    return value if step is None else value[step : step + 1]


def _comparison(sign: str, literal: _Token) -> Test:
    number = float(literal.text) if literal.kind == "word" and _NUMBER.fullmatch(literal.text) else None
    if sign in _ORDERINGS:
        if number is None:
            raise PatternError(
                f"Invalid filter pattern: '{sign}' needs a number, found '{literal.text[:40]}'"
            )
        compare = _ORDERINGS[sign]
        return lambda value: _is_number(value) and compare(value, number)
    equals = _text_test(literal) if number is None else _number_test(number, literal.text)
    if sign == "=":
        return equals
    return lambda value: _text(value) is not None and not equals(value)


def _number_test(number: float, text: str) -> Test:
    def equals(value: Any) -> bool:
        return bool(value == number) if _is_number(value) else _text(value) == text

    return equals


def _text_test(literal: _Token) -> Test:
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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str | None:
    """A scalar as JSON writes it, strings bare; None for null, objects and arrays."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        return None
    return json.dumps(value)
