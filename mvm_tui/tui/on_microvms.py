"""What the actions on MicroVMs do to the screen; what they do to AWS is `mvm_tui.fleet.perform`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mvm_tui.fleet.actions import Action, display_name
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.model.microvm import Microvm
    from mvm_tui.tui.app import MvmApp

_DOING = {
    "microvm.suspend": "Suspending",
    "microvm.resume": "Resuming",
    "microvm.terminate": "Terminating",
}


def name_of(app: MvmApp, microvm_id: str) -> str:
    """What the user calls a MicroVM; safe to show."""
    row = app.fleet.row(microvm_id) if app.fleet else None
    return display_name(row) if row else clean(microvm_id)


def _perform(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if app.fleet is None:
        return
    doing = _DOING[action.id]
    if len(ids) > 1:
        app.say(f"{doing} {len(ids)} MicroVMs…")
    elif action.id == "microvm.suspend":
        app.say(f"{doing} {name_of(app, ids[0])}… {app.keys.label('microvm.resume')} resumes it.")
    else:
        app.say(f"{doing} {name_of(app, ids[0])}…")
    app.jobs.start(app.fleet, action, ids)
    app.fleet_screen.table.clear_marks()
    app.fleet_screen.refresh_facts()


def _launch(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.launch import LaunchDialog

    if app.fleet is None:
        app.say("There is no connection to launch on.", "warning")
        return
    app.push_screen(LaunchDialog(app.fleet, argument.strip()))


def _details(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.details import DetailScreen

    app.push_screen(DetailScreen(ids[0]))


def _rename(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.rename import RenameDialog

    row = app.fleet.row(ids[0]) if app.fleet else None
    if row is None:
        return
    if argument:
        rename(app, ids[0], argument)
    else:
        app.push_screen(RenameDialog(row), lambda name: None if name is None else rename(app, ids[0], name))


def rename(app: MvmApp, microvm_id: str, name: str) -> None:
    """Keep a local name, and say so when it failed."""
    fleet = app.fleet
    if fleet is None:
        return

    def deliver(answer: Problem | None) -> None:
        if isinstance(answer, Problem):
            app.report(answer)

    app.ask(lambda: fleet.rename(microvm_id, clean(name, 64).strip()), deliver)


def _raw(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.raw import RawDialog

    fleet = app.fleet
    if fleet is None:
        return
    dialog = RawDialog(name_of(app, ids[0]))

    def deliver(answer: dict[str, Any] | Problem) -> None:
        if isinstance(answer, Problem):
            dialog.dismiss()
            app.report(answer)
        else:
            dialog.show_answer(answer)

    app.push_screen(dialog)
    app.ask(lambda: fleet.raw(ids[0]), deliver)


def _copy_id(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    app.copy_to_clipboard("\n".join(ids))


def _copy_arn(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    if app.fleet is not None:
        rows = (app.fleet.row(microvm_id) for microvm_id in ids)
        number = app.accounts.number
        app.copy_to_clipboard("\n".join(arn_of(row.vm, number) for row in rows if row is not None))


def arn_of(vm: Microvm, account: str) -> str:
    """A MicroVM's ARN, from that of its image: no operation of the service says it.

    `account` takes the place of ``aws``, which owns the managed images.
    """
    parts = vm.image_arn.split(":")
    if len(parts) < 6:
        return vm.id
    owner = parts[4] if parts[4].isdigit() else account
    return ":".join([*parts[:4], owner, "microvm", vm.id])


def _actions(app: MvmApp, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.dialogs.actions import ActionMenu

    row = app.fleet.row(ids[0]) if app.fleet else None
    if row is not None:
        app.push_screen(ActionMenu(row), lambda chosen: app.action_invoke(chosen) if chosen else None)


HANDLERS: dict[str, Callable[[MvmApp, Action, tuple[str, ...], str], None]] = {
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
