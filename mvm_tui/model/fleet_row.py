"""One line of the fleet: what the service says of a MicroVM, joined with what only we know."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.model.microvm import Microvm
from mvm_tui.model.text import clean


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A MicroVM with its local name, its size and our own action in flight.

    Attributes:
        vm: The latest the service said.
        name: The user's own name for it; empty if none.
        memory_mib: The baseline of its image version; None until that version was read.
        pending: Our action that the service has accepted but not yet shown: ``suspending``,
            ``resuming``, ``terminating``; empty otherwise.
        changed_at: Monotonic seconds of the last change of state that we saw; 0 before any.
    """

    vm: Microvm
    name: str = ""
    memory_mib: int | None = None
    pending: str = ""
    changed_at: float = 0.0

    @property
    def id(self) -> str:
        return self.vm.id

    @property
    def state_word(self) -> str:
        """The word a user reads: our pending action, else the state in lower case. Safe to show."""
        return self.pending or STATE_WORDS.get(self.vm.state) or clean(self.vm.state.lower())


STATE_WORDS = {
    "PENDING": "starting",
    "RUNNING": "running",
    "SUSPENDING": "suspending",
    "SUSPENDED": "suspended",
    "TERMINATING": "ending",
    "TERMINATED": "ended",
}
