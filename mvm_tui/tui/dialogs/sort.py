"""Choosing the column to sort by."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mvm_tui.model.sorting import SORTABLE
from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.widgets.fleet_columns import COLUMNS


class SortDialog(Dialog[str]):
    """Answers a column's id, with a leading ``-`` to turn the order round."""

    BINDINGS: ClassVar[list[BindingType]] = [BACK]

    def __init__(self, column: str, reverse: bool) -> None:
        super().__init__()
        self._column = column
        self._reverse = reverse

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Sort by"
            yield OptionList(
                *(Option(self._label(column.id), column.id) for column in COLUMNS if column.id in SORTABLE)
            )
            yield Static("enter sorts; the column in force turns round", classes="keys", markup=False)

    def on_mount(self) -> None:
        ids = [column.id for column in COLUMNS if column.id in SORTABLE]
        options = self.query_one(OptionList)
        options.highlighted = ids.index(self._column) if self._column in ids else 0
        options.focus()

    def _label(self, column: str) -> Content:
        arrow = ("  ▾" if self._reverse else "  ▴") if column == self._column else ""
        return Content.assemble(column, (arrow, "$accent"))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        column = event.option.id or ""
        turned = column == self._column and not self._reverse
        self.dismiss(f"-{column}" if turned else column)
