"""A question that a guest raises, not the user: it may come in the middle of what is being typed."""

from __future__ import annotations

from textual.widgets import Button

from mvm_tui.tui.dialogs.confirm import Confirm

# What is typed before this was not typed in answer.
SETTLE_SECONDS = 0.8


class GuestAsks(Confirm):
    """As `Confirm`, but it takes no answer until the user has had time to see it.

    Attributes:
        settled: Whether it was there long enough to be answered.
    """

    settled = False

    def on_mount(self) -> None:
        for button in self.query(Button):
            button.disabled = True
        self.set_timer(SETTLE_SECONDS, self._settle)

    def _settle(self) -> None:
        self.settled = True
        for button in self.query(Button):
            button.disabled = False
        self.query_one("#no").focus()

    def action_close(self) -> None:
        if self.settled:
            super().action_close()
