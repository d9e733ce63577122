"""What was spent day by day, kept in the ledger: the month is summed up of it, in this run and in others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from mvm_tui.fleet.books import DAY, Books
from mvm_tui.fleet.history import DaySpend, History
from mvm_tui.fleet.spend import day_begin, day_spends
from mvm_tui.fleet.tariffs import Tariffs, Version
from mvm_tui.model.intervals import Timeline, microseconds
from mvm_tui.model.scope import Scope

_MONTH = 31 * DAY


class Daybook:
    """The days of the month (UTC). Every method may raise Problem.

    Attributes:
        days: What was kept, as of the last `keep`.
    """

    def __init__(self, history: History, tariffs: Tariffs) -> None:
        self.days: list[DaySpend] = []
        self._history = history
        self._tariffs = tariffs

    def keep(self, scope: Scope, lines: Iterable[tuple[Version, Timeline]], now: datetime) -> None:
        """Keep what yesterday and today cost; `lines` are all lives that the books know."""
        today = now.date()
        spent = day_spends(lines, self._tariffs, [today - timedelta(days=1), today])
        self._history.keep_days(scope, [one for one in spent if one.total])
        self.days = self._history.days(scope, today.replace(day=1))

    def backfill(self, scope: Scope, now: datetime) -> None:
        """Sum up days of this month that were seen but never kept, as by runs that ended too soon."""
        today = now.date()
        first = today.replace(day=1)
        since = microseconds(now) - _MONTH
        looks = self._history.looks(scope, since)
        kept = {one.day for one in self._history.days(scope, first)}
        missing = [first + timedelta(days=number) for number in range((today - first).days)]
        missing = [day for day in missing if day not in kept and _seen(looks, day_begin(day))]
        if not missing:
            return
        books = Books(self._tariffs.of)
        books.open(self._history.lives(scope, since), looks)
        spent = day_spends(books.timelines(microseconds(now)), self._tariffs, missing)
        self._history.keep_days(scope, spent)


def _seen(looks: list[tuple[int, int]], begin: int) -> bool:
    """Whether anybody looked on the day that begins so."""
    return any(left < begin + DAY and right >= begin for left, right in looks)
