"""The ledger's file: its tables, how an older one becomes a newer one, and how it is opened."""

from __future__ import annotations

import sqlite3
import time

BUSY_SECONDS = 5.0

# Each step takes a file from the version that is its index to the next one. Steps are only ever added.
STEPS: tuple[str, ...] = (
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
    # Ids, images and states once each, moments as microseconds since 1970: a year of a fleet stays small.
    """
    CREATE TABLE states (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE images (
        id INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL REFERENCES scopes (id),
        arn TEXT NOT NULL,
        version TEXT NOT NULL,
        UNIQUE (scope, arn, version)
    );
    CREATE TABLE microvms (
        id INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL REFERENCES scopes (id),
        microvm TEXT NOT NULL,
        image INTEGER NOT NULL REFERENCES images (id),
        first_seen INTEGER NOT NULL,
        started INTEGER,
        ended INTEGER,
        UNIQUE (scope, microvm)
    );
    CREATE INDEX microvms_by_time ON microvms (scope, first_seen);
    CREATE TABLE sightings (
        microvm INTEGER NOT NULL REFERENCES microvms (id),
        at INTEGER NOT NULL,
        state INTEGER NOT NULL REFERENCES states (id),
        PRIMARY KEY (microvm, at)
    ) WITHOUT ROWID;
    CREATE TABLE looks (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        begin_at INTEGER NOT NULL,
        end_at INTEGER NOT NULL,
        PRIMARY KEY (scope, begin_at)
    ) WITHOUT ROWID;
    CREATE TABLE snapshots (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        image TEXT NOT NULL,
        version TEXT NOT NULL,
        build TEXT NOT NULL,
        architecture TEXT NOT NULL,
        memory_bytes INTEGER NOT NULL,
        disk_bytes INTEGER NOT NULL,
        PRIMARY KEY (scope, image, version, build)
    ) WITHOUT ROWID;
    CREATE TABLE spend (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        day TEXT NOT NULL,
        usd TEXT NOT NULL,
        low TEXT NOT NULL,
        high TEXT NOT NULL,
        PRIMARY KEY (scope, day)
    ) WITHOUT ROWID;
    CREATE TABLE learned (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        what TEXT NOT NULL,
        value REAL NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (scope, what)
    ) WITHOUT ROWID;
    INSERT INTO states (name) SELECT DISTINCT state FROM transitions;
    INSERT INTO images (scope, arn, version) SELECT DISTINCT scope, image, version FROM transitions;
    INSERT INTO microvms (scope, microvm, image, first_seen)
        SELECT one.scope, one.microvm, images.id,
            CAST(strftime('%s', substr(one.seen_at, 1, 19)) AS INTEGER) * 1000000
            + CAST(substr(one.seen_at, 21, 6) AS INTEGER)
        FROM transitions AS one
        JOIN (SELECT scope, microvm, min(seen_at) AS seen_at FROM transitions GROUP BY scope, microvm)
            USING (scope, microvm, seen_at)
        JOIN images ON images.scope = one.scope AND images.arn = one.image AND images.version = one.version
        ORDER BY one.seen_at;
    INSERT INTO sightings (microvm, at, state)
        SELECT microvms.id,
            CAST(strftime('%s', substr(one.seen_at, 1, 19)) AS INTEGER) * 1000000
            + CAST(substr(one.seen_at, 21, 6) AS INTEGER),
            states.id
        FROM transitions AS one
        JOIN microvms ON microvms.scope = one.scope AND microvms.microvm = one.microvm
        JOIN states ON states.name = one.state;
    DROP TABLE transitions
    """,
    # Where a launch chose to log: the service does not tell it again.
    """
    CREATE TABLE log_places (
        scope INTEGER NOT NULL REFERENCES scopes (id),
        microvm TEXT NOT NULL,
        disabled INTEGER NOT NULL,
        log_group TEXT NOT NULL,
        stream TEXT NOT NULL,
        PRIMARY KEY (scope, microvm)
    ) WITHOUT ROWID
    """,
)


class NewerFile(Exception):
    """The file was written by a later version of the program."""


def connect(path: str) -> sqlite3.Connection:
    """Open or create a ledger and bring it to the newest version.

    Raises:
        NewerFile: It has a version that this program does not know.
        sqlite3.Error: It cannot be opened, or is no ledger.
    """
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection) -> None:
    version = _version(database)
    if version > len(STEPS):
        raise NewerFile(f"a later version of mvm-tui wrote it (its version is {version})")
    _use_wal(database)
    database.execute("PRAGMA synchronous = NORMAL")
    if version == len(STEPS):
        return
    # Two programs may start at once: whoever gets the lock second finds the work done.
    database.execute("BEGIN IMMEDIATE")
    with database:
        for step in STEPS[_version(database) :]:
            for statement in step.split(";"):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(STEPS)}")


def _use_wal(database: sqlite3.Connection) -> None:
    """Switch to WAL. Unlike other statements this one does not wait for another process by itself."""
    deadline = time.monotonic() + BUSY_SECONDS
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
