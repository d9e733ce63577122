"""CloudWatch Logs filter patterns: what FilterLogEvents accepts and which messages it finds.

Written after the user guide's "Filter pattern syntax" (November 2026): terms, quoted phrases, ``-`` and ``?``
on plain text, and conditions on JSON. Patterns of two further kinds are refused here: space-delimited ones
(``[ip, user, ...]``) and regular expressions (``%...%``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mvm_tui.local.log_json_patterns import PatternError, parse_json_pattern

MAX_LENGTH = 1024
_TERM = re.compile(
    r'\s*(?P<sign>[-?]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"]+))(?=\s|$)', re.DOTALL
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
        return parse_json_pattern(stripped)
    if stripped.startswith("["):
        raise PatternError("Invalid filter pattern: space-delimited patterns are not supported here")
    return _parse_terms(stripped).matches


@dataclass(frozen=True, slots=True)
class _Terms:
    """Plain text conditions: all of `required`, one of `optional`, none of `excluded`."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    excluded: tuple[str, ...]

    def matches(self, message: str) -> bool:
        if any(term in message for term in self.excluded):
            return False
        # The service ignores ``?`` terms that stand beside terms of another kind (user guide).
        if self.required or self.excluded:
            return all(term in message for term in self.required)
        return not self.optional or any(term in message for term in self.optional)


def _parse_terms(text: str) -> _Terms:
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    place = 0
    while place < len(text):
        found = _TERM.match(text, place)
        if found is None:
            raise PatternError(f"Invalid filter pattern: Invalid character(s) in term '{_rest(text, place)}'")
        terms[found["sign"]].append(_term_of(found))
        place = found.end()
    return _Terms(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))


def _term_of(found: re.Match[str]) -> str:
    phrase = found["phrase"]
    if phrase is not None:
        # A blank phrase is the documented way to ask for everything.
        return re.sub(r"\\(.)", r"\1", phrase, flags=re.DOTALL) if phrase.strip() else ""
    word = found["word"]
    if not _PLAIN_WORD.fullmatch(word):
        raise PatternError(f"Invalid filter pattern: Invalid character(s) in term '{word}'")
    return word


def _rest(text: str, place: int) -> str:
    return text[place:].strip().split(maxsplit=1)[0]
