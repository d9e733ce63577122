"""Reads what `cost` needs: the fleet, what was seen of it, sizes, snapshots, image versions, prices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from mvm_tui.aws import images
from mvm_tui.cli.output import progress, say
from mvm_tui.cli.reading import listed_rows, paced_get, size_of, with_sizes
from mvm_tui.cli.session import Session
from mvm_tui.fleet.bookkeeping import keep_vanished, remembered, seen_of, transition_of, vanished
from mvm_tui.fleet.books import Books
from mvm_tui.fleet.daybook import Daybook
from mvm_tui.fleet.history import DaySpend, History
from mvm_tui.fleet.prices import Prices
from mvm_tui.fleet.storage import VersionCost, version_costs
from mvm_tui.fleet.tariffs import Place, Snapshots, Tariffs, Version
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.intervals import microseconds
from mvm_tui.model.microvm import ENDED
from mvm_tui.model.rates import ARM64, Rates
from mvm_tui.model.scope import Scope

# Versions whose builds are read in one run: three calls each. What is left is read by the next one.
_MOST_READ = 200
# How long a refresh of the prices may hold up the answer; it goes on until the program ends.
_PRICE_SECONDS = 0.5

_Versions = list[tuple[Image, list[ImageVersion]]]


@dataclass(frozen=True, slots=True)
class Account:
    """What `cost` works with.

    `rows` are those of `listed` whose costs are known: not those that ended before anybody looked. `days` are
    the month's days as they are kept. `versions_read` is False where image versions may not be read.
    """

    rows: list[FleetRow]
    listed: list[FleetRow]
    books: Books
    tariffs: Tariffs
    image_versions: list[VersionCost]
    now: datetime
    days: list[DaySpend]
    region: str
    versions_read: bool

    @property
    def at(self) -> int:
        """`now` in microseconds since 1970."""
        return microseconds(self.now)

    def rates(self) -> list[Rates]:
        """The rates in use, one table for each architecture."""
        versions = [account.version for account in self.books.accounts.values()]
        versions += [one.version for one in self.image_versions]
        arches = {self.tariffs.arch(version) for version in versions} or {ARM64}
        return [self.tariffs.rates(arch) for arch in sorted(arches)]


def read_account(session: Session) -> Account:
    """Read the fleet with all image versions, and keep that it was looked at. Raises Problem."""
    return _read(session, None)


def read_fleet(session: Session, launched: Version) -> Account:
    """Read the fleet and what tells the price of one image version, and keep that it was looked at.

    Snapshot sizes of other versions are those that are remembered: a launch does not wait for hundreds of
    them. Raises Problem.
    """
    return _read(session, launched)


def _read(session: Session, launched: Version | None) -> Account:
    connection = session.connection
    prices = Prices(session.paths.state_dir, session.clock)
    refreshing = _refresh(prices, session)
    rows = with_sizes(session, listed_rows(session))
    now = session.clock.now()
    listed = _read_versions(session) if launched is None else None
    versions = listed or []
    tariffs = Tariffs(prices, Place(connection.region, connection.endpoint))
    scopes = _scopes(session, rows)
    for scope in scopes:
        # What ended may have run a version that nothing listed runs.
        tariffs.learn(session.ledger.sizes(scope))
    tariffs.learn(_sizes(rows, versions))
    if launched is None:
        built = [one for _, all_of in versions for one in all_of if one.state == "SUCCESSFUL"]
        wanted = [*map(_version, rows), *((one.image_arn, one.version) for one in built)]
        _learn_builds(session, tariffs, list(dict.fromkeys(wanted)))
    else:
        size = size_of(session, launched)
        tariffs.learn({} if size is None else {launched: size})
        _learn_builds(session, tariffs, [launched])
    refreshing.join(_PRICE_SECONDS)
    tariffs.forget_rates()
    books, history = Books(tariffs.of), History(session.ledger)
    known = _look(session, books, history, scopes, rows, now)
    days = _keep_days(history, tariffs, books, scopes, now) if launched is None else []
    living = {account.version for account in books.accounts.values() if account.state not in ENDED}
    image_versions = version_costs(versions, tariffs, living, now)
    return Account(
        known,
        rows,
        books,
        tariffs,
        image_versions,
        now,
        days,
        connection.region,
        listed is not None,
    )


def _keep_days(
    history: History, tariffs: Tariffs, books: Books, scopes: frozenset[Scope], now: datetime
) -> list[DaySpend]:
    """Sum up and keep what the month's days cost, as the UI does; what cannot be kept is left out."""
    daybook = Daybook(history, tariffs)
    with suppress(Problem):
        for scope in scopes:
            daybook.backfill(scope, now)
        if scopes:
            daybook.keep(min(scopes, key=str), books.timelines(microseconds(now)), now)
    return daybook.days


