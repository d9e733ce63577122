"""Joins action ids to what they do, whether they came by key, palette, menu or ``:`` line.

Whether an action may run, and what is asked first, is decided by `mvm_tui.fleet.actions.decide` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import BY_ID, Ask, Go, Refuse, display_name
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean
from mvm_tui.tui import on_cost, on_endpoints, on_images, on_logs, on_microvms, on_screen, on_shells

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.messages import ActionEnded, ActionResult

# Given the desk, the action, the ids it works on, and the text after the verb on the ``:`` line.
Handler = Callable[["Desk", Action, tuple[str, ...], str], None]

HANDLERS: dict[str, Handler] = {
    **on_microvms.HANDLERS,
    **on_images.HANDLERS,
    **on_logs.HANDLERS,
    **on_shells.HANDLERS,
    **on_endpoints.HANDLERS,
    **on_cost.HANDLERS,
    **on_screen.HANDLERS,
}


def invoke(desk: Desk, action_id: str, rows: Sequence[FleetRow] | None = None, argument: str = "") -> None:
    """Run an action on `rows`, or on what is marked or under the cursor; ask or refuse as decided."""
    action = BY_ID[action_id]
    try:
        decision = desk.front.decision(action, argument, rows=rows)
    except Problem as problem:
        desk.report(problem)
        return
    except ValueError as error:
        desk.say(clean(error), "warning")
        return
    if isinstance(decision, Refuse):
        desk.say(decision.reason, "warning")
    elif isinstance(decision, Ask):
        _ask(desk, action, decision, argument)
    else:
        _go(desk, action, decision, argument)


def _go(desk: Desk, action: Action, decision: Go | Ask, argument: str) -> None:
    HANDLERS[action.id](desk, action, decision.ids, argument)


def _ask(desk: Desk, action: Action, decision: Ask, argument: str) -> None:
    from mvm_tui.tui.dialogs.confirm import Confirm

    generation = desk.accounts.generation

    def answered(yes: bool | None) -> None:
        if yes and generation == desk.accounts.generation:
            _go(desk, action, decision, argument)

    desk.app.push_screen(
        Confirm(decision.question, action.label, decision.typed, _names(desk, decision.ids)), answered
    )


def _names(desk: Desk, ids: Sequence[str]) -> list[str]:
    """What several MicroVMs are called, and which the filter hides, for the question about them."""
    if len(ids) < 2 or desk.fleet is None:
        return []
    rows = (desk.fleet.row(microvm_id) for microvm_id in ids)
    shows = desk.fleet_screen.table.shows
    return [
        f"{display_name(row)}  {clean(row.state_word, 20)}{'' if shows(row.id) else ' · not shown'}"
        for row in rows
        if row is not None
    ]


def action_result(desk: Desk, message: ActionResult) -> None:
    """One MicroVM of an action is done with: remember it, and tell at once if it failed."""
    job = desk.jobs.add_result(message)
    if job is None:
        return
    result = message.result
    name = on_microvms.name_of(desk, result.id)
    if result.ok:
        desk.say(f"{name} {result.message}", request_id=result.request_id, toast=False)
    elif result.problem is not None and len(job.ids) == 1:
        desk.report(result.problem, name)
    else:
        desk.say(f"{name}: {result.message}", "error", request_id=result.request_id, toast=len(job.ids) == 1)


def action_ended(desk: Desk, message: ActionEnded) -> None:
    """An action is over: sum up one that was on several MicroVMs."""
    job = desk.jobs.end(message)
    if job is None:
        return
    if message.problem is not None:
        desk.report(message.problem)
    elif len(job.ids) > 1:
        done = len(job.results) - len(job.failures)
        left = len(job.ids) - len(job.results)
        parts = [f"{done} of {len(job.ids)} MicroVMs: {job.action.label} done"]
        if job.failures:
            parts.append(f"{len(job.failures)} failed, {desk.keys.label('app.messages')} shows why")
        if left:
            parts.append(f"{left} left alone")
        desk.say("; ".join(parts) + ".", "warning" if job.failures or left else "information")
