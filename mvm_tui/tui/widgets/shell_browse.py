"""Where in a terminal's history the user looks, and what was searched for there."""

from __future__ import annotations

from collections.abc import Iterator

from mvm_tui.terminal.facade import Terminal
from mvm_tui.tui.shell_text import Match, find

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
        wanted: What was searched for.
    """

    def __init__(self) -> None:
        self.keys = False
        self.wanted = ""
        self._top: int | None = None
        self._matches: list[Match] = []
        self._current = -1
        self._by_line: dict[int, list[tuple[int, int, int]]] = {}

    @property
    def browsing(self) -> bool:
        """Whether it is not the live screen that is shown."""
        return self._top is not None or self.keys

    def top(self, terminal: Terminal) -> int:
        """The number of the line at the top of the view."""
        if self._top is None:
            return terminal.top
        return min(max(self._top, terminal.first), terminal.top)

    def place(self, terminal: Terminal) -> str:
        """``line 812 of 10,024 · 3 of 17 “error”``."""
        total = terminal.top + terminal.rows - terminal.first
        words = f"line {self.top(terminal) - terminal.first + 1:,} of {total:,}"
        if self.wanted:
            found = f"{self._current + 1} of {len(self._matches):,}" if self._matches else "nothing"
            words += f" · {found} for “{self.wanted}”"
        return words

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
        if self._matches:
            self._keep(find(terminal, self.wanted))
            self._current = min(self._current, len(self._matches) - 1)

    def move(self, terminal: Terminal, lines: int) -> None:
        """Down if positive. Without keys, the end of the history is the live screen again."""
        top = min(max(self.top(terminal) + lines, terminal.first), terminal.top)
        self._top = top if self.keys or top < terminal.top else None

    def search(self, terminal: Terminal, wanted: str) -> None:
        """Look for a text and go to the last place of it that is not below the view."""
        self.enter(terminal)
        self.wanted = wanted
        self._keep(find(terminal, wanted))
        below = self.top(terminal) + terminal.rows
        self._current = sum(match.line < below for match in self._matches) - 1
        self._show_match(terminal)

    def _keep(self, matches: list[Match]) -> None:
        self._matches = matches
        self._by_line = {}
        for index, match in enumerate(matches):
            for number, start, end in match.stretches:
                self._by_line.setdefault(number, []).append((start, end, index))

    def matches_on(self, number: int) -> Iterator[tuple[int, int, bool]]:
        """Where on a line what was searched for stands, and whether it is the place gone to."""
        for start, end, index in self._by_line.get(number, ()):
            yield start, end, index == self._current

    def _show_match(self, terminal: Terminal) -> None:
        if 0 <= self._current < len(self._matches):
            line = self._matches[self._current].line
            if not self.top(terminal) <= line < self.top(terminal) + terminal.rows:
                self._top = min(max(line - terminal.rows // 2, terminal.first), terminal.top)

    def _step(self, terminal: Terminal, by: int) -> None:
        if self._matches:
            self._current = (self._current + by) % len(self._matches)
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
            # The search went upwards, from the newest to what came before.
            self._step(terminal, -1 if key == "n" else 1)
        elif key in ("left_curly_bracket", "right_curly_bracket"):
            self._prompt(terminal, -1 if key == "left_curly_bracket" else 1)
        else:
            return False
        return True
