"""Everything that can be done with the MicroVM under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
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
from mvm_tui.tui.widgets.detail import fact_sheet

# Cells of the key and of the label, and of both with what stands between.
_KEY, _LABEL = 6, 13
_HEAD = _KEY + 2 + _LABEL


class ActionMenu(Dialog[str]):
    """Answers the id of the chosen action. What cannot be done now says why."""

    DEFAULT_CSS = """
    ActionMenu .box { width: 90; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [BACK]

    def __init__(self, row: FleetRow) -> None:
        super().__init__()
        self._row = row
        self._actions = [action for action in ACTIONS if _on_microvm(action)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(display_name(self._row))
            yield OptionList(*map(self._option, self._actions))
            yield Static("enter does it · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.focus()
        options.action_first()

    def on_resize(self, event: events.Resize) -> None:
        # Once the list has its new size.
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        """Wrap what each action does under itself, not under its key."""
        options = self.query_one(OptionList)
        width = options.scrollable_content_region.width
        for action in self._actions:
            sheet = fact_sheet([self._fact(action)], width, _HEAD, "")
            options.replace_option_prompt(action.id, sheet)

    def _option(self, action: Action) -> Option:
        head, text = self._fact(action)
        return Option(Content.assemble(head, text), action.id, disabled=self._refusal(action) is not None)

    def _refusal(self, action: Action) -> Refuse | None:
        decision = decide(action, [self._row], self.desk.context())
        return decision if isinstance(decision, Refuse) else None

    def _fact(self, action: Action) -> tuple[Content, Content]:
        """The action's key and label; beside them what it does, or why it cannot be done now."""
        key = next(iter(self.desk.keys.of(action.id)), "")
        refusal = self._refusal(action)
        style = "$text-muted" if refusal else "bold $accent"
        head = Content.assemble((f"{key:>{_KEY}}", style), f"  {action.label:<{_LABEL}}")
        return head, Content.styled(refusal.reason if refusal else action.help, "$text-muted")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)


def _on_microvm(action: Action) -> bool:
    return action.scope in (Scope.MICROVM, Scope.MICROVMS) and action.id != "microvm.actions"
