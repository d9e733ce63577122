"""The JSON kind of CloudWatch Logs filter patterns: ``{ $.level = "error" && $.latency > 200 }``.

Written after the user guide's "Filter pattern syntax" (November 2026): selectors with nested names and array
elements, ``= != < <= > >=``, ``*`` in text, regular expressions, ``IS NULL | TRUE | FALSE``, ``NOT EXISTS``,
``&&``, ``||`` and parentheses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from mvm_tui.local.log_expressions import ExpressionParser, Test, comparison, tokens
from mvm_tui.local.log_regexes import REGEX_TERM, PatternError, Regexes

Step: TypeAlias = str | int | None

_GRAMMAR = re.compile(
    r"\s*(?:"
    r"(?P<selector>\$(?:\.?\[(?:\d{1,9}|\*|'[^']*'|\"[^\"]*\")\]|\.[\w@-]+)+)"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\")"
    rf"|(?P<regex>{REGEX_TERM})"
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
_MISSING = object()
_IDENTITIES: dict[str, bool | None] = {"IS NULL": None, "IS TRUE": True, "IS FALSE": False}


def parse_json_pattern(text: str, regexes: Regexes) -> Callable[[str], bool]:
    """The test of messages for a pattern in braces; a message that is no JSON never matches.

    Raises PatternError.
    """
    test = _Parser(list(tokens(_GRAMMAR, text)), regexes).pattern()

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict | list) and test(document)

    return matches


class _Parser(ExpressionParser):
    """Conditions on the values that selectors lead to."""

    def pattern(self) -> Test:
        self.expect("{")
        test = self.either()
        self.expect("}")
        if not self.at_end:
            raise PatternError("Invalid filter pattern: text after the closing brace")
        return test

    def condition(self) -> Test:
        steps = _steps(self.next("selector").text)
        verb = self.next("compare", "word")
        if verb.kind == "compare":
            check = comparison(verb.text, self.next("string", "word", "regex"), self.regexes)
            return lambda document: any(check(value) for value in _select(document, steps))
        phrase = f"{verb.text} {self.next('word').text}".upper()
        if phrase == "NOT EXISTS":
            return lambda document: next(_select(document, steps), _MISSING) is _MISSING
        if phrase not in _IDENTITIES:
            raise PatternError(f"Invalid filter pattern: unknown condition '{phrase}'")
        wanted = _IDENTITIES[phrase]
        return lambda document: any(value is wanted for value in _select(document, steps))


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
