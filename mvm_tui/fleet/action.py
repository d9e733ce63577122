"""What an action is: one thing a user can do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import RUNNING, SUSPENDED, SUSPENDING, TERMINATED, TERMINATING

_KNOWN = frozenset({"PENDING", RUNNING, SUSPENDING, SUSPENDED, TERMINATING, TERMINATED})
# The state that our own action is about to bring, so that it can be taken back before it is seen.
_UNDER_WAY = {"suspending": SUSPENDING, "resuming": RUNNING, "terminating": TERMINATING}


class Scope(Enum):
    """What an action works on."""

    MICROVM = "microvm"
    MICROVMS = "microvms"
    TABLE = "table"
    SHELL = "shell"
    LOGS = "logs"
    COST = "cost"
    IMAGES = "images"
    IMAGE = "image"
    IMAGE_VERSION = "image version"
    APP = "app"


class Danger(Enum):
    """What is at stake."""

    NONE = "none"
    CHANGES = "changes"
    COSTS = "costs"
    DESTROYS = "destroys"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do.

    Attributes:
        id: Stable name, used to remap keys in the config: ``microvm.suspend``.
        label: The word in footer, palette and help.
        keys: Default keys in Textual's names; empty if it has none.
        scope: What it works on; `MICROVMS` takes the marked rows, else the row under the cursor. Keys of
            `SHELL` work in a shell, after its leader.
        danger: What is at stake; anything but `NONE` is forbidden in read-only mode.
        states: States it applies to; empty means any.
        verb: Its verb on the command line and the ``:`` line; empty if it has none.
        help: One sentence for the help screen.
        footer: Whether the footer shows it.
    """

    id: str
    label: str
    keys: tuple[str, ...]
    scope: Scope
    help: str
    danger: Danger = Danger.NONE
    states: frozenset[str] = frozenset()
    verb: str = ""
    footer: bool = False

    def applies_to(self, row: FleetRow) -> bool:
        """Whether the action makes sense for a MicroVM in this state; unknown states allow all."""
        state = _UNDER_WAY.get(row.pending, row.vm.state)
        return not self.states or state in self.states or state not in _KNOWN
