"""Words of a Dockerfile's line: quotes, escapes and variables, as Docker's shell-like rules have them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mvm_tui.local.container.errors import broken

# What a line may become: variables in variables grow without end. No variable that a process is given may
# have as much (128 KiB, execve(2)).
MOST_CHARACTERS = 1 << 20

_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?:(?P<how>:?[-+])(?P<other>[^}]*))?\})")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """The text with its variables filled in and its quotes taken off, as one word."""
    return " ".join(words(text, variables, split=False))


def words(text: str, variables: Mapping[str, str], *, escape: str = "\\", split: bool = True) -> list[str]:
    """The words of a line. Knows ``$V``, ``${V}``, ``${V:-other}`` and ``${V:+other}``.

    Nothing is filled in between single quotes. An unknown variable is empty.

    Raises:
        BuildError: a quote is not closed, or it becomes too long.
    """
    return _Reader(text, variables, escape, split).read()


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, str], escape: str, split: bool) -> None:
        self._text = text
        self._variables = variables
        self._escape = escape
        self._split = split
        self._at = 0
        self._quote = ""
        self._word: list[str] | None = None
        self._length = 0
        self._words: list[str] = []

    def read(self) -> list[str]:
        while self._at < len(self._text):
            self._step(self._text[self._at])
        if self._quote:
            raise broken(f"a quote is not closed: {self._text}")
        self._end_word()
        return self._words

    def _step(self, character: str) -> None:
        if self._quote == "'":
            self._in_single_quotes(character)
        elif character == self._escape:
            self._escaped()
        elif character == "$" and (found := _VARIABLE.match(self._text, self._at)):
            self._add(self._value(found))
            self._at = found.end()
        elif character in ("'", '"') and self._quote in ("", character):
            self._add("")
            self._quote = "" if self._quote else character
            self._at += 1
        elif character.isspace() and not self._quote and self._split:
            self._end_word()
            self._at += 1
        else:
            self._add(character)
            self._at += 1

    def _in_single_quotes(self, character: str) -> None:
        if character == "'":
            self._quote = ""
        else:
            self._add(character)
        self._at += 1

    def _escaped(self) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if self._quote and following not in ('"', "$", self._escape):
            self._add(self._escape)
        self._add(following)
        self._at += 2

    def _value(self, found: re.Match[str]) -> str:
        name = found["plain"] or found["name"]
        value, how, other = self._variables.get(name), found["how"] or "", found["other"] or ""
        present = bool(value) if how.startswith(":") else value is not None
        if how.endswith("-") and not present:
            return expand(other, self._variables)
        if how.endswith("+"):
            return expand(other, self._variables) if present else ""
        return value or ""

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_CHARACTERS:
            raise broken(f"with its variables filled in it has more than {MOST_CHARACTERS:,} characters")
        if self._word is None:
            self._word = []
        self._word.append(text)

    def _end_word(self) -> None:
        if self._word is not None:
            self._words.append("".join(self._word))
            self._word = None
