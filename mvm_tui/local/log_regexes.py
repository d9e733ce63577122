"""The regular expressions of filter patterns, ``%…%``.

They are CloudWatch's own kind (user guide, "Supported regular expressions syntax", November 2026): ASCII
letters, digits and ``:_#=@/;,-``, and the operators ``^ $ ? [ ] { } | \\ * + .``; there are no parentheses,
so no repetition inside another, and a pattern holds at most two.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

MOST_REGEXES = 2
# A term between percent signs, in which a backslash escapes the next character.
REGEX_TERM = r"%(?:[^%\\]|\\.)+%"
_PIECE = re.compile(
    r"(?P<class>\[\^?(?:[\w:#=@/;,.*+?$|{}^-]|\\[^\n])+\])"
    r"|(?P<escape>\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[^\w\s]))"
    r"|(?P<times>\{\d{1,3}(?:,\d{0,3})?\}|[?*+])"
    r"|(?P<anchor>[\^$])"
    r"|(?P<bar>\|)"
    r"|(?P<one>[A-Za-z0-9:_#=@/;,.-])",
    re.ASCII,
)
_REPEATABLE = frozenset({"class", "escape", "one"})


class PatternError(ValueError):
    """The text is no filter pattern."""


class Regexes:
    """The regular expressions of one pattern."""

    def __init__(self) -> None:
        self._count = 0

    def compile(self, term: str) -> Callable[[str], bool]:
        """The test of a term with its percent signs: whether a text holds a match anywhere.

        Raises PatternError, also for the third of a pattern.
        """
        self._count += 1
        if self._count > MOST_REGEXES:
            raise PatternError(f"Invalid filter pattern: more than {MOST_REGEXES} regular expressions")
        try:
            with warnings.catch_warnings():
                # Python may one day read ``||`` and ``--`` in brackets otherwise.
                warnings.simplefilter("ignore", FutureWarning)
                compiled = re.compile(_translated(term[1:-1]), re.ASCII)
        except (re.error, OverflowError):
            raise _unreadable(term) from None
        return lambda text: compiled.search(text) is not None


def _translated(text: str) -> str:
    """The expression as Python writes it. Raises PatternError for what the service does not know."""
    pieces, place, before = [], 0, ""
    while place < len(text):
        found = _PIECE.match(text, place)
        kind = found.lastgroup if found else None
        if found is None or kind is None or (kind == "times" and before not in _REPEATABLE):
            raise _unreadable(text[place:])
        pieces.append(r"\Z" if found[0] == "$" else found[0])
        place, before = found.end(), kind
    return "".join(pieces)


def _unreadable(text: str) -> PatternError:
    return PatternError(f"Invalid filter pattern: cannot read the regular expression at '{text[:40]}'")
