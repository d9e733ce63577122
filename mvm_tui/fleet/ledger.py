"""What is remembered between runs: names and sizes here, history in `history`. SQLite, shared safely.

Several processes may use one file at once: transactions are short, writers wait for each other for up to
five seconds, and readers never wait (WAL).
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mvm_tui.fleet.ledger_file import NewerFile, connect
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.launch import Logging
from mvm_tui.model.scope import Scope
from mvm_tui.model.text import clean


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
        self._closed = False
        self._scopes: dict[Scope, int] = {}
        self._database = self._open()

    @property
    def folder(self) -> Path:
        """The folder the file is in."""
        return self._path.parent

    def close(self) -> None:
        """Nothing can be kept or read any more."""
        with self._lock:
            self._closed = True
            self._database.close()

    def names(self, scope: Scope) -> dict[str, str]:
        """MicroVM id → local name."""
        with self.using(scope) as (database, number):
            return dict(database.execute("SELECT microvm, name FROM names WHERE scope = ?", (number,)))

    def set_name(self, scope: Scope, microvm_id: str, name: str) -> None:
        """Name a MicroVM; an empty name removes it."""
        with self.using(scope) as (database, number):
            if name:
                database.execute("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", (number, microvm_id, name))
            else:
                database.execute("DELETE FROM names WHERE scope = ? AND microvm = ?", (number, microvm_id))

    def sizes(self, scope: Scope) -> dict[tuple[str, str], int]:
        """(image ARN, version) → baseline memory in MiB."""
        with self.using(scope) as (database, number):
            rows = database.execute("SELECT image, version, memory_mib FROM sizes WHERE scope = ?", (number,))
            return {(image, version): memory for image, version, memory in rows}

    def set_size(self, scope: Scope, image_arn: str, version: str, memory_mib: int) -> None:
        """Remember a size for good: it cannot change."""
        with self.using(scope) as (database, number):
            database.execute(
                "INSERT OR REPLACE INTO sizes VALUES (?, ?, ?, ?)", (number, image_arn, version, memory_mib)
            )

    def logging(self, scope: Scope, microvm_id: str) -> Logging | None:
        """Where a launch from here told a MicroVM to log; None if it told nothing."""
        with self.using(scope) as (database, number):
            found = database.execute(
                "SELECT disabled, log_group, stream FROM log_places WHERE scope = ? AND microvm = ?",
                (number, microvm_id),
            ).fetchone()
            return None if found is None else Logging(bool(found[0]), found[1], found[2])

    def set_logging(self, scope: Scope, microvm_id: str, logging: Logging) -> None:
        """Remember where a MicroVM was told to log: the service does not tell it again."""
        with self.using(scope) as (database, number):
            database.execute(
                "INSERT OR REPLACE INTO log_places VALUES (?, ?, ?, ?, ?)",
                (number, microvm_id, logging.disabled, logging.group, logging.stream),
            )

    @contextlib.contextmanager
    def using(self, scope: Scope) -> Iterator[tuple[sqlite3.Connection, int]]:
        """One short transaction, and the number of the scope. For the modules that keep something here.

        Raises:
            Problem: What the block does to the file fails.
        """
        with self._lock:
            if self._closed:
                # To SQLite a closed file and a broken one are much the same.
                raise Unexpected("Names and history could not be kept.", "The program is about to end.")
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
            find = "SELECT id FROM scopes WHERE partition = ? AND account = ? AND region = ? AND endpoint = ?"
            found = self._database.execute(find, key).fetchone()
            if found is None:
                # Only a scope that is new writes: who reads never waits for another copy of the program.
                self._database.execute(
                    "INSERT OR IGNORE INTO scopes (partition, account, region, endpoint) VALUES (?, ?, ?, ?)",
                    key,
                )
                found = self._database.execute(find, key).fetchone()
            self._scopes[scope] = int(found[0])
        return self._scopes[scope]

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return connect(str(self._path))
        except sqlite3.Error as error:
            if _is_broken(error):
                return self._set_aside(error)
            return self._in_memory(f"could not be opened: {clean(error)}")
        except (OSError, NewerFile) as error:
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
            database = connect(str(self._path))
        except (OSError, sqlite3.Error) as second:
            return self._in_memory(f"is broken and could not be replaced: {clean(second)}")
        self.complaint = f"The ledger {self._path} was broken ({clean(error)}); it is kept as {kept.name}."
        return database

    def _in_memory(self, why: str) -> sqlite3.Connection:
        self.complaint = f"The ledger {self._path} {why}. Names and history will not be kept."
        self.lasting = False
        return connect(":memory:")


def _is_broken(error: sqlite3.Error) -> bool:
    """Whether the file itself is bad, and not only busy, full or out of reach."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
