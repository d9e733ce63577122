"""Where in a terminal's history the user looks, and what was searched for there."""

from __future__ import annotations

from collections.abc import Iterator

from mvm_tui.terminal.facade import Terminal
from mvm_tui.tui.shell_search import LIMIT, Search

KEYS = (
    ("↑ ↓ pgup pgdn", "scroll"),
    ("g G", "ends"),
    ("/ n N", "search"),
    ("{ }", "prompts"),
    ("esc", "back"),
)
_LEAVE = frozenset({"escape", "q", "enter", "i", "ctrl+c"})


class Browser:
    """A place in the history; none while the screen is live.

    Attributes:
        keys: Whether keys move here instead of being typed into the shell.
    """

    def __init__(self) -> None:
        self.keys = False
        self._top: int | None = None
        self._search: Search | None = None
        # Which of the places found was gone to; -1 before the first.
        self._current = -1

    @property
    def browsing(self) -> bool:
        """Whether it is not the live screen that is shown."""
        return self._top is not None or self.keys

    @property
    def wanted(self) -> str:
        """What was searched for last."""
        return self._search.wanted if self._search else ""

    @property
    def searching(self) -> bool:
        """Whether lines are still to be looked at."""
        return self._search is not None and not self._search.done

    def top(self, terminal: Terminal) -> int:
        """The number of the line at the top of the view."""
        if self._top is None:
            return terminal.top
        return min(max(self._top, terminal.first), terminal.top)

    def place(self, terminal: Terminal) -> str:
        """``line 812 of 10,024 · 3 of 17 for “error”``, the places counted from the oldest."""
        total = terminal.top + terminal.rows - terminal.first
        words = f"line {self.top(terminal) - terminal.first + 1:,} of {total:,}"
        if self._search is None:
            return words
        count = len(self._search.found)
        if not self._search.done:
            found = "searching"
        elif count:
            more = "+" * (count >= LIMIT)
            found = f"{count - max(self._current, 0):,} of {count:,}{more}"
        else:
            found = "nothing"
        return f"{words} · {found} for “{self.wanted}”"

    def enter(self, terminal: Terminal) -> None:
        """Stand still, and let keys move."""
        self.keys = True
        self._top = self.top(terminal)

    def leave(self) -> None:
        """Back to the live screen."""
        self.__init__()  # type: ignore[misc]  # everything as it was at first

    def renumbered(self, terminal: Terminal) -> None:
        """Lines have other numbers, or are gone: what was found is looked for again."""
        if self._top is not None:
            self._top = self.top(terminal)
        if self._search is not None:
            self._search = Search(terminal, self._search.wanted)

    def move(self, terminal: Terminal, lines: int) -> None:
        """Down if positive. Without keys, the end of the history is the live screen again."""
        top = min(max(self.top(terminal) + lines, terminal.first), terminal.top)
        self._top = top if self.keys or top < terminal.top else None

    def search(self, terminal: Terminal, wanted: str) -> None:
        """Begin to look for a text, going up from the view; `search_on` goes on."""
        self.enter(terminal)
        self._search = Search(terminal, wanted)
        self._current = -1

    def search_on(self, terminal: Terminal, seconds: float) -> None:
        """Look for about so long, and go to the first place that is not below the view."""
        search = self._search
        if search is None:
            return
        search.advance(seconds)
        if self._current < 0:
            below = self.top(terminal) + terminal.rows
            found = enumerate(search.found)
            self._current = next((at for at, (text, _) in found if text.lines.start < below), -1)
            self._show_match(terminal)

    def matches_on(self, terminal: Terminal, number: int) -> Iterator[tuple[int, int, bool]]:
        """Where on a line what was searched for stands, and whether it is the place gone to."""
        if (search := self._search) is None:
            return
        for at in search.on_line(number):
            text, span = search.found[at]
            if cells := text.cells_on(terminal, span, number):
                yield *cells, at == self._current

    def _show_match(self, terminal: Terminal) -> None:
        if self._search is not None and 0 <= self._current < len(self._search.found):
            text, span = self._search.found[self._current]
            line = text.line_of(terminal, span)
            if not self.top(terminal) <= line < self.top(terminal) + terminal.rows:
                self._top = min(max(line - terminal.rows // 2, terminal.first), terminal.top)

    def _step(self, terminal: Terminal, by: int) -> None:
        if self._search is not None and self._search.found:
            self._current = (self._current + by) % len(self._search.found)
            self._show_match(terminal)

    def _prompt(self, terminal: Terminal, by: int) -> None:
        """To the prompt above or below the top of the view, as far as the shell marks them (OSC 133)."""
        top = self.top(terminal)
        others = [line for line in terminal.prompts if (line < top if by < 0 else line > top)]
        if others:
            self._top = min(others[-1] if by < 0 else others[0], terminal.top)

    def key(self, terminal: Terminal, key: str) -> bool:
        """Act on a key; False if it means nothing here."""
        page = max(terminal.rows - 1, 1)
        moves = {
            "up": -1, "k": -1, "down": 1, "j": 1,
            "pageup": -page, "ctrl+b": -page, "pagedown": page, "ctrl+f": page, "space": page,
            "ctrl+u": -page // 2, "ctrl+d": page // 2,
            "home": -(1 << 40), "g": -(1 << 40), "end": 1 << 40, "G": 1 << 40,
        }  # fmt: skip
        if key in _LEAVE:
            self.leave()
        elif key in moves:
            self.move(terminal, moves[key])
        elif key in ("n", "N"):
            # The search went up, from the newest to what came before; so does n.
            self._step(terminal, 1 if key == "n" else -1)
        elif key in ("left_curly_bracket", "right_curly_bracket"):
            self._prompt(terminal, -1 if key == "left_curly_bracket" else 1)
        else:
            return False
        return True
