"""What is remembered between runs: names, observed states, sizes of image versions. SQLite, shared safely.

Several processes may use one file at once: transactions are short, writers wait for each other for up to
five seconds, and readers never wait (WAL).
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mvm_tui.model.errors import Unexpected
from mvm_tui.model.scope import Scope
from mvm_tui.model.text import clean

_BUSY_SECONDS = 5.0

# Each step takes a file from the version that is its index to the next one. Steps are only ever added.
_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE scopes (
        id INTEGER PRIMARY KEY,
        partition TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        UNIQUE (partition, account, region, endpoint)
    );
    CREATE TABLE names (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        microvm TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (scope, microvm)
    ) WITHOUT ROWID;
    CREATE TABLE sizes (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        image TEXT NOT NULL,
        version TEXT NOT NULL,
        memory_mib INTEGER NOT NULL,
        PRIMARY KEY (scope, image, version)
    ) WITHOUT ROWID;
    CREATE TABLE transitions (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        microvm TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        state TEXT NOT NULL,
        image TEXT NOT NULL,
        version TEXT NOT NULL,
        PRIMARY KEY (scope, microvm, seen_at)
    ) WITHOUT ROWID;
    """,
)


@dataclass(frozen=True, slots=True)
class Transition:
    """A state in which a MicroVM was seen, when it was first seen in it, and what it runs."""

    microvm_id: str
    state: str
    seen_at: datetime
    image_arn: str = ""
    image_version: str = ""


