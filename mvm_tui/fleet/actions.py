"""The registry of actions, and the one place that decides whether one may run.

The actions themselves are data, in `mvm_tui.fleet.catalogue`. Keys, palette, ``:`` line, footer, help and
command line all read this table. What an action does to AWS is in `mvm_tui.fleet.perform`, what it does to
the screen in `mvm_tui.tui.commands`, joined by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mvm_tui.fleet.action import Action, Danger, Scope
from mvm_tui.fleet.catalogue.app import APP_ACTIONS
from mvm_tui.fleet.catalogue.cost import COST_ACTIONS
from mvm_tui.fleet.catalogue.images import BUILD, BUILDING, IMAGE_ACTIONS
from mvm_tui.fleet.catalogue.logs import LOGS_ACTIONS
from mvm_tui.fleet.catalogue.microvms import MICROVM_ACTIONS, TABLE_ACTIONS
from mvm_tui.fleet.catalogue.shells import SHELL_ACTIONS
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean

# A MicroVM that ran this long holds work someone may miss: terminating it asks for its id.
LONG_RUNNING = timedelta(hours=4)
# Cells of a name in a sentence; the service's own ids are shorter.
_NAME_LIMIT = 64

ACTIONS: tuple[Action, ...] = (
    *MICROVM_ACTIONS,
    *TABLE_ACTIONS,
    BUILD,
    BUILDING,
    *IMAGE_ACTIONS,
    *LOGS_ACTIONS,
    *SHELL_ACTIONS,
    *COST_ACTIONS,
    *APP_ACTIONS,
)
BY_ID = {action.id: action for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class Context:
    """What the decision depends on besides the MicroVMs themselves."""

    now: datetime
    read_only: bool = False
    shells: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Go:
    """Act at once on these MicroVMs."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask first. `typed` is the text to be typed; empty means a yes or no whose focus is on No."""

    ids: tuple[str, ...]
    question: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do nothing; `reason` is a sentence for the user."""

    reason: str


Decision = Go | Ask | Refuse


def decide(action: Action, rows: Sequence[FleetRow], context: Context) -> Decision:
    """Whether `action` may run on `rows` now.

    Rows it does not apply to are left out; if none is left it is refused with the reason.
    """
    if context.read_only and action.danger is not Danger.NONE:
        return Refuse(f"Read-only mode: {action.label} is switched off.")
    if action.scope not in (Scope.MICROVM, Scope.MICROVMS):
        return Go(())
    if not rows:
        return Refuse("No MicroVM is selected.")
    fitting = [row for row in rows if action.applies_to(row)]
    if not fitting:
        return Refuse(_not_applicable(action, rows))
    return _confirmation(action, fitting, context)


def _not_applicable(action: Action, rows: Sequence[FleetRow]) -> str:
    if len(rows) == 1:
        return f"{display_name(rows[0])} is {rows[0].state_word}: nothing to {action.label}."
    return f"None of the {len(rows)} MicroVMs is in a state to {action.label}."


def _confirmation(action: Action, rows: Sequence[FleetRow], context: Context) -> Decision:
    ids = tuple(row.id for row in rows)
    attached = [row for row in rows if row.id in context.shells]
    if action.danger is Danger.DESTROYS:
        question = _destroy_question(action, rows, attached)
        return Ask(ids, question, _typed_word(rows, attached, context))
    if action.id == "microvm.suspend" and (len(rows) > 1 or attached):
        if len(rows) == 1:
            return Ask(ids, f"Suspend {display_name(rows[0])}? Your shell on it will be cut off.")
        return Ask(ids, f"Suspend {len(rows)} MicroVMs?")
    if action.danger is not Danger.NONE and len(rows) > 1:
        return Ask(ids, f"{action.label.capitalize()} {len(rows)} MicroVMs?")
    return Go(ids)


def _destroy_question(action: Action, rows: Sequence[FleetRow], attached: Sequence[FleetRow]) -> str:
    verb = action.label.capitalize()
    shells = f" {len(attached)} of them with your shell attached." if attached and len(rows) > 1 else ""
    if len(rows) > 1:
        return f"{verb} {len(rows)} MicroVMs? Memory and disk are lost.{shells}"
    shell = " Your shell is attached to it." if attached else ""
    return f"{verb} {display_name(rows[0])}? Its memory and disk are lost.{shell}"


def _typed_word(rows: Sequence[FleetRow], attached: Sequence[FleetRow], context: Context) -> str:
    """The count for several, the id for one that is attached or long-running, nothing otherwise."""
    if len(rows) > 1:
        return str(len(rows))
    row = rows[0]
    started = row.vm.started_at
    if attached or (started is not None and context.now - started > LONG_RUNNING):
        return clean(row.id)
    return ""


def display_name(row: FleetRow) -> str:
    """The local name, else the short id; safe to show."""
    return clean(row.name, _NAME_LIMIT) or clean(row.vm.short_id, _NAME_LIMIT)
