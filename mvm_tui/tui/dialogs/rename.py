"""Giving a MicroVM a name of one's own."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import Dialog


class RenameDialog(Dialog[str]):
    """Answers the new name, empty for none."""

    def __init__(self, row: FleetRow) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Name"
            yield Static(f"A local name for {clean(self._row.id)}", markup=False)
            yield Input(clean(self._row.name, 64), max_length=64, compact=True, placeholder="no name")
            yield Static("enter keeps it · empty takes it away · esc leaves it", classes="keys", markup=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
