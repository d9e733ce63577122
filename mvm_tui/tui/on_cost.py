"""What the actions on the cost screen do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mvm_tui.fleet.action import Action
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.screens.cost import CostScreen


def _screen(desk: Desk) -> CostScreen | None:
    """The cost screen if it is in front."""
    from mvm_tui.tui.screens.cost import CostScreen

    return desk.front if isinstance(desk.front, CostScreen) else None


def _next_view(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if (screen := _screen(desk)) is not None:
        screen.turn(1)


def _previous_view(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if (screen := _screen(desk)) is not None:
        screen.turn(-1)


def _what_if(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.what_if import WhatIfDialog

    if desk.fleet is None:
        desk.say("There is no connection whose rates could be taken.", "warning")
    else:
        desk.app.push_screen(WhatIfDialog(desk.fleet.spend.rates()))


def _export(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.export import ExportDialog

    if desk.fleet is None or desk.fleet.spend.figures is None:
        desk.say("There are no costs to export yet.", "warning")
    elif argument.strip():
        write(desk, Path(argument.strip()).expanduser())
    else:
        desk.app.push_screen(
            ExportDialog(f"mvm-tui-cost-{desk.now:%Y%m%d}.csv"),
            lambda name: write(desk, Path(name).expanduser()) if name else None,
        )


def write(desk: Desk, path: Path, *, replace: bool = False) -> None:
    """Write the costs in a thread: JSON if the name ends so, else CSV. Asks before it replaces a file."""
    from mvm_tui.fleet.export import AlreadyThere, as_csv, as_json, put, records
    from mvm_tui.tui.dialogs.confirm import Confirm

    fleet, region = desk.fleet, desk.accounts.region
    figures = fleet.spend.figures if fleet else None
    if fleet is None or figures is None:
        return

    def work() -> None:
        found = records(figures, fleet.rows().values(), fleet.spend.of)
        text = as_json(figures, found, region) if path.suffix.lower() == ".json" else as_csv(found)
        put(path, text, replace=replace)

    def deliver(answer: Problem | None) -> None:
        if isinstance(answer, AlreadyThere):
            question = f"{clean(path, 200)} is there already. Replace it?"
            desk.app.push_screen(
                Confirm(question, "replace it"), lambda yes: write(desk, path, replace=True) if yes else None
            )
        elif isinstance(answer, Problem):
            desk.report(answer)
        else:
            desk.say(f"Wrote {clean(path.absolute(), 200)}.")

    desk.ask(work, deliver)


def _delete_version(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.on_images import HANDLERS as ON_IMAGES

    ON_IMAGES["image.delete_version"](desk, action, ids, argument)


HANDLERS: dict[str, Callable[[Desk, Action, tuple[str, ...], str], None]] = {
    "cost.next_view": _next_view,
    "cost.previous_view": _previous_view,
    "cost.what_if": _what_if,
    "cost.export": _export,
    "cost.delete_version": _delete_version,
}
