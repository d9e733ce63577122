"""`Terminal`: the emulator as others use it. Bytes in; lines, cursor, modes, answers and events out.

How to use it:

- `feed` what the guest prints, cut anywhere; then send `take_replies()` back to it, act on `take_events()`,
  and paint by `take_damage()`.
- Lines have numbers that stay with them while output arrives. The screen's row ``y`` is line ``top + y``; the
  history holds the lines from `first` to before `top`. `line` gives either kind: its runs to paint, its cells
  to select, its `text` to search. A painter may keep what it made of a line by its number: `Damage.rows`
  names the screen's rows whose line changed; rows that only moved up, by `Damage.scrolled`, have not.
- While `Modes.synchronised` is set nothing should be painted; give up waiting after a while (150 ms or so).
- Colours are numbers (see `styles`); `colours` says what they stand for. Set `colours.theme` to the caller's
  own, so that programs that ask get the truth. What the guest changes (OSC 4, 10, 11, 12) lies over it.
- `resize` reflows wrapped lines, renumbers, and makes everything damaged.

All text is the guest's: it holds no control characters, but may hold anything else, direction overrides too.
"""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.terminal.colours import Colours
from mvm_tui.terminal.events import Event
from mvm_tui.terminal.history import History
from mvm_tui.terminal.modes import Modes
from mvm_tui.terminal.outbox import Outbox
from mvm_tui.terminal.rows import UNCHANGED, Line
from mvm_tui.terminal.screen import Screen
from mvm_tui.terminal.stream import Stream

HISTORY_LINES = 10_000
HISTORY_BYTES = 40 * 1024 * 1024
SIZE_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where writing goes on, both from 0. ``x`` is the last column while a wrap is pending.

    ``shape`` is ``block``, ``underline`` or ``bar``.
    """

    x: int
    y: int
    visible: bool
    shape: str
    blink: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """What to paint: all of it, or these rows; ``scrolled`` is how many lines went into the history."""

    everything: bool
    rows: tuple[int, ...]
    scrolled: int


class Terminal:
    """An emulated terminal of ``columns`` × ``rows`` cells.

    Args:
        columns: 1 to 1,000.
        rows: 1 to 1,000.
        history_lines: How many lines that scrolled off are kept at most; 0 keeps none.
        history_bytes: How much memory they may take at most, about.
        name: What it answers to XTVERSION.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        history_lines: int = HISTORY_LINES,
        history_bytes: int = HISTORY_BYTES,
        name: str = "mvm-tui",
    ) -> None:
        self._history = History(history_lines, history_bytes)
        self._outbox = Outbox()
        self._screen = Screen(_bounded(columns), _bounded(rows), self._history, self._outbox, name)
        self._stream = Stream(self._screen)
        self._seen = 0

    # -- in

    def feed(self, data: bytes) -> None:
        """Take in what the guest printed. Never raises."""
        self._stream.feed(data)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as in the constructor; wrapped lines are laid out anew, save the cursor's."""
        self._screen.resize(_bounded(rows), _bounded(columns))
        self._seen = self.top

    # -- out

    def take_replies(self) -> bytes:
        """Answers to what the guest asked, to be sent to it."""
        return self._outbox.take_replies()

    def take_events(self) -> tuple[Event, ...]:
        """What happened since last asked, in order."""
        return self._outbox.take_events()

    def take_damage(self) -> Damage:
        """What changed on the screen since last asked."""
        screen = self._screen
        everything, screen.redraw = screen.redraw, False
        rows = []
        for y, row in enumerate(screen.rows):
            if row.dirty:
                rows.append(y)
                row.dirty = UNCHANGED
        scrolled, self._seen = self.top - self._seen, self.top
        return Damage(everything or scrolled < 0, tuple(rows), max(scrolled, 0))

    @property
    def columns(self) -> int:
        return self._screen.columns

    @property
    def rows(self) -> int:
        return self._screen.lines

    @property
    def first(self) -> int:
        """The number of the oldest line held."""
        return self._history.first

    @property
    def top(self) -> int:
        """The number of the screen's first row."""
        return self._history.end

    @property
    def history_size(self) -> int:
        """About how many bytes the history holds."""
        return self._history.held

    def line(self, number: int) -> Line:
        """A line of the history or the screen.

        Raises:
            IndexError: It is not held: below `first`, or not above the screen's end.
        """
        y = number - self.top
        if y < 0:
            return self._history.line(number)
        row = self._screen.rows[y]
        length = row.shown()
        return Line(number, row.wrapped, row.mark, tuple(row.chars[:length]), tuple(row.styles[:length]))

    def text(self, number: int) -> str:
        """What a line says; for the history much cheaper than its `line`. Raises as that does."""
        return self._history.text(number) if number < self.top else self.line(number).text

    def wrapped(self, number: int) -> bool:
        """Whether a line continues the one before; much cheaper than its `line`. Raises as that does."""
        y = number - self.top
        return self._history.wrapped(number) if y < 0 else self._screen.rows[y].wrapped

    @property
    def cursor(self) -> Cursor:
        screen = self._screen
        x = min(screen.cursor.x, screen.columns - 1)
        visible = not screen.cursor.hidden
        return Cursor(x, screen.cursor.y, visible, screen.cursor_shape, screen.cursor_blink)

    @property
    def modes(self) -> Modes:
        return self._screen.modes()

    @property
    def title(self) -> str:
        return self._screen.title

    @property
    def icon_name(self) -> str:
        return self._screen.icon_name

    @property
    def colours(self) -> Colours:
        """What colours stand for; assign to its ``theme``."""
        return self._screen.colours

    def link(self, number: int) -> str | None:
        """The address behind a style's ``link``, as the guest sent it: check it before use. None: no link."""
        return self._screen.links.target(number)

    @property
    def prompts(self) -> tuple[int, ...]:
        """The numbers of the lines where prompts begin (OSC 133), oldest first; on the main screen alone."""
        marked = self._history.marks()
        if self._screen.alternate:
            return marked
        top = self.top
        return marked + tuple(top + y for y, row in enumerate(self._screen.rows) if row.mark)


def _bounded(size: int) -> int:
    return min(max(size, 1), SIZE_LIMIT)
