"""A text to read and to copy, its sensitive parts masked until they are asked for."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mvm_tui.model.text import clean_block
from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.widgets.text_scroll import TextScroll

_NAMES = re.compile(r'^\s*"[^"]*"(?=:)|(?<= )--[a-z-]+', re.MULTILINE)


class TextDialog(Dialog[None]):
    """Shows `masked`; ``m`` changes to `full` and back where the two differ."""

    DEFAULT_CSS = """
    TextDialog .box { width: 100; max-height: 94%; }
    TextDialog .text { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", show=False, id="text.copy"),
        Binding("m", "mask", "mask", show=False, id="text.mask"),
        BACK,
    ]

    def __init__(self, title: str, masked: str = "", full: str = "") -> None:
        super().__init__()
        self._title = title
        self._masked = clean_block(masked)
        self._full = clean_block(full or masked)
        self._open = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(self._title)
            with TextScroll():
                yield Static(classes="text", markup=False)
            yield Static(classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextScroll).focus()
        self._draw()

    def show(self, masked: str, full: str) -> None:
        """Another text."""
        self._masked, self._full = clean_block(masked), clean_block(full)
        if self.on_screen:
            self._draw()

    @property
    def text(self) -> str:
        """What is on screen now."""
        return self._full if self._open else self._masked

    def action_mask(self) -> None:
        self._open = not self._open
        self._draw()

    def action_copy(self) -> None:
        self.desk.copy(self.text)

    def styled(self, text: str) -> Content:
        """The text in colours: names stand out."""
        content = Content(text)
        for match in _NAMES.finditer(text):
            content = content.stylize("$accent", match.start(), match.end())
        return content

    def _draw(self) -> None:
        self.query_one(".text", Static).update(self.styled(self.text or "reading…"))
        mask = ""
        if self._masked != self._full:
            mask = "m masks what is sensitive · " if self._open else "m shows what is masked · "
        self.query_one(".keys", Static).update(f"{mask}y copies · ↑ ↓ scroll · esc leaves")
