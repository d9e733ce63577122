"""What the store tells its listener: differences by key, never a whole list to refill from."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow


@dataclass(frozen=True, slots=True)
class PollStatus:
    """How fresh the fleet is.

    Attributes:
        sweeping: Whether a listing is being read now.
        pages: Pages read in the sweep under way (or of the last one).
        complete: Whether at least one sweep since the start or the last switch reached the last page.
        swept_at: Monotonic seconds at the end of the last complete sweep; 0 before any.
        back_off: Seconds until the next try after a failure; 0 when all is well.
        problem: The failure that keeps the fleet from being read; None when all is well.
    """

    sweeping: bool = False
    pages: int = 0
    complete: bool = False
    swept_at: float = 0.0
    back_off: float = 0.0
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Rows that came, changed or went since the last change set of the same generation.

    A generation is one connection: after a switch of profile or region the number grows, and a change
    set that carries an older one is to be dropped.
    """

    generation: int
    added: tuple[FleetRow, ...] = ()
    changed: tuple[FleetRow, ...] = ()
    gone: tuple[str, ...] = ()
    status: PollStatus = PollStatus()

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.gone)
