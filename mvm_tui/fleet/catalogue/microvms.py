"""Actions on MicroVMs and on their table."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Danger, Scope
from mvm_tui.model.microvm import RUNNING, SUSPENDED, SUSPENDING

_ALIVE = frozenset({"PENDING", RUNNING, SUSPENDING, SUSPENDED})

MICROVM_ACTIONS: tuple[Action, ...] = (
    Action(
        "microvm.details",
        "details",
        ("enter",),
        Scope.MICROVM,
        "Open the details of the MicroVM.",
        verb="get",
    ),
    Action(
        "microvm.shell",
        "shell",
        ("s",),
        Scope.MICROVM,
        "Open its shell; one that sleeps is woken first, if you agree.",
        Danger.CHANGES,
        _ALIVE,
        "shell",
        footer=True,
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
        "microvm.logs",
        "logs",
        ("l",),
        Scope.MICROVMS,
        "Follow its logs, or those of the marked ones together.",
        verb="logs",
        footer=True,
    ),
    Action(
        "microvm.launch",
        "launch",
        ("n",),
        Scope.TABLE,
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
        "microvm.reach",
        "reach",
        ("o",),
        Scope.MICROVM,
        "Reach its app: forward a port, open it in the browser, copy a command, probe it.",
        states=_ALIVE,
        verb="forward",
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
)

TABLE_ACTIONS: tuple[Action, ...] = (
    Action("table.mark", "mark", ("space",), Scope.TABLE, "Mark the row and go to the next.", footer=True),
    Action("table.mark_all", "mark all", ("ctrl+a",), Scope.TABLE, "Mark every row that is shown, or none."),
    Action("table.filter", "filter", ("slash",), Scope.TABLE, "Filter the rows.", verb="filter", footer=True),
    Action("table.sort", "sort", ("S",), Scope.TABLE, "Choose the column to sort by.", verb="sort"),
    Action("table.reverse", "reverse sort", ("I",), Scope.TABLE, "Turn the order round."),
    Action("table.columns", "columns", ("c",), Scope.TABLE, "Choose the columns.", verb="columns"),
    Action(
        "table.ended", "ended", ("t",), Scope.TABLE, "Show or hide MicroVMs that have ended.", verb="ended"
    ),
    Action("table.beside", "shell beside", ("b",), Scope.TABLE, "Show a shell beside the table, or hide it."),
)
