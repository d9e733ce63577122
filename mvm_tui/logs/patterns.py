"""Regular expressions that users write, run so that none of them can hold anything up.

The `regex` library gives up after a time and lets other threads run meanwhile; `re` does neither. An event is
searched in its first 16 KB. Asking for each event alone costs more in bookkeeping than in searching, so a
batch is first searched as one text, and only events in which something was found are asked one by one.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import regex

SEARCHED = 16 * 1024
LONGEST_PATTERN = 1_000
_EVENT_SECONDS = 0.1
_BATCH_SECONDS = 1.0
_SEPARATOR = "\n"
# What may find something in one event and nothing in several put together: looking for what must not be
# there, not giving back, the very beginning and end.
_CONTEXTUAL = regex.compile(
    r"\(\?(?!:|=|<=|P<|<[A-Za-z_]|[aiLmsu]+\))|\(\*|[*+?}]\+|\\[AZzGKBR]|\(\?[a-zA-Z]*[rbfex][a-zA-Z]*\)"
)


class TooSlow(Exception):
    """A pattern took too long and should not be used again; `pattern` names it."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern

    def __str__(self) -> str:
        return f"The pattern {self.pattern} takes too long and is switched off: make it simpler."


class Pattern:
    """One expression."""

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        """Raises ValueError, whose message says what is wrong with the expression."""
        if len(text) > LONGEST_PATTERN:
            raise ValueError(f"the pattern is longer than {LONGEST_PATTERN} characters")
        flags = regex.IGNORECASE if ignore_case else 0
        self.text = text
        self._batchable = _CONTEXTUAL.search(text) is None
        try:
            self._pattern: Any = regex.compile(text, flags)
            # Beginnings and ends are those of lines: there a batch has one wherever an event has.
            self._lines: Any = regex.compile(text, flags | regex.MULTILINE)
        except (regex.error, OverflowError, RecursionError, MemoryError) as error:
            raise ValueError(f"/{text}/ is no regular expression: {error}") from None

    def found(self, text: str) -> bool:
        """Whether it is found in a text. Raises TooSlow."""
        return self._search(text[:SEARCHED]) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is found in a text, from and to. Raises TooSlow."""
        try:
            found = self._pattern.finditer(text[:SEARCHED], timeout=_EVENT_SECONDS, concurrent=True)
            return [match.span() for match in found if match.end() > match.start()]
        except TimeoutError:
            raise TooSlow(f"/{self.text}/") from None

    def found_in(self, texts: Sequence[str]) -> list[int]:
        """The indexes of the texts in which it is found. Raises TooSlow."""
        deadline = time.perf_counter() + _BATCH_SECONDS
        cut = [text if len(text) <= SEARCHED else text[:SEARCHED] for text in texts]
        if self._batchable and len(cut) > 1:
            try:
                return self._found_in_batch(cut, deadline)
            except TimeoutError:
                # Which event it was, or whether only their number, is seen one by one.
                deadline = time.perf_counter() + _BATCH_SECONDS
        found: list[int] = []
        for index, text in enumerate(cut):
            if self._search(text) is not None:
                found.append(index)
            if time.perf_counter() > deadline:
                raise TooSlow(f"/{self.text}/")
        return found

    def _found_in_batch(self, texts: Sequence[str], deadline: float) -> list[int]:
        batch = _SEPARATOR.join(texts)
        starts = list(accumulate((len(text) + 1 for text in texts), initial=0))[:-1]
        found: list[int] = []
        position = 0
        while True:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise TimeoutError
            match = self._lines.search(batch, position, timeout=left, concurrent=True)
            if match is None:
                return found
            index = bisect_right(starts, match.start()) - 1
            # What was found may reach from one event into the next.
            if self._search(texts[index]) is not None:
                found.append(index)
            if index + 1 == len(texts):
                return found
            position = starts[index + 1]

    def _search(self, text: str) -> Any:
        try:
            return self._pattern.search(text, timeout=_EVENT_SECONDS, concurrent=True)
        except TimeoutError:
            raise TooSlow(f"/{self.text}/") from None
