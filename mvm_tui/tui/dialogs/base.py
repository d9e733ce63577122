"""What all dialogs share: a box over the screen, closed with esc."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from mvm_tui.tui.app import MvmApp
    from mvm_tui.tui.desk import Desk

Chosen = TypeVar("Chosen")

# For dialogs in which nothing is typed.
BACK = Binding("q", "close", "back", show=False, id="app.back")


class Dialog(ModalScreen[Chosen]):
    """A box in the middle; esc closes it without an answer. Its widgets go into a container ``.box``.

    What is docked at the bottom stays in sight however long the rest is.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; color: $foreground; }
    Dialog .box {
        width: 64; max-width: 96%; height: auto; max-height: 94%;
        background: $surface; border: round $border; padding: 0 1;
    }
    Dialog .keys { dock: bottom; height: 1; color: $text-muted; }
    Dialog VerticalScroll { height: auto; max-height: 100%; background: $surface; }
    Dialog Input, Dialog SelectCurrent, Dialog TextArea { background: $panel; }
    Dialog Select:focus > SelectCurrent { background: $block-cursor-background; border: none; }
    Dialog SelectOverlay { border: none; background: $panel; }
    /* A box that is not ticked is empty: Textual draws a dim X in it, which reads as ticked. */
    Dialog Checkbox > .toggle--button, Dialog SelectionList > .selection-list--button {
        color: $panel; background: $panel;
    }
    Dialog Checkbox.-on > .toggle--button { color: $text-success; background: $panel; }
    Dialog SelectionList > .selection-list--button-selected { color: $text-success; background: $panel; }
    Dialog SelectionList > .selection-list--button-highlighted { color: $panel; background: $panel; }
    Dialog SelectionList > .selection-list--button-selected-highlighted {
        color: $text-success; background: $panel;
    }
    Dialog .box OptionList, Dialog .box SelectionList {
        border: none; padding: 0; background: $surface; background-tint: transparent;
        height: auto; max-height: 100%;
    }
    Dialog .buttons { height: 1; width: 100%; align-horizontal: right; margin-top: 1; }
    Dialog .buttons Button.-textual-compact {
        margin-left: 2; padding: 0 1; background: $panel; color: $foreground; text-style: none;
    }
    Dialog .buttons Button.-textual-compact:focus {
        background: $accent; color: $background; text-style: bold; background-tint: transparent;
    }
    Dialog .buttons Button.-textual-compact:disabled { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", show=False, id="app.close"),
    ]

    @property
    def on_screen(self) -> bool:
        """Whether its widgets are there: what is answered late finds them gone."""
        return self.is_mounted and self in self.app.screen_stack

    @property
    def desk(self) -> Desk:
        return cast("MvmApp", self.app).desk

    def action_close(self) -> None:
        self.dismiss(None)