def _scopes(session: Session, rows: list[FleetRow]) -> frozenset[Scope]:
    """Where what is remembered of these MicroVMs is kept; where there are none now, there may have been."""
    found = frozenset(session.connection.scope_of(row.vm.image_arn) for row in rows)
    if not found and session.paths.ledger_file.exists():
        found = frozenset({session.connection.scope})
    return found


def _version(row: FleetRow) -> Version:
    return row.vm.image_arn, row.vm.image_version


def _sizes(rows: Iterable[FleetRow], versions: _Versions) -> dict[Version, int]:
    found = {_version(row): row.memory_mib for row in rows if row.memory_mib is not None}
    for _, all_of in versions:
        for one in all_of:
            if one.memory_mib is not None:
                found[one.image_arn, one.version] = one.memory_mib
    return found


def _refresh(prices: Prices, session: Session) -> threading.Thread:
    """Read the prices anew beside all else, if they are older than a day."""
    connection = session.connection

    def refresh() -> None:
        if prices.due(connection.region, connection.endpoint):
            prices.refresh(connection)

    thread = threading.Thread(target=refresh, name="prices", daemon=True)
    thread.start()
    return thread


def _read_versions(session: Session) -> _Versions | None:
    """All images with their versions; who may not list them is told so, and None is the answer."""
    try:
        found: _Versions = []
        listed = [image for page in images.images(session.connection) for image in page]
        for number, image in enumerate(listed, start=1):
            progress(f"versions of image {number} of {len(listed)}")
            pages = images.versions(session.connection, image.arn)
            found.append((image, [version for page in pages for version in page]))
    except Problem as problem:
        say(f"The storage of images is not counted. {problem}")
        return None
    finally:
        progress("")
    return found


def _learn_builds(session: Session, tariffs: Tariffs, versions: list[Version]) -> None:
    """Snapshot sizes, from the ledger and else from the service."""
    snapshots = Snapshots(session.ledger)
    try:
        for scope in {session.connection.scope_of(arn) for arn, _ in versions}:
            tariffs.learn(builds=snapshots.known(scope))
        unread = tariffs.without_builds(versions)
        for number, version in enumerate(unread[:_MOST_READ], start=1):
            progress(f"snapshots of image version {number} of {len(unread)}")
            time.sleep(session.connection.budget.reserve("GetMicrovmImageBuild", background=False))
            try:
                tariffs.learn(builds={version: snapshots.read(session.connection, version)})
            except Gone:
                continue
        if len(unread) > _MOST_READ:
            say(f"The snapshots of {len(unread) - _MOST_READ} image versions are read by the next run.")
    except Problem as problem:
        say(f"Not all sizes of snapshots could be read. {problem}")
    finally:
        progress("")


def _look(
    session: Session,
    books: Books,
    history: History,
    scopes: frozenset[Scope],
    rows: list[FleetRow],
    now: datetime,
) -> list[FleetRow]:
    """Keep what is seen now, and make the books of it and of what was seen before."""
    at = microseconds(now)
    by_scope: dict[Scope, list[FleetRow]] = {scope: [] for scope in scopes}
    for row in rows:
        by_scope[session.connection.scope_of(row.vm.image_arn)].append(row)
    kept: list[FleetRow] = []
    for scope, own in by_scope.items():
        books.open(*remembered(history, scope, now))
        known = {life.id: life.ended for life in books.lives()}
        # One that ended before anybody looked tells only by itself when that was.
        own = [row for row in own if row.id in known or not row.vm.ended]
        own = [_ended(session, row) if row.vm.ended and known[row.id] is None else row for row in own]
        gone = vanished(books, {row.id for row in rows}, now)
        history.observe(scope, [transition_of(row, now) for row in own])
        keep_vanished(history, scope, gone, now)
        history.looked(scope, now)
        books.look(at)
        books.see([*gone, *map(seen_of, own)], at)
        kept += own
    for _ in books.rebuild(at):
        pass
    return kept


def _ended(session: Session, row: FleetRow) -> FleetRow:
    try:
        return replace(row, vm=paced_get(session, row.id))
    except Problem:
        return row
