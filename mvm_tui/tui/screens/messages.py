"""What was done and what failed, newest first: a toast that is gone is not lost."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mvm_tui.tui.dialogs.base import Dialog
from mvm_tui.tui.history import Entry
from mvm_tui.tui.words import local_time

_STYLES = {"information": "$foreground", "warning": "$text-warning", "error": "$text-error"}
_SHAPES = {"information": "·", "warning": "!", "error": "✗"}


class MessagesScreen(Dialog[None]):
    """The message log."""

    DEFAULT_CSS = """
    MessagesScreen .box { width: 96%; height: 94%; }
    MessagesScreen VerticalScroll { height: 1fr; background: $surface; }
    MessagesScreen .log { height: auto; }
    """

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Messages"
            with VerticalScroll():
                yield Static(self._log(), classes="log", markup=False)
            yield Static("↑ ↓ scroll · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _log(self) -> Content:
        entries = [_entry(entry, self.desk.now) for entry in self.desk.history.newest_first()]
        return Content("\n").join(entries) if entries else Content.styled("Nothing yet.", "$text-muted")


def _entry(entry: Entry, now: datetime) -> Content:
    head = Content.assemble(
        (f"{local_time(entry.at, now)}  ", "$text-muted"),
        (f"{_SHAPES[entry.severity]} ", _STYLES[entry.severity]),
        (entry.text, _STYLES[entry.severity]),
    )
    more = [entry.detail] if entry.detail else []
    ids = " · ".join(
        part for part in (entry.code, entry.request_id and f"request {entry.request_id}") if part
    )
    lines = [head, *(Content.styled(f"            {line}", "$text-muted") for line in (*more, ids) if line)]
    return Content("\n").join(lines)
