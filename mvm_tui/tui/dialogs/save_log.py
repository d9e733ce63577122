"""Where a log is saved, how much of it, and as what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from mvm_tui.tui.dialogs.base import Dialog


@dataclass(frozen=True, slots=True)
class Saving:
    """What was chosen: `shown` leaves out what the filter hides, `ndjson` is one JSON object a line."""

    path: Path
    shown: bool
    ndjson: bool


class SaveDialog(Dialog[Saving]):
    """Answers what to save; asking before a file is overwritten is done by who saves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "format", "text or NDJSON", show=False, priority=True, id="save.format"),
        Binding("ctrl+e", "extent", "shown or all", show=False, priority=True, id="save.extent"),
    ]

    def __init__(self, name: str, shown: int, count_held: Callable[[], int]) -> None:
        """`name` is the file's suggested name without its ending; how many entries there are, as counts."""
        super().__init__()
        self._name = name
        self._shown = shown
        self._held = count_held
        self._all = False
        self._ndjson = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Save the log"
            yield Input(f"{self._name}.log", compact=True)
            yield Static("", classes="choice", markup=False)
            yield Static("enter saves · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._show()

    def action_format(self) -> None:
        self._ndjson = not self._ndjson
        box = self.query_one(Input)
        before, after = (".log", ".ndjson") if self._ndjson else (".ndjson", ".log")
        if box.value.endswith(before):
            box.value = box.value.removesuffix(before) + after
        self._show()

    def action_extent(self) -> None:
        self._all = not self._all
        self._show()

    def _show(self) -> None:
        extent = (
            f"everything held, {self._held():,} entries"
            if self._all
            else f"what is shown, {self._shown:,} entries"
        )
        form = "NDJSON, raw text as escapes" if self._ndjson else "text, harmless"
        self.query_one(".choice", Static).update(
            Content.assemble(("ctrl+e ", "bold $accent"), f"{extent}\n", ("ctrl+t ", "bold $accent"), form)
        )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(Saving(Path(event.value.strip()).expanduser(), not self._all, self._ndjson))
