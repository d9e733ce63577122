"""Actions on the cost screen."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Danger, Scope

COST_ACTIONS: tuple[Action, ...] = (
    Action("cost.next_view", "view", ("tab",), Scope.COST, "Go to the next view.", footer=True),
    Action("cost.previous_view", "view before", ("shift+tab",), Scope.COST, "Go to the view before."),
    Action(
        "cost.what_if",
        "what if",
        ("w",),
        Scope.COST,
        "Compare ways to do the same work.",
        verb="what-if",
        footer=True,
    ),
    Action(
        "cost.export",
        "export",
        ("E",),
        Scope.COST,
        "Write the costs to a CSV or JSON file.",
        verb="export",
        footer=True,
    ),
    Action(
        "cost.delete_version",
        "delete",
        ("D",),
        Scope.COST,
        "Delete the image version under the cursor. Asks first.",
        Danger.DESTROYS,
        footer=True,
    ),
)
