"""How many MicroVMs are in which state, kept up change by change so that no refresh counts them all."""

from __future__ import annotations

from collections import Counter

from mvm_tui.fleet.changes import ChangeSet


class Tally:
    """Counts by state."""

    def __init__(self) -> None:
        self._state_of: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def __getitem__(self, state: str) -> int:
        return self._counts[state]

    def apply(self, change: ChangeSet) -> None:
        for row in (*change.added, *change.changed):
            self._put(row.id, row.vm.state)
        for microvm_id in change.gone:
            state = self._state_of.pop(microvm_id, None)
            if state is not None:
                self._counts[state] -= 1

    def clear(self) -> None:
        self._state_of.clear()
        self._counts.clear()

    def _put(self, microvm_id: str, state: str) -> None:
        before = self._state_of.get(microvm_id)
        if before == state:
            return
        if before is not None:
            self._counts[before] -= 1
        self._counts[state] += 1
        self._state_of[microvm_id] = state
