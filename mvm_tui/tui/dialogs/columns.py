"""Choosing which columns the table shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.widgets.fleet_columns import BY_ID


class ColumnsDialog(Dialog[list[str]]):
    """Answers the ids of the columns, in order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        Binding("enter", "take", "take", show=False, priority=True, id="columns.take"),
        Binding("K,shift+up", "shift(-1)", "up", show=False, id="columns.up"),
        Binding("J,shift+down", "shift(1)", "down", show=False, id="columns.down"),
    ]

    def __init__(self, shown: Sequence[str]) -> None:
        super().__init__()
        self._order = [*shown, *(name for name in BY_ID if name not in shown)]
        self._shown = set(shown)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Columns"
            yield SelectionList[str](*self._selections(), compact=True)
            yield Static("space shows · J K move · enter takes it · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(SelectionList).focus()

    def _selections(self) -> list[Selection[str]]:
        return [Selection(BY_ID[name].title.lower(), name, name in self._shown) for name in self._order]

    def action_shift(self, step: int) -> None:
        """Move the column under the cursor."""
        box: SelectionList[str] = self.query_one(SelectionList)
        at = box.highlighted
        if at is None or not 0 <= at + step < len(self._order):
            return
        self._shown = set(box.selected)
        self._order.insert(at + step, self._order.pop(at))
        box.clear_options()
        box.add_options(self._selections())
        box.highlighted = at + step

    def action_take(self) -> None:
        chosen = set(self.query_one(SelectionList).selected)
        if chosen:
            self.dismiss([name for name in self._order if name in chosen])
