"""Choosing one of many names by typing a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import Dialog

# To lay out thousands, at every key anew, would hold up the screen.
_OFFERED = 200


class ChooseDialog(Dialog[str]):
    """Answers the chosen name; one that is not in the list may be typed in full."""

    DEFAULT_CSS = """
    ChooseDialog Input { dock: top; }
    ChooseDialog #none { color: $text-muted; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "down", show=False, priority=True, id="choose.down"),
        Binding("up", "move(-1)", "up", show=False, priority=True, id="choose.up"),
    ]

    def __init__(self, title: str, current: str) -> None:
        super().__init__()
        self._title = title
        self._current = current
        self._names: Sequence[str] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = self._title
            yield Input(compact=True)
            options = OptionList()
            options.can_focus = False
            yield options
            yield Static("Not in the list: enter takes it as it is typed.", id="none", markup=False)
            yield Static("↑ ↓ choose · enter takes it · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self._refill()

    def show(self, names: Sequence[str]) -> None:
        """Offer these names."""
        self._names = names
        if self.on_screen:
            self._refill()

    def _refill(self) -> None:
        box = self.query_one(Input)
        if self._names is None:
            box.placeholder = "reading…"
        else:
            box.placeholder = "type a part of it" if self._names else "none found: type the whole name"
        self._offer(box.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._offer(event.value)

    def _offer(self, part: str) -> None:
        options = self.query_one(OptionList)
        fitting = [name for name in self._names or () if part.casefold() in name.casefold()]
        options.clear_options()
        options.add_options([Option(self._label(name), name) for name in fitting[:_OFFERED]])
        if (more := len(fitting) - _OFFERED) > 0:
            options.add_option(Option(f"… and {more:,} more: type a part of it", disabled=True))
        self.query_one("#none").display = bool(self._names and part) and not fitting
        if fitting:
            offered = fitting[:_OFFERED]
            options.highlighted = offered.index(self._current) if self._current in offered else 0

    def _label(self, name: str) -> Content:
        here = "  now" if name == self._current else ""
        return Content.assemble(clean(name, 80), (here, "$text-muted"))

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)
        elif event.value.strip():
            self.dismiss(event.value.strip())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
