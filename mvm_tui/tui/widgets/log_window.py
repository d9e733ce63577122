"""Which lines of a log are on screen: where the window stands, where the cursor is, whether it follows.

Nothing here knows how many lines there are in all: only entries on screen and beside it are ever laid out, so
that a log of any length, wrapped or not, moves at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mvm_tui.tui.log_entries import Entry, place_of
from mvm_tui.tui.log_pipeline import Appended, Change, Dropped, Inserted, Prepended, Restarted

# The line above the first entry, which says whether there is more.
HEAD = -1


class LogWindow:
    """Entries and the part of them that is on screen.

    Attributes:
        entries: What is shown, in order.
        following: Whether the newest entry stays in sight.
        new: Entries that came since it was paused.
        cursor: The index of the entry under the cursor; `HEAD` in an empty log.
        screen: (index of the entry, number of its line) of each line on screen, `HEAD` included.
    """

    def __init__(self, count_lines: Callable[[Entry], int]) -> None:
        """`count_lines` lays an entry out."""
        self._count = count_lines
        self._height = 0
        self._top = HEAD
        self._sub = 0
        self.entries: list[Entry] = []
        self.following = True
        self.new = 0
        self.cursor = HEAD
        self.screen: list[tuple[int, int]] = []

    @property
    def cursor_entry(self) -> Entry | None:
        return self.entries[self.cursor] if 0 <= self.cursor < len(self.entries) else None

    @property
    def at_head(self) -> bool:
        """Whether the line above the first entry is on screen."""
        return bool(self.screen) and self.screen[0][0] == HEAD

    @property
    def top(self) -> int:
        """The index of the first entry on screen."""
        return max(self._top, 0)

    @property
    def seen(self) -> int:
        """How many entries are on screen."""
        return self.screen[-1][0] - self._top + 1 if self.screen else 0

    def resize(self, height: int) -> None:
        self._height = height
        self.lay_out()

    # What the pipeline says

    def apply(self, changes: Sequence[Change]) -> None:
        """Take over what changed; what the user looks at stays where it is unless the window follows."""
        for change in changes:
            if isinstance(change, Appended):
                self.entries.extend(change.entries)
                self._arrived(len(change.entries))
            elif isinstance(change, Inserted):
                self._insert(change.entry)
            elif isinstance(change, Prepended):
                self._prepend(change)
            elif isinstance(change, Dropped):
                self._drop(change.count)
            elif isinstance(change, Restarted):
                self._restart()
        last = len(self.entries) - 1
        self.cursor = last if self.following else min(max(self.cursor, min(0, last)), last)
        self.lay_out()

    def _arrived(self, count: int) -> None:
        if not self.following:
            self.new += count

    def _insert(self, entry: Entry) -> None:
        at = place_of(self.entries, entry.number)
        self.entries.insert(at, entry)
        self._arrived(1)
        self._shift(at, 1)

    def _prepend(self, change: Prepended) -> None:
        count = len(change.entries)
        self.entries[:0] = change.entries
        if change.history and self._top == HEAD and count:
            # The line above the first entry gives its place to the entry that is there now.
            self._top, self._sub = count - 1, 0
            self.cursor += count
        else:
            self._shift(0, count)

    def _shift(self, at: int, count: int) -> None:
        """`count` entries came in before the one with index `at`."""
        if self._top >= at:
            self._top += count
        if self.cursor >= at:
            self.cursor += count

    def _drop(self, count: int) -> None:
        gone = 0
        while gone < len(self.entries) and self.entries[gone].gone:
            gone += 1
        del self.entries[:gone]
        if gone < count:
            # Some stood elsewhere: lines of the same time may be in another order here.
            self.entries[:] = [entry for entry in self.entries if not entry.gone]
        self._top -= count
        self.cursor -= count
        if self._top < HEAD:
            self._top, self._sub = HEAD, 0

    def _restart(self) -> None:
        """Another filter: the entries come again, the newest first."""
        self.entries.clear()
        self.following = True
        self.new = 0
        self.cursor = HEAD
        self._top, self._sub = HEAD, 0

    # Where the user goes

    def follow(self) -> None:
        """Keep the newest entry in sight."""
        self.following = True
        self.new = 0
        self.cursor = len(self.entries) - 1
        self.lay_out()

    def pause(self) -> None:
        """Stay where it is."""
        self.following = False

    def move(self, steps: int) -> None:
        """Move the cursor by entries; the lines of a tall one are scrolled through."""
        self.pause()
        if steps < 0 and self.cursor <= 0:
            self.scroll(steps)
            return
        if steps > 0 and self.screen and self._below(self.cursor):
            self._scroll_top(min(steps, self._below(self.cursor)))
        elif steps < 0 and self.screen and self._above(self.cursor):
            self._scroll_top(-min(-steps, self._above(self.cursor)))
        else:
            self.go_to(self.cursor + steps)
            return
        self.lay_out()

    def go_to(self, index: int) -> None:
        """Put the cursor on an entry and show it."""
        self.pause()
        if not self.entries:
            return
        self.cursor = min(max(index, 0), len(self.entries) - 1)
        self._show(self.cursor)
        self.lay_out()

    def scroll(self, lines: int) -> None:
        """Move the window; going down from the end follows again."""
        if lines > 0 and self.at_end:
            self.follow()
            return
        self.pause()
        self._scroll_top(lines)
        self.lay_out()
        self._keep_cursor_on_screen()

    def go_top(self, index: int) -> None:
        """Show the entry with this index first, as the scroll bar asks."""
        self.pause()
        self._top, self._sub = min(max(index, 0), max(len(self.entries) - 1, 0)), 0
        if index <= 0:
            self._top = HEAD
        self.lay_out()
        self._keep_cursor_on_screen()

    @property
    def at_end(self) -> bool:
        """Whether the last line is on screen."""
        last = len(self.entries) - 1
        return not self.screen or self.screen[-1] == (last, self._lines(last) - 1)

    def _lines(self, index: int) -> int:
        return 1 if index < 0 else self._count(self.entries[index])

    def _below(self, index: int) -> int:
        """How many lines of an entry are below the screen, if it is the last on it."""
        last, line = self.screen[-1]
        return self._lines(index) - 1 - line if last == index else 0

    def _above(self, index: int) -> int:
        first, line = self.screen[0]
        return line if first == index else 0

    def _scroll_top(self, lines: int) -> None:
        top, sub = self._top, self._sub + lines
        while sub < 0 and top > HEAD:
            top -= 1
            sub += self._lines(top)
        last = len(self.entries) - 1
        while top < last and sub >= self._lines(top):
            sub -= self._lines(top)
            top += 1
        self._top, self._sub = top, max(min(sub, self._lines(top) - 1), 0)

    def _show(self, index: int) -> None:
        """Scroll as little as shows an entry, the start of it if it is taller than the screen."""
        shown = [line for line in self.screen if line[0] == index]
        count = self._lines(index)
        if len(shown) >= min(count, self._height):
            return
        if index <= self._top or count >= self._height:
            self._top, self._sub = index, 0
            return
        self._top, self._sub = self._back_from(index)

    def _back_from(self, index: int) -> tuple[int, int]:
        """The top that puts the last line of an entry at the bottom of the screen."""
        left = self._height - self._lines(index)
        while left > 0 and index > HEAD:
            index -= 1
            left -= self._lines(index)
        return index, max(-left, 0)

    def _keep_cursor_on_screen(self) -> None:
        if self.screen and not self.following:
            first, last = max(self.screen[0][0], 0), max(self.screen[-1][0], 0)
            self.cursor = min(max(self.cursor, first), last, len(self.entries) - 1)

    # Laying out

    def lay_out(self) -> None:
        """Find out what is on screen."""
        last = len(self.entries) - 1
        if self._height <= 0:
            self.screen = []
            return
        self._top = min(self._top, last)
        self._sub = min(self._sub, self._lines(self._top) - 1)
        if self.following:
            self._top, self._sub = self._back_from(last)
        self.screen = self._fill()
        if len(self.screen) < self._height and (self._top, self._sub) != (HEAD, 0):
            # Below the end is nothing to see: show more of what is above.
            self._top, self._sub = self._back_from(last)
            self.screen = self._fill()

    def _fill(self) -> list[tuple[int, int]]:
        screen: list[tuple[int, int]] = []
        index, line = self._top, self._sub
        while len(screen) < self._height and index < len(self.entries):
            for number in range(line, self._lines(index)):
                screen.append((index, number))
                if len(screen) == self._height:
                    break
            index, line = index + 1, 0
        return screen
