"""The line in which a filter is typed; the table follows as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from mvm_tui.tui.widgets.footer import Hint

if TYPE_CHECKING:
    from mvm_tui.tui.screens.fleet import FleetScreen

# Seconds from a key until the table follows.
_PAUSE = 0.05
HELP = "words, state:suspended image:web size:2g shell:yes age>2h left<1h !state:ended"


class FilterLine(Horizontal):
    """enter keeps the filter, esc clears it."""

    DEFAULT_CSS = """
    FilterLine { height: 1; background: $surface; }
    FilterLine .prompt { width: 3; color: $accent; text-style: bold; padding-left: 1; }
    FilterLine Input { width: 1fr; }
    FilterLine .complaint { width: auto; max-width: 60%; padding: 0 1; color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "clear", show=False, id="app.close"),
    ]

    HINTS: ClassVar[list[Hint]] = [("", "enter", "keep"), ("", "esc", "clear")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        # What was typed last may be told after the line was left.
        self._left = False
        self._applying: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static("/", classes="prompt", markup=False)
        yield Input(self._text, placeholder=HELP, compact=True, select_on_focus=False)
        yield Static("", classes="complaint", markup=False)

    def on_mount(self) -> None:
        self.screen.set_focus(self.query_one(Input))

    @property
    def _fleet_screen(self) -> FleetScreen:
        return cast("FleetScreen", self.screen)

    @on(Input.Changed)
    def _changed(self) -> None:
        # Several keys make one look at all rows: of a large fleet each takes a while.
        if self._applying is None and not self._left:
            self._applying = self.set_timer(_PAUSE, self._apply)

    def _apply(self) -> None:
        self._applying = None
        if not self._left:
            complaint = self._fleet_screen.set_filter(self.query_one(Input).value)
            self.query_one(".complaint", Static).update(complaint)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._apply()
        self._leave()

    def action_clear(self) -> None:
        self._fleet_screen.set_filter("")
        self._leave()

    def _leave(self) -> None:
        self._left = True
        self._fleet_screen.close_line(self)
