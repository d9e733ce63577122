"""What was done and what failed, newest first: a toast that is gone is not lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.history import Entry
from mvm_tui.tui.widgets.detail import FactSheet
from mvm_tui.tui.widgets.text_scroll import TextScroll
from mvm_tui.tui.words import Fact, local_time

_STYLES = {"information": "$foreground", "warning": "$text-warning", "error": "$text-error"}
_SHAPES = {"information": "·", "warning": "!", "error": "✗"}


class MessageSheet(FactSheet):
    """Times at the left, what happened beside them."""

    LABEL_WIDTH = 12


class MessagesScreen(Dialog[None]):
    """The message log."""

    DEFAULT_CSS = """
    MessagesScreen .box { width: 96%; height: 94%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [BACK]

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Messages"
            with TextScroll():
                yield MessageSheet(markup=False)
            yield Static("↑ ↓ scroll · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextScroll).focus()
        self.query_one(MessageSheet).show(list(self._lines()))

    def _lines(self) -> Iterator[Fact]:
        entries = list(self.desk.history.newest_first())
        if not entries:
            yield "", Content.styled("Nothing yet.", "$text-muted")
        for entry in entries:
            yield from _entry(entry, self.desk.now)


def _entry(entry: Entry, now: datetime) -> Iterator[Fact]:
    style = _STYLES[entry.severity]
    time = Content.styled(f"{local_time(entry.at, now)}  ", "$text-muted")
    yield time + Content.styled(_SHAPES[entry.severity], style), Content.styled(entry.text, style)
    request = f"request {entry.request_id}" if entry.request_id else ""
    for line in (entry.detail, " · ".join(part for part in (entry.code, request) if part)):
        if line:
            yield " ", Content.styled(line, "$text-muted")
