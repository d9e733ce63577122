"""Every action there is, as data, and the one place that decides whether it may run.

Keys, palette, ``:`` line, footer, help and command line all read this table. What an action does to AWS
is in `mvm_tui.fleet.perform`, what it does to the screen in `mvm_tui.tui.commands`, joined by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import RUNNING, SUSPENDED, SUSPENDING, TERMINATED, TERMINATING
from mvm_tui.model.text import clean

# A MicroVM that ran this long holds work someone may miss: terminating it asks for its id.
LONG_RUNNING = timedelta(hours=4)
# Cells of a name in a sentence; the service's own ids are shorter.
_NAME_LIMIT = 64


class Scope(Enum):
    """What an action works on."""

    MICROVM = "microvm"
    MICROVMS = "microvms"
    TABLE = "table"
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
        scope: What it works on; `MICROVMS` takes the marked rows, else the row under the cursor.
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


_KNOWN = frozenset({"PENDING", RUNNING, SUSPENDING, SUSPENDED, TERMINATING, TERMINATED})
# The state that our own action is about to bring, so that it can be taken back before it is seen.
_UNDER_WAY = {"suspending": SUSPENDING, "resuming": RUNNING, "terminating": TERMINATING}
_ALIVE = frozenset({"PENDING", RUNNING, SUSPENDING, SUSPENDED})

ACTIONS: tuple[Action, ...] = (
    Action(
        "microvm.details",
        "details",
        ("enter",),
        Scope.MICROVM,
        "Open the details of the MicroVM.",
        verb="get",
    ),
    Action(
        "microvm.suspend",
        "suspend",
        ("z",),
        Scope.MICROVMS,
        "Keep its memory, stop paying the baseline.",
        Danger.CHANGES,
        frozenset({"PENDING", RUNNING}),
        "suspend",
        footer=True,
    ),
    Action(
        "microvm.resume",
        "resume",
        ("r",),
        Scope.MICROVMS,
        "Resume a suspended MicroVM.",
        Danger.COSTS,
        frozenset({SUSPENDING, SUSPENDED}),
        "resume",
        footer=True,
    ),
    Action(
        "microvm.launch",
        "launch",
        ("n",),
        Scope.APP,
        "Launch a new MicroVM.",
        Danger.COSTS,
        verb="run",
        footer=True,
    ),
    Action(
        "microvm.terminate",
        "terminate",
        ("x",),
        Scope.MICROVMS,
        "End it: memory and disk are lost. Asks first.",
        Danger.DESTROYS,
        _ALIVE,
        "terminate",
        footer=True,
    ),
    Action(
        "microvm.rename", "name", ("e",), Scope.MICROVM, "Give the MicroVM a name of your own.", verb="name"
    ),
    Action("microvm.raw", "raw JSON", ("v",), Scope.MICROVM, "Show the service's answer as JSON."),
    Action("microvm.copy_id", "copy id", ("y",), Scope.MICROVMS, "Copy the ids to the clipboard."),
    Action("microvm.copy_arn", "copy ARN", ("Y",), Scope.MICROVMS, "Copy the ARNs to the clipboard."),
    Action(
        "microvm.actions",
        "actions",
        ("a",),
        Scope.MICROVM,
        "Show all that can be done with the MicroVM.",
    ),
    Action("table.mark", "mark", ("space",), Scope.TABLE, "Mark the row and go to the next.", footer=True),
    Action("table.mark_all", "mark all", ("ctrl+a",), Scope.TABLE, "Mark every row that is shown, or none."),
    Action("table.filter", "filter", ("slash",), Scope.TABLE, "Filter the rows.", verb="filter", footer=True),
    Action("table.sort", "sort", ("o",), Scope.TABLE, "Choose the column to sort by.", verb="sort"),
    Action("table.reverse", "reverse sort", ("O",), Scope.TABLE, "Turn the order round."),
    Action("table.columns", "columns", ("c",), Scope.TABLE, "Choose the columns.", verb="columns"),
    Action(
        "table.ended", "ended", ("t",), Scope.TABLE, "Show or hide MicroVMs that have ended.", verb="ended"
    ),
    Action("app.command", "command", ("colon",), Scope.APP, "Open the command line.", footer=True),
    Action("app.help", "help", ("question_mark",), Scope.APP, "Show the keys.", verb="help", footer=True),
    Action("app.palette", "palette", ("ctrl+p",), Scope.APP, "Search everything that can be done."),
    Action(
        "app.messages",
        "messages",
        ("exclamation_mark",),
        Scope.APP,
        "Show what was done and what failed.",
        verb="messages",
    ),
    Action(
        "app.refresh",
        "refresh",
        ("R",),
        Scope.APP,
        "Read everything again, with a new sign-in.",
        verb="refresh",
    ),
    Action("app.profile", "profile", (), Scope.APP, "Switch the AWS profile.", verb="profile"),
    Action("app.region", "region", (), Scope.APP, "Switch the region.", verb="region"),
    Action("app.theme", "theme", (), Scope.APP, "Switch the theme.", verb="theme"),
    Action("app.close", "close", ("escape",), Scope.APP, "Close, clear the filter, clear the marks."),
    Action("app.back", "back", ("q",), Scope.APP, "Go back; on the first screen, quit.", verb="quit"),
)

BY_ID = {action.id: action for action in ACTIONS}
BY_VERB = {action.verb: action for action in ACTIONS if action.verb}


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
    if action.scope in (Scope.APP, Scope.TABLE):
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
