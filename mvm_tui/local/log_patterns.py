"""CloudWatch Logs filter patterns: what FilterLogEvents accepts and which messages it finds.

Written after the user guide's "Filter pattern syntax" (November 2026): terms, quoted phrases, regular
expressions, ``-`` and ``?`` on plain text, conditions on JSON, and on fields between spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mvm_tui.local.log_field_patterns import parse_field_pattern
from mvm_tui.local.log_json_patterns import parse_json_pattern
from mvm_tui.local.log_regexes import REGEX_TERM, PatternError, Regexes

MAX_LENGTH = 1024
Term: TypeAlias = Callable[[str], bool]

_TERM = re.compile(
    rf'\s*(?P<sign>[-?]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<regex>{REGEX_TERM})|(?P<word>[^\s"]+))(?=\s|$)',
    re.DOTALL,
)
_PLAIN_WORD = re.compile(r"\w+")

__all__ = ["PatternError", "parse_pattern"]


def parse_pattern(text: str) -> Callable[[str], bool]:
    """The test of messages that a filter pattern describes; an empty one accepts all.

    Raises PatternError, whose text is fit for InvalidParameterException.
    """
    if len(text) > MAX_LENGTH:
        raise PatternError(f"Invalid filter pattern: longer than {MAX_LENGTH} characters")
    stripped = text.strip()
    if stripped.startswith("{"):
        return parse_json_pattern(stripped, Regexes())
    if stripped.startswith("["):
        return parse_field_pattern(stripped, Regexes())
    return _parse_terms(stripped).matches


@dataclass(frozen=True, slots=True)
class _Terms:
    """Plain text conditions: all of `required`, one of `optional`, none of `excluded`."""

    required: tuple[Term, ...]
    optional: tuple[Term, ...]
    excluded: tuple[Term, ...]

    def matches(self, message: str) -> bool:
        if any(term(message) for term in self.excluded):
            return False
        # The service ignores ``?`` terms that stand beside terms of another kind (user guide).
        if self.required or self.excluded:
            return all(term(message) for term in self.required)
        return not self.optional or any(term(message) for term in self.optional)


def _parse_terms(text: str) -> _Terms:
    terms: dict[str, list[Term]] = {"": [], "?": [], "-": []}
    regexes = Regexes()
    place = 0
    while place < len(text):
        found = _TERM.match(text, place)
        if found is None:
            raise PatternError(f"Invalid filter pattern: Invalid character(s) in term '{_rest(text, place)}'")
        terms[found["sign"]].append(_term_of(found, regexes))
        place = found.end()
    return _Terms(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))


def _term_of(found: re.Match[str], regexes: Regexes) -> Term:
    if found["regex"] is not None:
        return regexes.compile(found["regex"])
    phrase = found["phrase"]
    if phrase is not None:
        # A blank phrase is the documented way to ask for everything.
        return _holds(re.sub(r"\\(.)", r"\1", phrase, flags=re.DOTALL) if phrase.strip() else "")
    word = found["word"]
    if not _PLAIN_WORD.fullmatch(word):
        raise PatternError(f"Invalid filter pattern: Invalid character(s) in term '{word}'")
    return _holds(word)


def _holds(part: str) -> Term:
    return lambda message: part in message


def _rest(text: str, place: int) -> str:
    return text[place:].strip().split(maxsplit=1)[0]
