"""Everything that can be done with the MicroVM under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.actions import ACTIONS, Refuse, decide, display_name
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.dialogs.base import BACK, Dialog


class ActionMenu(Dialog[str]):
    """Answers the id of the chosen action. What cannot be done now says why."""

    DEFAULT_CSS = """
    ActionMenu .box { width: 90; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [BACK]

    def __init__(self, row: FleetRow) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(display_name(self._row))
            yield OptionList(*(self._option(action) for action in ACTIONS if _on_microvm(action)))
            yield Static("enter does it · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.focus()
        options.action_first()

    def _option(self, action: Action) -> Option:
        key = next(iter(self.desk.keys.of(action.id)), "")
        decision = decide(action, [self._row], self.desk.context())
        if isinstance(decision, Refuse):
            label = Content.styled(f"{key:>6}  {action.label:<12} {decision.reason}", "$text-muted")
            return Option(label, action.id, disabled=True)
        return Option(
            Content.assemble(
                (f"{key:>6}", "bold $accent"), f"  {action.label:<12} ", (action.help, "$text-muted")
            ),
            action.id,
        )

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)


def _on_microvm(action: Action) -> bool:
    return action.scope in (Scope.MICROVM, Scope.MICROVMS) and action.id != "microvm.actions"
