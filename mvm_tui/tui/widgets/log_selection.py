"""What is selected in a log: characters, by mouse, or whole entries, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mvm_tui.tui.log_entries import Entry, place_of
from mvm_tui.tui.widgets.log_content import Row

# More than any terminal takes on its clipboard: the rest need not be put together.
_MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A character of a row of an entry."""

    entry: Entry
    row: int = 0
    character: int = 0

    @property
    def order(self) -> tuple[int, int, int]:
        return (self.entry.number, self.row, self.character)


@dataclass(frozen=True, slots=True)
class Selection:
    """From one spot to another, whichever comes first. `whole` takes entries from beginning to end."""

    anchor: Spot
    head: Spot
    whole: bool = False

    @property
    def ends(self) -> tuple[Spot, Spot]:
        first, last = sorted((self.anchor, self.head), key=lambda spot: spot.order)
        return first, last

    def range_in(self, entry: Entry, row: int) -> tuple[int, int] | None:
        """The selected characters of a row of an entry; None if there are none."""
        first, last = self.ends
        if not first.entry.number <= entry.number <= last.entry.number:
            return None
        start, end = 0, 1_000_000
        if not self.whole:
            if (entry.number, row) == (first.entry.number, first.row):
                start = first.character
            elif entry is first.entry and row < first.row:
                return None
            if (entry.number, row) == (last.entry.number, last.row):
                end = last.character
            elif entry is last.entry and row > last.row:
                return None
        return (start, end) if start < end else None

    def entries(self, shown: Sequence[Entry]) -> Sequence[Entry]:
        """The entries it touches, of those that are shown."""
        first, last = self.ends
        return shown[place_of(shown, first.entry.number) : place_of(shown, last.entry.number + 1)]

    def text(self, shown: Sequence[Entry], rows: Callable[[Entry], Sequence[Row]]) -> str:
        """The selected text, row by row. `rows` says what an entry says."""
        lines: list[str] = []
        size = 0
        for entry in self.entries(shown):
            if size > _MOST_TEXT:
                break
            for number, row in enumerate(rows(entry)):
                taken = self.range_in(entry, number)
                if taken is not None:
                    lines.append(row.text[taken[0] : taken[1]])
                    size += len(lines[-1]) + 1
        return "\n".join(lines)
