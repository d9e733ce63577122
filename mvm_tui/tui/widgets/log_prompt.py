"""The line at the bottom in which a filter, a search or a time is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from mvm_tui.tui.widgets.footer import Hint

if TYPE_CHECKING:
    from mvm_tui.tui.screens.main import MainScreen

# Seconds from a key until what is typed takes effect.
_PAUSE = 0.08


class LogPrompt(Horizontal):
    """enter keeps what was typed, esc takes back what was in force before."""

    DEFAULT_CSS = """
    LogPrompt { height: 1; background: $surface; }
    LogPrompt .prompt { width: auto; color: $accent; text-style: bold; padding: 0 1; }
    LogPrompt Input { width: 1fr; }
    LogPrompt .complaint { width: auto; max-width: 60%; padding: 0 1; color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "clear", show=False, id="app.close"),
    ]
    HINTS: ClassVar[Sequence[Hint]] = [("", "enter", "keep"), ("", "esc", "clear")]

    def __init__(
        self,
        prompt: str,
        text: str,
        help_text: str,
        apply: Callable[[str], str],
        *,
        live: bool = True,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """`apply` takes what was typed and returns why it cannot, empty if it can; `live` as it is typed.

        `done` is called after enter.
        """
        super().__init__()
        self._prompt = prompt
        self._text = text
        self._help = help_text
        self._apply_text = apply
        self._live = live
        self._done = done
        # What was typed last may be told after the line was left.
        self._left = False
        self._applying: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(self._prompt, classes="prompt", markup=False)
        yield Input(self._text, placeholder=self._help, compact=True, select_on_focus=False)
        yield Static("", classes="complaint", markup=False)

    def on_mount(self) -> None:
        self.screen.set_focus(self.query_one(Input))

    @on(Input.Changed)
    def _changed(self) -> None:
        # Several keys make one look at all lines.
        if self._live and self._applying is None and not self._left:
            self._applying = self.set_timer(_PAUSE, self._apply)

    def _apply(self) -> bool:
        self._applying = None
        if self._left:
            return False
        complaint = self._apply_text(self.query_one(Input).value)
        self.query_one(".complaint", Static).update(complaint)
        return not complaint

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._apply():
            self._leave()
            self._done()

    def action_clear(self) -> None:
        if self._live:
            self._apply_text("")
        self._leave()

    def _leave(self) -> None:
        self._left = True
        cast("MainScreen", self.screen).close_line(self)
