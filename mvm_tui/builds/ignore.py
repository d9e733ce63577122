"""``.dockerignore``: its lines as patterns, with the meaning that they have to Docker.

A pattern is relative to the folder's root; ``*`` and ``?`` stay within one name, ``**`` stands for any number
of names, ``!`` takes back (docs.docker.com/build/concepts/context, and the matcher that Docker has). Those of
gitignore differ: they hold at any depth, and ``**`` is special between slashes only.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from pathspec.pattern import RegexPattern

_PIECE = re.compile(
    r"(?P<any_end>\*\*+/?$)|(?P<any>(?:\*\*+/?)+)|(?P<star>\*)|(?P<one>\?)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|\\(?P<escaped>.)|(?P<plain>.)",
    re.S,
)


def patterns(text: str) -> list[RegexPattern]:
    """The patterns of a file in their order; `include` of each is whether it leaves out or takes back.

    Raises:
        ValueError: A line is no pattern.
    """
    return [found for line in text.split("\n") if (found := _pattern(line)) is not None]


def _pattern(line: str) -> RegexPattern | None:
    text = line.strip()
    if not text or line.startswith("#"):
        return None
    takes_back = text.startswith("!")
    text = text.removeprefix("!").strip()
    if not text:
        raise ValueError("a line has nothing but an exclamation mark")
    path = posixpath.normpath(text).lstrip("/")
    try:
        return RegexPattern(re.compile("".join(_pieces(path)), re.S), include=not takes_back)
    except re.error as error:
        raise ValueError(f"{text}: {error.msg}") from None


def _pieces(path: str) -> Iterator[str]:
    yield r"\A"
    for found in _PIECE.finditer(path):
        piece = found[0]
        match found.lastgroup:
            case "any_end":
                yield ".*"
            case "any":
                yield "(?:.*/)?"
            case "star":
                yield "[^/]*"
            case "one":
                yield "[^/]"
            case "set":
                yield piece.replace("[", r"\[").replace(r"\[", "[", 1)
            case "escaped":
                yield re.escape(found["escaped"])
            case _:
                if piece == "[":
                    raise ValueError(f"{path}: a bracket is not closed")
                yield re.escape(piece)
    yield r"\Z"