class Ledger:
    """Every method blocks on a file for a moment: not for the UI's own thread. Safe to share by threads.

    A method whose work could not be kept (full disk, file locked for long) raises Problem.
    """

    # A sentence for the user if the file could not be used as it was, else empty.
    complaint: str
    # Whether what is kept outlives the program.
    lasting: bool

    def __init__(self, path: Path) -> None:
        """Open or create. A broken file is renamed and replaced; one out of reach is not used."""
        self.complaint = ""
        self.lasting = True
        self._path = path
        self._lock = threading.Lock()
        self._scopes: dict[Scope, int] = {}
        self._database = self._open()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def names(self, scope: Scope) -> dict[str, str]:
        """MicroVM id → local name."""
        with self._using(scope) as (database, number):
            return dict(database.execute("SELECT microvm, name FROM names WHERE scope = ?", (number,)))

    def set_name(self, scope: Scope, microvm_id: str, name: str) -> None:
        """Name a MicroVM; an empty name removes it."""
        with self._using(scope) as (database, number):
            if name:
                database.execute("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", (number, microvm_id, name))
            else:
                database.execute("DELETE FROM names WHERE scope = ? AND microvm = ?", (number, microvm_id))

    def sizes(self, scope: Scope) -> dict[tuple[str, str], int]:
        """(image ARN, version) → baseline memory in MiB."""
        with self._using(scope) as (database, number):
            rows = database.execute("SELECT image, version, memory_mib FROM sizes WHERE scope = ?", (number,))
            return {(image, version): memory for image, version, memory in rows}

    def set_size(self, scope: Scope, image_arn: str, version: str, memory_mib: int) -> None:
        """Remember a size for good: it cannot change."""
        with self._using(scope) as (database, number):
            database.execute(
                "INSERT OR REPLACE INTO sizes VALUES (?, ?, ?, ?)", (number, image_arn, version, memory_mib)
            )

    def observe(self, scope: Scope, seen: Iterable[Transition]) -> None:
        """Record states; one that repeats a MicroVM's last recorded state is left out."""
        with self._using(scope) as (database, number):
            database.executemany(
                "INSERT OR IGNORE INTO transitions SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?4 IS NOT ("
                "SELECT state FROM transitions WHERE scope = ?1 AND microvm = ?2 AND seen_at <= ?3"
                " ORDER BY seen_at DESC LIMIT 1)",
                [
                    (number, one.microvm_id, _stamp(one.seen_at), one.state, one.image_arn, one.image_version)
                    for one in seen
                ],
            )

    def transitions(self, scope: Scope, microvm_id: str) -> list[Transition]:
        """All observed states of a MicroVM, oldest first."""
        with self._using(scope) as (database, number):
            rows = database.execute(
                "SELECT microvm, state, seen_at, image, version FROM transitions"
                " WHERE scope = ? AND microvm = ? ORDER BY seen_at",
                (number, microvm_id),
            )
            return [
                Transition(microvm, state, datetime.fromisoformat(seen_at), image, version)
                for microvm, state, seen_at, image, version in rows
            ]

    @contextlib.contextmanager
    def _using(self, scope: Scope) -> Iterator[tuple[sqlite3.Connection, int]]:
        """One short transaction, and the number of the scope. A failing file becomes a Problem."""
        with self._lock:
            try:
                with self._database:
                    yield self._database, self._number(scope)
            except sqlite3.Error as error:
                if _is_broken(error):
                    self._replace(error)
                else:
                    self.complaint = f"The ledger {self._path} could not be used: {clean(error)}."
                raise Unexpected("Names and history could not be kept.", self.complaint) from None

    def _number(self, scope: Scope) -> int:
        key = (scope.partition, scope.account, scope.region, scope.endpoint)
        if scope not in self._scopes:
            self._database.execute(
                "INSERT OR IGNORE INTO scopes (partition, account, region, endpoint) VALUES (?, ?, ?, ?)", key
            )
            found = self._database.execute(
                "SELECT id FROM scopes WHERE partition = ? AND account = ? AND region = ? AND endpoint = ?",
                key,
            ).fetchone()
            self._scopes[scope] = int(found[0])
        return self._scopes[scope]

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return _connect(str(self._path))
        except sqlite3.Error as error:
            if _is_broken(error):
                return self._set_aside(error)
            return self._in_memory(f"could not be opened: {clean(error)}")
        except (OSError, _NewerFile) as error:
            return self._in_memory(f"could not be opened: {clean(error)}")

    def _replace(self, error: sqlite3.Error) -> None:
        self._database.close()
        self._scopes.clear()
        self._database = self._set_aside(error)

    def _set_aside(self, error: sqlite3.Error) -> sqlite3.Connection:
        kept = self._path.with_name(f"{self._path.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        try:
            self._path.rename(kept)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            database = _connect(str(self._path))
        except (OSError, sqlite3.Error) as second:
            return self._in_memory(f"is broken and could not be replaced: {clean(second)}")
        self.complaint = f"The ledger {self._path} was broken ({clean(error)}); it is kept as {kept.name}."
        return database

    def _in_memory(self, why: str) -> sqlite3.Connection:
        self.complaint = f"The ledger {self._path} {why}. Names and history will not be kept."
        self.lasting = False
        return _connect(":memory:")


class _NewerFile(Exception):
    """The file was written by a later version of the program."""


def _connect(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection) -> None:
    version = _version(database)
    if version > len(_STEPS):
        raise _NewerFile(f"a later version of mvm-tui wrote it (its version is {version})")
    _use_wal(database)
    database.execute("PRAGMA synchronous = NORMAL")
    if version == len(_STEPS):
        return
    # Two programs may start at once: whoever gets the lock second finds the work done.
    database.execute("BEGIN IMMEDIATE")
    with database:
        for step in _STEPS[_version(database) :]:
            for statement in step.split(";"):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(_STEPS)}")


def _use_wal(database: sqlite3.Connection) -> None:
    """Switch to WAL. Unlike other statements this one does not wait for another process by itself."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _is_broken(error: sqlite3.Error) -> bool:
    """Whether the file itself is bad, and not only busy, full or out of reach."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


def _stamp(when: datetime) -> str:
    """Of one width and zone, so that the order of the texts is the order of the times."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")
