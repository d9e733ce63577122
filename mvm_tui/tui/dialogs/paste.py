"""What is about to be pasted into a shell, shown before it is: a line end in it runs what stands before."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from mvm_tui.model.text import clean_block, without_controls
from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.widgets.text_scroll import TextScroll

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SHOWN = 4_000


def needs_look(text: str) -> bool:
    """Whether a paste is of several lines, or holds control characters."""
    return "\n" in text or "\r" in text or _CONTROL.search(text) is not None


class PasteDialog(Dialog[str]):
    """Answers the text to paste, which may be without its control characters."""

    DEFAULT_CSS = """
    PasteDialog .box { width: 90; border: round $warning; }
    PasteDialog .question { text-style: bold; margin-bottom: 1; }
    PasteDialog #text { color: $foreground; background: $panel; padding: 0 1; }
    PasteDialog TextScroll { max-height: 16; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        Binding("n", "close", "no", show=False, id="paste.no"),
        Binding("y", "yes", "yes", show=False, id="paste.yes"),
        Binding("left", "app.focus_previous", "previous", show=False, id="paste.previous"),
        Binding("right", "app.focus_next", "next", show=False, id="paste.next"),
    ]

    def __init__(self, text: str, shells: int) -> None:
        super().__init__()
        self._text = text
        self._shells = shells
        self._controls = _CONTROL.search(text) is not None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question(), classes="question", markup=False)
            with TextScroll():
                yield Static(visible(self._text), id="text", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("No", id="no", compact=True)
                if self._controls:
                    yield Button("Without control characters", id="clean", compact=True)
                yield Button("Yes, paste", id="yes", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def _question(self) -> str:
        lines = len(self._text.splitlines())
        size = f"{lines:,} lines" if lines > 1 else f"{len(self._text):,} characters"
        where = f" into {self._shells} shells" if self._shells > 1 else ""
        controls = " They hold control characters." if self._controls else ""
        return f"Paste {size}{where}?{controls}"

    def action_yes(self) -> None:
        self.dismiss(self._text)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "no":
            self.dismiss(None)
        elif event.button.id == "clean":
            self.dismiss(without_controls(self._text))
        else:
            self.dismiss(self._text)


def visible(text: str) -> Content:
    """The text with its control characters as pictures, ``␛``, and its end cut if it is long."""
    pictured = _CONTROL.sub(
        lambda found: _picture(found.group()), text.replace("\r\n", "\n").replace("\r", "\n")
    )
    shown = clean_block(pictured, _SHOWN)
    return Content(shown)


def _picture(control: str) -> str:
    code = ord(control)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\x{code:02x}"
