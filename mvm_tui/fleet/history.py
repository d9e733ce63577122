"""What was seen of MicroVMs and when somebody looked, kept in the ledger; what was learned of quotas.

A year of a fleet of a hundred MicroVMs is some ten million bytes: moments are microseconds since 1970.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from sys import intern

from mvm_tui.fleet.ledger import Ledger
from mvm_tui.model.cost import HOUR, MICROSECOND
from mvm_tui.model.intervals import Look, Sighting, microseconds, moment
from mvm_tui.model.scope import Scope

# Two looks no further apart than this are one period of looking: what is in no hurry looks every minute.
LOOK_GAP = 120 * MICROSECOND
# A MicroVM lives eight hours, on an emulator perhaps longer: whoever is alive was first seen within this.
_LONGEST_LIFE = 48 * HOUR
# Lives that are read at once.
_PAGE = 300


@dataclass(frozen=True, slots=True)
class Transition:
    """A state in which a MicroVM was seen, when it was first seen in it, and what it runs.

    `started_at` and `ended_at` are what the service states, None where it states nothing.
    """

    microvm_id: str
    state: str
    seen_at: datetime
    image_arn: str = ""
    image_version: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """All that is remembered of one MicroVM. Moments in microseconds since 1970."""

    microvm_id: str
    image_arn: str
    image_version: str
    started: int | None
    ended: int | None
    sightings: list[Sighting] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DaySpend:
    """What the MicroVMs seen from here cost on one day (UTC), in USD."""

    day: date
    total: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Learned:
    """A figure that a refusal taught us, and when."""

    value: float
    at: datetime


class History:
    """Every method blocks on a file for a moment and may raise Problem. Safe to share by threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def observe(self, scope: Scope, seen: Iterable[Transition]) -> None:
        """Record states; one that repeats a MicroVM's last recorded state is left out."""
        transitions = list(seen)
        if not transitions:
            return
        with self._ledger.using(scope) as (database, number):
            _add_names(database, number, transitions)
            database.executemany(
                "INSERT INTO microvms (scope, microvm, image, first_seen, started, ended)"
                " SELECT ?1, ?2, id, ?5, ?6, ?7 FROM images WHERE scope = ?1 AND arn = ?3 AND version = ?4"
                " ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen),"
                " started = coalesce(excluded.started, started), ended = coalesce(excluded.ended, ended)",
                [_life_row(number, one) for one in transitions],
            )
            database.executemany(
                "INSERT OR IGNORE INTO sightings SELECT microvms.id, ?3, states.id FROM microvms, states"
                " WHERE scope = ?1 AND microvm = ?2 AND states.name = ?4 AND states.id IS NOT ("
                "SELECT state FROM sightings WHERE microvm = microvms.id AND at <= ?3"
                " ORDER BY at DESC LIMIT 1)",
                [(number, one.microvm_id, microseconds(one.seen_at), one.state) for one in transitions],
            )
            _look(database, number, max(microseconds(one.seen_at) for one in transitions))

    def transitions(self, scope: Scope, microvm_id: str) -> list[Transition]:
        """All observed states of a MicroVM, oldest first."""
        with self._ledger.using(scope) as (database, number):
            rows = database.execute(
                "SELECT microvms.microvm, states.name, at, arn, version, started, ended FROM microvms"
                " JOIN images ON images.id = image JOIN sightings ON sightings.microvm = microvms.id"
                " JOIN states ON states.id = state"
                " WHERE microvms.scope = ? AND microvms.microvm = ? ORDER BY at",
                (number, microvm_id),
            ).fetchall()
        return [
            Transition(key, state, moment(at), arn, version, _moment(started), _moment(ended))
            for key, state, at, arn, version, started, ended in rows
        ]

    def looked(self, scope: Scope, now: datetime) -> None:
        """The whole fleet was read: nothing happened unseen since the last time, if that is not long ago."""
        with self._ledger.using(scope) as (database, number):
            _look(database, number, microseconds(now))

    def looks(self, scope: Scope, since: int) -> list[Look]:
        """Periods of looking that end after `since`, in order and apart from each other."""
        with self._ledger.using(scope) as (database, number):
            rows = database.execute(
                "SELECT begin_at, end_at FROM looks WHERE scope = ? AND end_at >= ? ORDER BY begin_at",
                (number, since),
            ).fetchall()
        periods: list[Look] = []
        for begin, end in rows:
            if periods and begin - periods[-1][1] <= LOOK_GAP:
                periods[-1] = (periods[-1][0], max(periods[-1][1], end))
            else:
                periods.append((begin, end))
        return periods

    def lives(self, scope: Scope, since: int) -> Iterator[Life]:
        """Every MicroVM that may have lived after `since`, with all its sightings, oldest first.

        They are read some hundreds at a time: between two of these other threads may use the file.
        """
        after = 0
        while True:
            with self._ledger.using(scope) as (database, number):
                rows = database.execute(
                    "SELECT page.id, page.microvm, arn, version, started, ended, states.name, at FROM ("
                    "SELECT * FROM microvms WHERE scope = ? AND first_seen >= ? AND id > ?"
                    " ORDER BY id LIMIT ?"
                    ") AS page JOIN images ON images.id = page.image"
                    " JOIN sightings ON sightings.microvm = page.id JOIN states ON states.id = state"
                    " ORDER BY page.id, at",
                    (number, since - _LONGEST_LIFE, after, _PAGE),
                ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            for _, group in groupby(rows, key=lambda row: row[0]):
                yield _life(list(group))

    def days(self, scope: Scope, since: date) -> list[DaySpend]:
        """What was spent on each day from `since` on, as far as it was kept."""
        with self._ledger.using(scope) as (database, number):
            rows = database.execute(
                "SELECT day, usd, low, high FROM spend WHERE scope = ? AND day >= ? ORDER BY day",
                (number, since.isoformat()),
            ).fetchall()
        return [
            DaySpend(date.fromisoformat(day), Decimal(usd), Decimal(low), Decimal(high))
            for day, usd, low, high in rows
        ]

    def keep_days(self, scope: Scope, days: Iterable[DaySpend]) -> None:
        """Keep what was spent on these days."""
        with self._ledger.using(scope) as (database, number):
            database.executemany(
                "INSERT OR REPLACE INTO spend VALUES (?, ?, ?, ?, ?)",
                [(number, one.day.isoformat(), str(one.total), str(one.low), str(one.high)) for one in days],
            )

    def learn(self, scope: Scope, what: str, value: float, now: datetime) -> None:
        """Keep a figure that a refusal taught us; a newer one replaces it."""
        with self._ledger.using(scope) as (database, number):
            database.execute(
                "INSERT OR REPLACE INTO learned VALUES (?, ?, ?, ?)", (number, what, value, microseconds(now))
            )

    def learned(self, scope: Scope) -> dict[str, Learned]:
        """What refusals taught us, by name."""
        with self._ledger.using(scope) as (database, number):
            rows = database.execute("SELECT what, value, at FROM learned WHERE scope = ?", (number,))
            return {what: Learned(value, moment(at)) for what, value, at in rows}


def _add_names(database: sqlite3.Connection, scope: int, transitions: Sequence[Transition]) -> None:
    """States and image versions are kept once each."""
    states = {(one.state,) for one in transitions}
    database.executemany("INSERT OR IGNORE INTO states (name) VALUES (?)", states)
    images = {(scope, one.image_arn, one.image_version) for one in transitions}
    database.executemany("INSERT OR IGNORE INTO images (scope, arn, version) VALUES (?, ?, ?)", images)


def _life_row(scope: int, one: Transition) -> tuple[object, ...]:
    started = None if one.started_at is None else microseconds(one.started_at)
    ended = None if one.ended_at is None else microseconds(one.ended_at)
    seen = microseconds(one.seen_at)
    return scope, one.microvm_id, one.image_arn, one.image_version, seen, started, ended


def _look(database: sqlite3.Connection, scope: int, at: int) -> None:
    """Lengthen the period of looking that reaches up to now, or begin one."""
    lengthened = database.execute(
        "UPDATE looks SET end_at = max(end_at, ?2) WHERE scope = ?1 AND begin_at = ("
        "SELECT max(begin_at) FROM looks WHERE scope = ?1 AND begin_at <= ?2) AND end_at >= ?3",
        (scope, at, at - LOOK_GAP),
    )
    if not lengthened.rowcount:
        database.execute("INSERT OR IGNORE INTO looks VALUES (?, ?, ?)", (scope, at, at))


def _life(rows: Sequence[tuple[int, str, str, str, int | None, int | None, str, int]]) -> Life:
    _, key, arn, version, started, ended, _, _ = rows[0]
    # Thousands of lives share a few images and states.
    seen = [Sighting(intern(row[6]), row[7]) for row in rows]
    return Life(key, intern(arn), intern(version), started, ended, seen)


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
