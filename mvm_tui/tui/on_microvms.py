"""What the actions on MicroVMs do to the screen; what they do to AWS is `mvm_tui.fleet.perform`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import display_name
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.model.microvm import Microvm
    from mvm_tui.tui.desk import Desk

_DOING = {
    "microvm.suspend": "Suspending",
    "microvm.resume": "Resuming",
    "microvm.terminate": "Terminating",
}


def name_of(desk: Desk, microvm_id: str) -> str:
    """What the user calls a MicroVM; safe to show."""
    row = desk.fleet.row(microvm_id) if desk.fleet else None
    return display_name(row) if row else clean(microvm_id)


def _perform(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if desk.fleet is None:
        return
    doing = _DOING[action.id]
    if len(ids) > 1:
        desk.say(f"{doing} {len(ids)} MicroVMs…")
    elif action.id == "microvm.suspend":
        desk.say(f"{doing} {name_of(desk, ids[0])}… {desk.keys.label('microvm.resume')} resumes it.")
    else:
        desk.say(f"{doing} {name_of(desk, ids[0])}…")
    desk.jobs.start(desk.fleet, action, ids)
    desk.fleet_screen.table.clear_marks()
    desk.front.refresh_facts()


def _launch(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.launch import LaunchDialog

    if desk.fleet is None:
        desk.say("There is no connection to launch on.", "warning")
        return
    row = desk.fleet_screen.table.cursor_row
    desk.app.push_screen(LaunchDialog(desk.fleet, argument.strip() or (row.vm.image_arn if row else "")))


def _details(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.details import DetailScreen

    desk.app.push_screen(DetailScreen(ids[0]))


def _rename(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.rename import RenameDialog

    row = desk.fleet.row(ids[0]) if desk.fleet else None
    if row is None:
        return
    if argument:
        rename(desk, ids[0], argument)
    else:
        desk.app.push_screen(
            RenameDialog(row), lambda name: None if name is None else rename(desk, ids[0], name)
        )


def rename(desk: Desk, microvm_id: str, name: str) -> None:
    """Keep a local name, and say so when it failed."""
    fleet = desk.fleet
    if fleet is None:
        return

    def deliver(answer: Problem | None) -> None:
        if isinstance(answer, Problem):
            desk.report(answer)

    desk.ask(lambda: fleet.rename(microvm_id, clean(name, 64).strip()), deliver)


def _raw(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.raw import RawDialog

    fleet = desk.fleet
    if fleet is None:
        return
    dialog = RawDialog(name_of(desk, ids[0]))

    def deliver(answer: dict[str, Any] | Problem) -> None:
        if isinstance(answer, Problem):
            dialog.dismiss()
            desk.report(answer)
        else:
            dialog.show_answer(answer)

    desk.app.push_screen(dialog)
    desk.ask(lambda: fleet.raw(ids[0]), deliver)


def _copy_id(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    desk.copy("\n".join(ids))


def _copy_arn(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if desk.fleet is not None:
        rows = (desk.fleet.row(microvm_id) for microvm_id in ids)
        number = desk.accounts.number
        desk.copy("\n".join(arn_of(row.vm, number) for row in rows if row is not None))


def arn_of(vm: Microvm, account: str) -> str:
    """A MicroVM's ARN, from that of its image: no operation of the service says it.

    `account` takes the place of ``aws``, which owns the managed images.
    """
    parts = vm.image_arn.split(":")
    if len(parts) < 6:
        return vm.id
    owner = parts[4] if parts[4].isdigit() else account
    return ":".join([*parts[:4], owner, "microvm", vm.id])


def _actions(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.actions import ActionMenu

    row = desk.fleet.row(ids[0]) if desk.fleet else None
    if row is not None:
        desk.app.push_screen(ActionMenu(row), lambda chosen: desk.invoke(chosen) if chosen else None)


HANDLERS: dict[str, Callable[[Desk, Action, tuple[str, ...], str], None]] = {
    "microvm.details": _details,
    "microvm.suspend": _perform,
    "microvm.resume": _perform,
    "microvm.terminate": _perform,
    "microvm.launch": _launch,
    "microvm.rename": _rename,
    "microvm.raw": _raw,
    "microvm.copy_id": _copy_id,
    "microvm.copy_arn": _copy_arn,
    "microvm.actions": _actions,
}
