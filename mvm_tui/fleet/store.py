"""One snapshot of the fleet, and what changed in it since anybody asked."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mvm_tui.model.clock import Clock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import ALLOCATING, ENDED, RUNNING, SUSPENDED, TERMINATED, Microvm

# The states that show that our action has arrived, by the word shown until then.
_ARRIVED = {
    "suspending": ENDED | {SUSPENDED},
    "resuming": ENDED | {RUNNING},
    "terminating": ENDED,
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What a listener has not been told yet; `moved` holds the MicroVMs seen in a new state."""

    added: tuple[FleetRow, ...]
    changed: tuple[FleetRow, ...]
    gone: tuple[str, ...]
    moved: tuple[FleetRow, ...]

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.gone)


@dataclass(slots=True)
class _Tally:
    """How many MicroVMs run an image version, and how many of them count against the memory quota."""

    rows: int = 0
    allocating: int = 0


class Store:
    """The rows by id. Every method may be called from any thread and holds its lock for a page at most.

    Answers arrive out of order. Each carries the ticket that was drawn before it was asked for, and one
    with an older ticket than what is known of a MicroVM is dropped.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ticket = 0
        self._rows: dict[str, FleetRow] = {}
        # When each MicroVM was last read. Outlives its row for a sweep: a late answer must not revive it.
        self._tickets: dict[str, int] = {}
        # The state that the details of a MicroVM were read in.
        self._detailed_in: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._tally: dict[tuple[str, str], _Tally] = {}
        self._added: set[str] = set()
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self._moved: set[str] = set()

    def ticket(self) -> int:
        """A number for a question about to be asked."""
        with self._lock:
            self._ticket += 1
            return self._ticket

    def rows(self) -> dict[str, FleetRow]:
        """A copy of the snapshot."""
        with self._lock:
            return self._rows.copy()

    def row(self, microvm_id: str) -> FleetRow | None:
        return self._rows.get(microvm_id)

    def apply_page(self, microvms: Iterable[Microvm], ticket: int) -> None:
        """Take over a page of the listing. Details known from before are kept."""
        with self._lock:
            for vm in microvms:
                if self._supersedes(vm.id, ticket):
                    self._apply(vm)

    def apply(self, vm: Microvm, ticket: int) -> None:
        """Take over one MicroVM as it was read by itself."""
        with self._lock:
            if self._supersedes(vm.id, ticket):
                self._detailed_in[vm.id] = vm.state
                self._apply(vm)

    def remove(self, microvm_id: str, ticket: int) -> None:
        """Take over that the service does not know a MicroVM."""
        with self._lock:
            if self._supersedes(microvm_id, ticket):
                self._drop(microvm_id)

    def end_sweep(self, first_ticket: int) -> list[str]:
        """What a complete listing that began with `first_ticket` did not hold.

        Ended MicroVMs among it are dropped, the service has forgotten them; the others are to be confirmed.
        """
        with self._lock:
            missing = [key for key, ticket in self._tickets.items() if ticket < first_ticket]
            for key in missing:
                row = self._rows.get(key)
                if row is None:
                    del self._tickets[key]
                elif row.vm.ended:
                    self._drop(key)
            return [key for key in missing if key in self._rows]

    def set_pending(self, ids: Iterable[str], word: str) -> None:
        """Show our action in flight; an empty word clears it."""
        with self._lock:
            for key in ids:
                row = self._rows.get(key)
                if row is not None and row.pending != word:
                    self._put(replace(row, pending=word))

    def set_name(self, microvm_id: str, name: str) -> None:
        self.learn({microvm_id: name}, {})

    def learn(self, names: Mapping[str, str], sizes: Mapping[tuple[str, str], int]) -> None:
        """Take over names by id and sizes by image ARN and version, for rows of now and of later."""
        with self._lock:
            self._names.update(names)
            for key, name in names.items():
                row = self._rows.get(key)
                if row is not None and row.name != name:
                    self._put(replace(row, name=name))
            if sizes.items() <= self._sizes.items():
                return
            self._sizes.update(sizes)
            for row in list(self._rows.values()):
                memory = self._sizes.get((row.vm.image_arn, row.vm.image_version))
                if memory != row.memory_mib:
                    self._put(replace(row, memory_mib=memory))

    def needs_details(self, microvm_id: str) -> bool:
        """Whether a MicroVM's details were never read, or before its end gave them a reason."""
        row = self._rows.get(microvm_id)
        if row is None:
            return False
        if row.vm.details is None:
            return True
        return row.vm.state == TERMINATED and self._detailed_in.get(microvm_id) != TERMINATED

    def unknown_sizes(self) -> list[tuple[str, str]]:
        """(image ARN, version) of MicroVMs whose size is not known, each once."""
        with self._lock:
            return [key for key in self._tally if key not in self._sizes and all(key)]

    def allocated(self) -> tuple[int, int]:
        """(MiB allocated by MicroVMs of known size, number of allocating ones of unknown size)."""
        with self._lock:
            known = sum(
                count.allocating * self._sizes[key]
                for key, count in self._tally.items()
                if key in self._sizes
            )
            unknown = sum(count.allocating for key, count in self._tally.items() if key not in self._sizes)
            return known, unknown

    def take_changes(self) -> Changes:
        """What changed since the last call."""
        with self._lock:
            changes = Changes(
                added=tuple(self._rows[key] for key in self._added),
                changed=tuple(self._rows[key] for key in self._changed),
                gone=tuple(self._gone),
                moved=tuple(self._rows[key] for key in self._moved),
            )
            self._added.clear()
            self._changed.clear()
            self._gone.clear()
            self._moved.clear()
            return changes

    def _supersedes(self, microvm_id: str, ticket: int) -> bool:
        if ticket < self._tickets.get(microvm_id, 0):
            return False
        self._tickets[microvm_id] = ticket
        return True

    def _apply(self, vm: Microvm) -> None:
        row = self._rows.get(vm.id)
        if row is None:
            memory = self._sizes.get((vm.image_arn, vm.image_version))
            self._put(FleetRow(vm, self._names.get(vm.id, ""), memory))
            self._moved.add(vm.id)
            return
        if vm.details is None and row.vm.details is not None:
            vm = replace(vm, details=row.vm.details)
        if vm.state != row.vm.state:
            self._moved.add(vm.id)
            row = replace(row, changed_at=self._clock.monotonic())
        pending = "" if vm.state in _ARRIVED.get(row.pending, ()) else row.pending
        if vm != row.vm or pending != row.pending:
            self._put(replace(row, vm=vm, pending=pending))

    def _put(self, row: FleetRow) -> None:
        if row.id in self._rows:
            if row.id not in self._added:
                self._changed.add(row.id)
        elif row.id in self._gone:
            # It went and came back before anybody was told: for the listener it has changed.
            self._gone.discard(row.id)
            self._changed.add(row.id)
        else:
            self._added.add(row.id)
        self._count(self._rows.get(row.id), -1)
        self._count(row, 1)
        self._rows[row.id] = row

    def _drop(self, microvm_id: str) -> None:
        row = self._rows.pop(microvm_id, None)
        if row is None:
            return
        self._count(row, -1)
        if microvm_id in self._added:
            self._added.discard(microvm_id)
        else:
            self._gone.add(microvm_id)
        self._changed.discard(microvm_id)
        self._moved.discard(microvm_id)
        self._detailed_in.pop(microvm_id, None)

    def _count(self, row: FleetRow | None, step: int) -> None:
        """Keep the tally, so that nobody has to go through a large fleet for it."""
        if row is None:
            return
        key = (row.vm.image_arn, row.vm.image_version)
        tally = self._tally.setdefault(key, _Tally())
        tally.rows += step
        tally.allocating += step * (row.vm.state in ALLOCATING)
        if not tally.rows:
            del self._tally[key]
