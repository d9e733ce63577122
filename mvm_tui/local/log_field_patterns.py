"""The space-delimited kind of filter patterns: ``[ip, user, ..., status = 4* || status = 5*, bytes > 1000]``.

Written after the user guide's "Filter pattern syntax" (November 2026): a pattern names every field of a
message, ``...`` any number of them; what stands in square brackets or double quotes is one field; a field may
carry conditions, which repeat its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mvm_tui.local.log_expressions import ExpressionParser, Test, comparison, number_in, tokens
from mvm_tui.local.log_regexes import REGEX_TERM, PatternError, Regexes

_GRAMMAR = re.compile(
    r"\s*(?:"
    r"(?P<string>\"(?:[^\"\\]|\\.)*\")"
    rf"|(?P<regex>{REGEX_TERM})"
    r"|(?P<join>&&|\|\|)"
    r"|(?P<compare>!=|<=|>=|=|<|>)"
    r"|(?P<bracket>[(),\[\]])"
    r"|(?P<dots>\.\.\.)"
    r"|(?P<word>[^\s(),\[\]=!<>&|\"%]+)"
    r")",
    re.DOTALL,
)
_FIELD = re.compile(r"\s*(?:\[([^\]]*)\]|\"([^\"]*)\"|(\S+))")
_NAME = re.compile(r"\w+")


def parse_field_pattern(text: str, regexes: Regexes) -> Callable[[str], bool]:
    """The test of messages for a pattern in square brackets.

    Raises PatternError.
    """
    head, tail = _Parser(list(tokens(_GRAMMAR, text)), regexes).pattern()

    def matches(message: str) -> bool:
        found = split_fields(message)
        if tail is None:
            return len(found) == len(head) and _all_fit(head, found)
        if len(found) < len(head) + len(tail):
            return False
        return _all_fit(head, found) and _all_fit(tail, found[len(found) - len(tail) :])

    return matches


def split_fields(message: str) -> list[str]:
    """The fields of a message, without the brackets or quotes that hold one together."""
    return [one[one.lastindex or 0] for one in _FIELD.finditer(message)]


def _all_fit(tests: Sequence[Test], found: Sequence[str]) -> bool:
    return all(test(field) for test, field in zip(tests, found, strict=False))


class _Parser(ExpressionParser):
    """Conditions on fields by their names."""

    _name = ""

    def pattern(self) -> tuple[list[Test], list[Test] | None]:
        """The tests of the first fields, and of the last ones where ``...`` stands between them."""
        head: list[Test] = []
        tail: list[Test] | None = None
        self.expect("[")
        while not self.take("]"):
            if self.take("..."):
                if tail is not None:
                    raise PatternError("Invalid filter pattern: '...' can stand once")
                tail = []
            else:
                (head if tail is None else tail).append(self._field())
            if not self.take(","):
                self.expect("]")
                break
        if not self.at_end:
            raise PatternError("Invalid filter pattern: text after the closing bracket")
        if not head and tail is None:
            raise PatternError("Invalid filter pattern: no fields")
        return head, tail

    def _field(self) -> Test:
        self._name = ""
        return self.either()

    def condition(self) -> Test:
        name = self.next("word").text
        if not _NAME.fullmatch(name) or self._name not in ("", name):
            raise PatternError(f"Invalid filter pattern: '{name[:40]}' cannot name this field")
        self._name = name
        for sign in ("=", "!=", "<", "<=", ">", ">="):
            if self.take(sign):
                return self._compared(sign)
        return lambda _field: True

    def _compared(self, sign: str) -> Test:
        literal = self.next("string", "word", "regex")
        check = comparison("=" if sign == "!=" else sign, literal, self.regexes)
        numeric = literal.kind == "word" and number_in(literal.text) is not None

        def fits(field: str) -> bool:
            number = number_in(field) if numeric else None
            return check(field if number is None else number)

        return (lambda field: not fits(field)) if sign == "!=" else fits
