"""Which shells are typed into at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from mvm_tui.tui.dialogs.base import BACK, Dialog

if TYPE_CHECKING:
    from mvm_tui.tui.open_shell import OpenShell


class TogetherDialog(Dialog[Sequence["OpenShell"]]):
    """Answers the chosen shells; the current one is chosen from the start."""

    DEFAULT_CSS = """
    TogetherDialog .box { width: 60; border: round $warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        Binding("enter", "done", "type into these", show=False, priority=True, id="together.done"),
    ]

    def __init__(self, shells: Sequence[OpenShell], current: OpenShell) -> None:
        super().__init__()
        self._shells = {shell.number: shell for shell in shells if not shell.over}
        self._current = current

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Type into several shells at once"
            yield SelectionList(
                *(
                    Selection(Content(f"{number} {shell.name}"), number, shell is self._current)
                    for number, shell in self._shells.items()
                )
            )
            yield Static("space chooses · enter begins · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(SelectionList).focus()

    def action_done(self) -> None:
        chosen = self.query_one(SelectionList).selected
        self.dismiss([self._shells[number] for number in self._shells if number in chosen])
