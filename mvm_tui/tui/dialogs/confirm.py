"""The question before something that cannot be taken back: the answer is No unless Yes is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from mvm_tui.tui.dialogs.base import BACK, Dialog

_NAMES = 8


class Confirm(Dialog[bool]):
    """Answers True for yes, anything else for no.

    With a word to be typed, yes works only once it stands there; else the focus rests on No.

    Attributes:
        asks_to_leave: Whether it is about leaving the app.
    """

    asks_to_leave = False

    DEFAULT_CSS = """
    Confirm .box { border: round $warning; }
    Confirm .question { text-style: bold; margin: 0 0 1 0; }
    Confirm .names { color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; margin-bottom: 1; }
    Confirm .buttons { dock: bottom; }
    Confirm .buttons #yes.-textual-compact:focus { background: $error; color: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        Binding("n", "close", "no", show=False, id="confirm.no"),
        Binding("y", "yes", "yes", show=False, id="confirm.yes"),
        Binding("left", "app.focus_previous", "previous", show=False, id="confirm.previous"),
        Binding("right", "app.focus_next", "next", show=False, id="confirm.next"),
    ]

    def __init__(self, question: str, verb: str, typed: str = "", names: Sequence[str] = ()) -> None:
        super().__init__()
        self._question = question
        self._verb = verb
        self._typed = typed
        self._names = names

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            if self._names:
                yield Static(_listed(self._names), classes="names", markup=False)
            if self._typed:
                yield Static(self._wanted("Type "), classes="wanted", markup=False)
                yield Input(compact=True)
            with Horizontal(classes="buttons"):
                yield Button("No", id="no", compact=True)
                yield Button(f"Yes, {self._verb}", id="yes", compact=True, disabled=bool(self._typed))

    def on_mount(self) -> None:
        self.query_one(Input if self._typed else "#no").focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self.query_one("#yes", Button).disabled = event.value.strip() != self._typed

    @on(Input.Submitted)
    def action_yes(self) -> None:
        if not self.query_one("#yes", Button).disabled:
            self.dismiss(True)
        elif self._typed:
            self.query_one(".wanted", Static).update(self._wanted("That is not it: type "))

    def _wanted(self, start: str) -> Content:
        return Content.assemble(start, (self._typed, "bold $accent"), " to go on.")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMES
    shown = list(names[:_NAMES]) if more > 0 else list(names)
    return "\n".join([*shown, f"and {more} more"] if more > 0 else shown)
