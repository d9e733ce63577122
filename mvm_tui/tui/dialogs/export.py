"""Where to write the costs."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from mvm_tui.tui.dialogs.base import Dialog


class ExportDialog(Dialog[str]):
    """Answers the name of the file."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Export costs"
            yield Static("File: .csv for spreadsheets, .json with the sums as well", markup=False)
            yield Input(self._name, compact=True)
            yield Static(
                "enter writes · nothing is replaced unasked · esc leaves", classes="keys", markup=False
            )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())
