"""Everything known of one MicroVM, over the whole screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mvm_tui.fleet.actions import display_name
from mvm_tui.tui.costs import cost_facts
from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.widgets.detail import FactSheet
from mvm_tui.tui.widgets.text_scroll import TextScroll
from mvm_tui.tui.words import facts


class DetailScreen(Dialog[None]):
    """The fact sheet with ids and ARNs spelled out; kept up to date."""

    DEFAULT_CSS = """
    DetailScreen .box { width: 96%; height: 94%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [BACK]

    def __init__(self, microvm_id: str) -> None:
        super().__init__()
        self._microvm_id = microvm_id

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            with TextScroll():
                yield FactSheet(markup=False)
            yield Static("↑ ↓ scroll · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextScroll).focus()
        self._show()
        self.set_interval(1.0, self._show)

    def _show(self) -> None:
        row = self.desk.fleet.row(self._microvm_id) if self.desk.fleet else None
        if row is None:
            self.dismiss(None)
            return
        self.query_one(".box").border_title = Content(display_name(row))
        cost, forwards = cost_facts(self.desk, row), self.desk.forwards.urls_of(row.id)
        sheet = facts(row, self.desk.now, whole=True, cost=cost, forwards=forwards)
        self.query_one(FactSheet).show(sheet)
