"""The rows of the fleet in the order in which they are shown: sorted, filtered, kept so by differences.

Pure: it knows nothing of widgets. A change of 100 rows in 10,000 costs 100 searches by bisection and no
sort. Rows whose sort value is unknown come last in either direction, by id.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.query import Query
from mvm_tui.model.sorting import SortKey, sort_key

# From this share of new rows on, sorting everything once is cheaper than inserting one by one.
_BULK_SHARE = 8

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """What an update did to the shown rows: whether any line moved, and the ids whose content changed."""

    moved: bool
    touched: frozenset[str]


class FleetRows:
    """Keyed rows and the order in which they are shown."""

    def __init__(self, column: str = "age", *, reverse: bool = False, show_ended: bool = True) -> None:
        self.column = column
        self.reverse = reverse
        self.query: Query | None = None
        self.show_ended = show_ended
        self.ended = 0
        self._rows: dict[str, FleetRow] = {}
        self._key = sort_key(column)
        # The sort value of every row that is shown; None is unknown.
        self._values: dict[str, SortKey | None] = {}
        self._known: list[tuple[SortKey, str]] = []
        self._unknown: list[str] = []
        self._sweep: Iterator[str] = iter(())

    def __len__(self) -> int:
        """Rows shown."""
        return len(self._known) + len(self._unknown)

    def __contains__(self, row_id: str) -> bool:
        """Whether the row is shown."""
        return row_id in self._values

    @property
    def total(self) -> int:
        """Rows that could be shown if nothing were filtered: all, or all that have not ended."""
        return len(self._rows) if self.show_ended else len(self._rows) - self.ended

    def get(self, row_id: str) -> FleetRow | None:
        """The row with this id, shown or not."""
        return self._rows.get(row_id)

    def id_at(self, index: int) -> str:
        """The id shown at `index`, from 0.

        Raises:
            IndexError: There is no such line.
        """
        count = len(self._known)
        if 0 <= index < count:
            return self._known[count - 1 - index if self.reverse else index][1]
        if index < count:
            raise IndexError(index)
        return self._unknown[index - count]

    def at(self, index: int) -> FleetRow:
        """The row shown at `index`; raises IndexError."""
        return self._rows[self.id_at(index)]

    def ids(self, start: int = 0, stop: int | None = None) -> list[str]:
        """The ids shown from `start` up to `stop` (excluded), in order, as far as there are such lines."""
        end = len(self) if stop is None else min(stop, len(self))
        return [self.id_at(index) for index in range(max(start, 0), end)]

    def living(self) -> list[str]:
        """The ids of all rows that have not ended, shown or not."""
        return [row.id for row in self._rows.values() if not row.vm.ended]

    def index_of(self, row_id: str) -> int | None:
        """The line at which a row is shown, None if it is not."""
        value = self._values.get(row_id, _ABSENT)
        if value is _ABSENT:
            return None
        if value is None:
            return len(self._known) + bisect_left(self._unknown, row_id)
        index = bisect_left(self._known, (value, row_id))
        return len(self._known) - 1 - index if self.reverse else index

    def update(self, rows: Iterable[FleetRow], gone: Iterable[str], now: datetime) -> Difference:
        """Take in new and changed rows and drop the `gone` ones."""
        arrived = list(rows)
        moved = False
        for row_id in gone:
            moved |= self._forget(row_id)
        for row in arrived:
            before = self._rows.get(row.id)
            self.ended += row.vm.ended - (before is not None and before.vm.ended)
            self._rows[row.id] = row
        if len(arrived) * _BULK_SHARE > len(self._rows) and len(arrived) > _BULK_SHARE:
            self._place_all(arrived, now)
            moved = True
        else:
            for row in arrived:
                moved |= self._place(row, now)
        return Difference(moved, frozenset(row.id for row in arrived))

    def clear(self) -> None:
        """Forget every row; order and filter stay."""
        self._rows.clear()
        self._values.clear()
        self._known.clear()
        self._unknown.clear()
        self.ended = 0

    def arrange(
        self,
        now: datetime,
        *,
        column: str | None = None,
        reverse: bool | None = None,
        show_ended: bool | None = None,
    ) -> None:
        """Show in another order, with or without those that have ended.

        Raises:
            ValueError: There is no such column.
        """
        if reverse is not None:
            self.reverse = reverse
        if column is not None and column != self.column:
            self._key = sort_key(column)
            self.column = column
            self._rebuild(now)
        if show_ended is not None and show_ended != self.show_ended:
            self.show_ended = show_ended
            self._rebuild(now)

    def filter(self, query: Query | None, now: datetime) -> None:
        """Show only what matches; None shows everything."""
        self.query = query if query is not None and query.terms else None
        self._rebuild(now)

    def recheck(self, now: datetime, limit: int) -> bool:
        """Look again at the next `limit` rows of a filter that depends on the clock; whether any line moved.

        Called once a second it goes round all rows in slices, so that no second costs much.
        """
        if self.query is None or not self.query.changes_with_time:
            return False
        batch = list(islice(self._sweep, limit))
        if len(batch) < limit:
            self._sweep = iter(tuple(self._rows))
        moved = False
        for row_id in batch:
            if row := self._rows.get(row_id):
                moved |= self._place(row, now)
        return moved

    def _shown(self, row: FleetRow, now: datetime) -> bool:
        if not self.show_ended and row.vm.ended:
            return False
        return self.query is None or self.query.matches(row, now)

    def _place(self, row: FleetRow, now: datetime) -> bool:
        """Put one row where it belongs; whether that changed the order or the number of lines."""
        shown = self._shown(row, now)
        old = self._values.get(row.id, _ABSENT)
        new = self._key(row) if shown else _ABSENT
        if old is _ABSENT and new is _ABSENT:
            return False
        if old is not _ABSENT and new is not _ABSENT and old == new:
            return False
        if old is not _ABSENT:
            self._take_out(row.id)
        if shown:
            self._put_in(row.id, self._key(row))
        return True

    def _put_in(self, row_id: str, value: SortKey | None) -> None:
        self._values[row_id] = value
        if value is None:
            insort(self._unknown, row_id)
        else:
            insort(self._known, (value, row_id))

    def _take_out(self, row_id: str) -> None:
        value = self._values.pop(row_id)
        if value is None:
            del self._unknown[bisect_left(self._unknown, row_id)]
        else:
            del self._known[bisect_left(self._known, (value, row_id))]

    def _forget(self, row_id: str) -> bool:
        row = self._rows.pop(row_id, None)
        if row is None:
            return False
        self.ended -= row.vm.ended
        if row_id not in self._values:
            return False
        self._take_out(row_id)
        return True

    def _place_all(self, arrived: list[FleetRow], now: datetime) -> None:
        """Put many rows in at once: append, then one sort of a list that is mostly in order."""
        known, unknown = set(), set()
        for row in arrived:
            value = self._values.pop(row.id, _ABSENT)
            if value is None:
                unknown.add(row.id)
            elif value is not _ABSENT:
                known.add(row.id)
        if known:
            self._known = [item for item in self._known if item[1] not in known]
        if unknown:
            self._unknown = [row_id for row_id in self._unknown if row_id not in unknown]
        self._append({row.id: row for row in arrived}.values(), now)

    def _rebuild(self, now: datetime) -> None:
        self._values.clear()
        self._known.clear()
        self._unknown.clear()
        self._append(self._rows.values(), now)

    def _append(self, rows: Iterable[FleetRow], now: datetime) -> None:
        key = self._key
        for row in rows:
            if self._shown(row, now):
                value = key(row)
                self._values[row.id] = value
                if value is None:
                    self._unknown.append(row.id)
                else:
                    self._known.append((value, row.id))
        self._known.sort()
        self._unknown.sort()
