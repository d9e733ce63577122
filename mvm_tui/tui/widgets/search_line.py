"""The line in which a text to search for in a shell is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from mvm_tui.tui.widgets.footer import Hint

if TYPE_CHECKING:
    from mvm_tui.tui.screens.main import MainScreen


class SearchLine(Horizontal):
    """enter searches, esc leaves."""

    DEFAULT_CSS = """
    SearchLine { height: 1; background: $surface; }
    SearchLine .prompt { width: 3; color: $accent; text-style: bold; padding-left: 1; }
    SearchLine Input { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False, id="app.close"),
    ]
    HINTS: ClassVar[list[Hint]] = [("", "enter", "search"), ("", "esc", "leave")]

    def __init__(self, search: Callable[[str], None], text: str = "") -> None:
        """`search` is called with what was typed."""
        super().__init__()
        self._search = search
        self._text = text

    def compose(self) -> ComposeResult:
        yield Static("/", classes="prompt", markup=False)
        yield Input(self._text, placeholder="text; small letters also find capital ones", compact=True)

    def on_mount(self) -> None:
        self.screen.set_focus(self.query_one(Input))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value:
            self._search(event.value)
        self.action_leave()

    def action_leave(self) -> None:
        cast("MainScreen", self.screen).close_line(self)
