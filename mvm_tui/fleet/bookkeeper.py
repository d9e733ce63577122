"""Keeps the books of a fleet in a thread of its own, and hands out what they say."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

from mvm_tui.aws.session import Connection
from mvm_tui.fleet.bookkeeping import keep_vanished, remembered, seen_of, vanished
from mvm_tui.fleet.books import DAY, SLICE, Books
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.cost_reader import CostReader
from mvm_tui.fleet.daybook import Daybook
from mvm_tui.fleet.figures import Details, Figures
from mvm_tui.fleet.history import History
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.prices import Prices
from mvm_tui.fleet.spend import (
    Forgotten,
    Hours,
    Projection,
    Ranking,
    VmCost,
    fleet_cost,
    hours,
    month_end,
    month_spent,
    vm_cost,
    vm_estimate,
)
from mvm_tui.fleet.storage import VersionCost, storage_per_hour, stored_since, version_costs
from mvm_tui.fleet.tariffs import Place, Snapshots, Tariffs, Version
from mvm_tui.model.clock import Clock
from mvm_tui.model.cost import HOUR
from mvm_tui.model.errors import Problem
from mvm_tui.model.estimate import Estimate
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.intervals import microseconds, moment
from mvm_tui.model.microvm import ENDED, TERMINATED
from mvm_tui.model.quota import BUILDING, BUILDS, IMAGES, VERSIONS
from mvm_tui.model.rates import ARM64, Rates
from mvm_tui.model.scope import Scope
from mvm_tui.model.tariff import Tariff

# MicroVMs that are ranked by what they cost.
RANKED = 100
# Running for so long without a policy that suspends it, a MicroVM may have been forgotten.
FORGOTTEN_AFTER = 2 * HOUR
_TURN_SECONDS = 1.0
_HOURS_SECONDS = 30.0
_KEEP_SECONDS = 300.0
# Between two slices of work other threads, the screen's first of all, get their turn.
_BREATH_SECONDS = 0.002

_log = logging.getLogger(__name__)
Rows = Callable[[], dict[str, FleetRow]]
_Item = TypeVar("_Item")


class Bookkeeper:
    """What the fleet costs, up to date within a second. `figures` and `of` may be read by any thread.

    Attributes:
        figures: The latest; None before the first listing.
    """

    def __init__(self, connection: Connection, ledger: Ledger, clock: Clock, rows: Rows) -> None:
        """`rows` answers the snapshot of the fleet."""
        self.figures: Figures | None = None
        self._connection = connection
        self._clock = clock
        self._rows = rows
        self._ledger = ledger
        self._history = History(ledger)
        self._snapshots = Snapshots(ledger)
        self._prices = Prices(ledger.folder, clock)
        self._tariffs = Tariffs(self._prices, Place(connection.region, connection.endpoint))
        self._reader = CostReader(connection, self._prices, self._snapshots, clock)
        self._books = Books(self._tariffs.of)
        self._changes: deque[ChangeSet] = deque()
        self._scopes: set[Scope] = set()
        self._daybook = Daybook(self._history, self._tariffs)
        self._keep_due = self._hours_due = 0.0
        self._hours: Hours | None = None
        self._swept = False
        self._wanted = False
        self._wake = threading.Event()
        self._stop = threading.Event()

    def start(self) -> None:
        self._reader.start()
        threading.Thread(target=self._run, name="books", daemon=True).start()

    def stop(self) -> None:
        """Returns at once; what was not kept yet is kept before the thread ends."""
        self._stop.set()
        self._reader.stop()
        self._wake.set()

    def feed(self, change: ChangeSet) -> None:
        """Take over what changed. Does not block."""
        self._changes.append(change)
        self._wake.set()

    def want_details(self, wanted: bool) -> None:
        """Whether somebody looks at the costs: then more is worked out and read."""
        self._wanted = wanted
        self._reader.want_images(wanted)
        if wanted:
            self._wake.set()

    def reread_images(self) -> None:
        """Read image versions anew."""
        self._reader.reread_images()

    def of(self, microvm_id: str) -> VmCost | None:
        """What a MicroVM costs now and has cost; None while that is not known."""
        account = self._books.accounts.get(microvm_id)
        if account is None:
            return None
        return vm_cost(account, self._tariffs.of(account.version), microseconds(self._clock.now()))

    def estimate(self, microvm_id: str) -> Estimate | None:
        """What a MicroVM has cost line by line; None while that is not known."""
        account = self._books.accounts.get(microvm_id)
        found = None if account is None else self._tariffs.of(account.version)
        if found is None:
            return None
        return vm_estimate(self._books.timeline(microvm_id, microseconds(self._clock.now())), found)

    def tariff(self, version: Version, memory_mib: int | None = None) -> Tariff | None:
        """What MicroVMs of an image version cost by; `memory_mib` if the caller knows its size."""
        if memory_mib is not None:
            self._tariffs.learn({version: memory_mib})
        return self._tariffs.of(version)

    def image_counts(self) -> dict[str, float]:
        """What is used of the quotas on images, by their ids; empty while images were not read."""
        listed = self._reader.images
        if listed is None:
            return {}
        building = sum(one.state in BUILDING for _, versions in listed for one in versions)
        most = max((len(versions) for _, versions in listed), default=0)
        return {IMAGES: len(listed), VERSIONS: most, BUILDS: building}

    def rates(self, arch: str = ARM64) -> Rates:
        """The rates that hold where this fleet is."""
        return self._tariffs.rates(arch)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except Exception:  # noqa: BLE001 - a mistake must neither end the books nor pass unseen
                _log.exception("the costs could not be worked out")
            self._wake.wait(_TURN_SECONDS)
            self._wake.clear()
        self._keep_days()

    def _turn(self) -> None:
        now = microseconds(self._clock.now())
        all_prices, priced = self._learn()
        rebuild, sized = self._take_changes(now)
        if not self._swept:
            return
        if rebuild or all_prices or now // DAY * DAY != self._books.day:
            self._spread(self._books.rebuild(now))
        elif priced or sized:
            self._spread(self._books.reprice(priced | sized, now))
        if self._clock.monotonic() >= self._keep_due:
            self._keep_due = self._clock.monotonic() + _KEEP_SECONDS
            self._keep_days()
        cost = fleet_cost(self._books, self._tariffs, now)
        self._reader.want_builds(self._tariffs.without_builds({version for version, _ in self._books.groups}))
        self.figures = Figures(cost, self._details(now) if self._wanted else None)

    # What comes in

    def _learn(self) -> tuple[bool, set[Version]]:
        """Prices and snapshot sizes that were read meanwhile: whether all is to be priced anew, else what."""
        changed = self._reader.prices_changed
        if changed:
            self._reader.prices_changed = False
            self._tariffs.forget_rates()
        return changed, self._tariffs.learn(builds=self._reader.take_builds())

    def _take_changes(self, now: int) -> tuple[bool, set[Version]]:
        """Bring the books up to date: whether all accounts are to be computed anew, else those of what."""
        changes = [self._changes.popleft() for _ in range(len(self._changes))]
        if not changes or not (self._swept or changes[-1].status.complete):
            return False, set()
        if not self._swept:
            self._open(now)
            return True, set()
        rebuild = changes[-1].status.problem is None and self._books.look(now)
        rows = [row for change in changes for row in (*change.added, *change.changed)]
        news = self._tariffs.learn({_version(row): row.memory_mib for row in rows if row.memory_mib})
        self._see(rows, now)
        self._forget([key for change in changes for key in change.gone], now)
        return rebuild, news

    def _open(self, now: int) -> None:
        """The first listing is complete: take over what is remembered, and what ended since."""
        rows = self._rows()
        arns = {row.vm.image_arn for row in rows.values()}
        self._scopes = {self._connection.scope_of(arn) for arn in arns} or self._own_scope()
        at = moment(now)
        for scope in self._scopes:
            with suppress(Problem):
                lives, looks = remembered(self._history, scope, at)
                self._books.open(self._breathing(lives), looks)
                # What ended may have run a version that nothing listed runs.
                self._tariffs.learn(self._ledger.sizes(scope), self._snapshots.known(scope))
                gone = vanished(self._books, rows.keys(), at)
                self._books.see(gone, now, settle=False)
                keep_vanished(self._history, scope, gone, at)
        self._books.look(now)
        self._tariffs.learn({_version(row): row.memory_mib for row in rows.values() if row.memory_mib})
        known = {one.id for one in self._books.lives()}
        seen = [seen_of(row) for row in rows.values() if not row.vm.ended or row.id in known]
        self._books.see(self._breathing(seen), now, settle=False)
        self._swept = True
        with suppress(Problem):
            for scope in self._scopes:
                self._daybook.backfill(scope, at)

    def _own_scope(self) -> set[Scope]:
        """For where nothing is listed now: something may have run before. One call."""
        try:
            return {self._connection.scope}
        except Problem:
            return set()

    def _see(self, rows: Iterable[FleetRow], now: int) -> None:
        # One that ended before anybody looked tells nothing of when and what it did.
        seen = [seen_of(row) for row in rows if not row.vm.ended or row.id in self._books.accounts]
        self._scopes |= {self._connection.scope_of(arn) for arn in {one.version[0] for one in seen}}
        for start in range(0, len(seen), SLICE):
            self._books.see(seen[start : start + SLICE], now)
            time.sleep(_BREATH_SECONDS if start else 0)

    def _forget(self, gone: Collection[str], now: int) -> None:
        """What is no longer listed has ended."""
        if gone:
            wanted = set(gone)
            ended = [one._replace(state=TERMINATED) for one in self._books.lives() if one.id in wanted]
            self._books.see(ended, now)

    def _breathing(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """The items, with room for other threads after every slice of them."""
        for number, item in enumerate(items):
            if number % SLICE == SLICE - 1:
                time.sleep(_BREATH_SECONDS)
            yield item

    def _spread(self, work: Iterator[None]) -> None:
        """Do work in slices, with room between them."""
        for _ in work:
            if self._stop.is_set():
                return
            time.sleep(_BREATH_SECONDS)

    def _keep_days(self) -> None:
        if self._swept and self._scopes:
            with suppress(Problem):
                now = self._clock.now()
                lines = self._breathing(self._books.timelines(microseconds(now)))
                self._daybook.keep(min(self._scopes, key=str), lines, now)

    # What somebody looks at

    def _details(self, now: int) -> Details:
        ranking = Ranking(RANKED)
        self._spread(ranking.fill(self._books, self._tariffs, now))
        left = Forgotten(FORGOTTEN_AFTER)
        self._spread(left.fill(self._books, self._tariffs, now, self._watched()))
        if self._hours is None or self._clock.monotonic() >= self._hours_due:
            self._hours_due = self._clock.monotonic() + _HOURS_SECONDS
            self._hours = Hours(now)
            self._spread(hours(self._books, self._tariffs, now, self._hours))
        versions = self._versions(now)
        return Details(
            tuple(ranking.found),
            tuple(left.found),
            tuple(self._hours.amounts),
            None if versions is None else self._month(now, versions),
            versions,
            self._reader.problem,
            self._reader.unread,
            tuple(self._tariffs.rates(arch) for arch in self._arches()),
        )

    def _arches(self) -> list[str]:
        return sorted({self._tariffs.arch(version) for version, _ in self._books.groups})

    def _watched(self) -> dict[str, bool]:
        """MicroVMs with an idle policy, which looks after them, or with one that is not read yet."""
        return {
            key: row.vm.details is None or row.vm.details.idle_policy is not None
            for key, row in self._rows().items()
        }

    def _versions(self, now: int) -> tuple[VersionCost, ...] | None:
        listed = self._reader.images
        if listed is None:
            return None
        every = [one for _, versions in listed for one in versions]
        self._tariffs.learn({(one.image_arn, one.version): one.memory_mib for one in every if one.memory_mib})
        built = [(one.image_arn, one.version) for one in every if one.state == "SUCCESSFUL"]
        self._reader.want_builds(self._tariffs.without_builds(built))
        running = {version for version, state in self._books.groups if state not in ENDED}
        return tuple(version_costs(listed, self._tariffs, running, moment(now)))

    def _month(self, now: int, versions: tuple[VersionCost, ...]) -> Projection:
        at = moment(now)
        whole = fleet_cost(self._books, self._tariffs, now)
        begin = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        spent = month_spent(self._daybook.days, at) + whole.today + stored_since(versions, begin, at)
        return month_end(at, spent, whole.per_hour, storage_per_hour(versions))


def _version(row: FleetRow) -> Version:
    return row.vm.image_arn, row.vm.image_version
