"""Fleets under test, and a listener that holds what it was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mvm_tui.aws.session import Connection, Target
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.service import Fleet
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.fleet_row import FleetRow

PATIENCE_SECONDS = 30.0


class Listener:
    """Applies change sets as a table does, and waits for what a test expects."""

    def __init__(self) -> None:
        self.rows: dict[str, FleetRow] = {}
        self.told: list[ChangeSet] = []
        self._changed = threading.Condition()

    def __call__(self, changes: ChangeSet) -> None:
        with self._changed:
            self.told.append(changes)
            self.rows.update({row.id: row for row in (*changes.added, *changes.changed)})
            for key in changes.gone:
                del self.rows[key]
            self._changed.notify_all()

    @property
    def status(self) -> PollStatus:
        return self.told[-1].status if self.told else PollStatus()

    def wait(self, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Until the condition holds; it is looked at after each change set and a few times per second."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not condition():
                left = deadline - time.monotonic()
                assert left > 0, f"waited in vain; last told: {self.told[-1:]}"
                self._changed.wait(min(left, 0.2))

    def wait_for_sweep(self) -> None:
        """Until the listing has been read to its end once."""
        self.wait(lambda: self.status.complete)

    def states(self) -> set[str]:
        return {row.vm.state for row in self.rows.values()}


def connect(facts: Facts) -> Connection:
    """A connection to a local cloud."""
    target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
    return Connection.open(target, SystemClock())


@contextmanager
def watching(
    connection: Connection,
    folder: Path,
    *,
    sweep_seconds: float = 0.3,
    generation: int = 0,
    listener: Listener | None = None,
) -> Iterator[tuple[Fleet, Listener]]:
    """A fleet that polls while the block runs."""
    ledger = Ledger(folder / "ledger.sqlite")
    fleet = Fleet(connection, ledger, SystemClock(), generation=generation, sweep_seconds=sweep_seconds)
    listener = listener or Listener()
    fleet.start(listener)
    try:
        yield fleet, listener
    finally:
        fleet.stop()
        connection.close()
        ledger.close()
