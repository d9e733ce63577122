"""What the actions on MicroVMs' endpoints do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mvm_tui.fleet.action import Action
from mvm_tui.fleet.actions import display_name
from mvm_tui.model.connectors import http_possible

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


def _reach(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    """Show how the app is reached, unless the MicroVM lets no HTTP in."""
    row = desk.fleet.row(ids[0]) if desk.fleet else None
    if row is None:
        return
    details = row.vm.details
    if details is not None and not http_possible(details.ingress):
        desk.say(f"{display_name(row)} was launched without HTTP: its endpoint lets nothing in.", "warning")
        return
    from mvm_tui.tui.dialogs.reach import ReachDialog

    desk.app.push_screen(ReachDialog(row))


def _forwards(desk: Desk, action: Action, ids: tuple[str, ...], argument: str) -> None:
    from mvm_tui.tui.screens.forwards import ForwardsScreen

    desk.app.push_screen(ForwardsScreen())


HANDLERS: dict[str, Callable[[Desk, Action, tuple[str, ...], str], None]] = {
    "microvm.reach": _reach,
    "app.forwards": _forwards,
}
