"""Which parts of a line stand out: what a search finds, and what rules of the config file name.

Patterns run in a thread, for lines that are on screen: a line is drawn without its highlights first, and
again when they are known.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from queue import SimpleQueue

from textual.cache import LRUCache

from mvm_tui.logs.highlight import Highlighter
from mvm_tui.logs.patterns import Pattern, TooSlow
from mvm_tui.logs.query import Filter, parse_filter
from mvm_tui.tui.background import in_thread
from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.widgets.log_content import Span

_REMEMBERED = 4_000
MATCH_ROLE = "match"


def pattern_of(text: str) -> Pattern:
    """A text to find, whatever its case, or a ``/regex/``. Raises ValueError, with a sentence."""
    if _is_regex(text):
        return Pattern(text[1:].rpartition("/")[0], ignore_case=text.endswith("i"))
    return Pattern(_escaped(text), ignore_case=True)


def filter_of(text: str) -> Filter:
    """The same as a filter of one term, to find whole lines by. Raises ValueError, with a sentence."""
    written = text
    if not _is_regex(text):
        written = f'"{text}"' if '"' not in text else f"/{_escaped(text)}/i"
    return parse_filter(written, datetime.now(UTC))


def _is_regex(text: str) -> bool:
    return len(text) > 2 and text.startswith("/") and text.endswith(("/", "/i"))


def _escaped(text: str) -> str:
    return "".join(character if character.isalnum() else f"\\{character}" for character in text)


class Highlights:
    """Spans of lines, asked for by the view and found in a thread."""

    def __init__(
        self, rules: Mapping[str, str], found: Callable[[], None], complain: Callable[[str], None]
    ) -> None:
        """`rules`: expression → style, as `log_style` knows them.

        `found` and `complain` are called from the thread, `complain` with a sentence about each rule that is
        wrong or takes too long.
        """
        self._found = found
        self._complain = complain
        self._lock = threading.Lock()
        self._rules = Highlighter(rules)
        self._told = 0
        self._search: Pattern | None = None
        self._known: LRUCache[str, tuple[Span, ...]] = LRUCache(_REMEMBERED)
        self._tasks: SimpleQueue[tuple[int, str] | None] = SimpleQueue()
        self._asked: set[str] = set()
        self._turn = 0
        in_thread("log-highlights", self._work)

    def set_search(self, pattern: Pattern | None) -> None:
        """Highlight what a search finds, over all else."""
        with self._lock:
            self._search = pattern
            self._known.clear()
            self._asked.clear()
            self._turn += 1

    def close(self) -> None:
        """End the thread."""
        self._tasks.put(None)

    def spans(self, entry: Entry, text: str) -> Sequence[Span]:
        """What stands out in a line of an entry; nothing while that is being found out."""
        if not text or (self._search is None and not self._rules):
            return ()
        with self._lock:
            known = self._known.get(text)
            if known is None and text not in self._asked:
                self._asked.add(text)
                self._tasks.put((self._turn, text))
        return known or ()

    def _work(self) -> None:
        self._tell()
        while (task := self._tasks.get()) is not None:
            turn, text = task
            if turn != self._turn:
                continue
            spans = self._find(text)
            self._tell()
            with self._lock:
                if turn == self._turn:
                    self._known[text] = spans
                    self._asked.discard(text)
            if self._tasks.empty():
                self._found()

    def _find(self, text: str) -> tuple[Span, ...]:
        spans: list[Span] = [(span.start, span.end, span.style) for span in self._rules.spans(text)]
        search = self._search
        if search is not None:
            try:
                spans += [(start, end, MATCH_ROLE) for start, end in search.spans(text)]
            except TooSlow as slow:
                self._search = None
                self._complain(str(slow))
        return tuple(spans)

    def _tell(self) -> None:
        for complaint in self._rules.complaints[self._told :]:
            self._complain(complaint)
        self._told = len(self._rules.complaints)
