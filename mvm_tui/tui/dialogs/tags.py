"""An image's tags, one a line, to be changed as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from mvm_tui.model.build_words import parse_tags, written_lines
from mvm_tui.model.image_spec import tag_problems
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import Dialog


class TagsDialog(Dialog[dict[str, str]]):
    """Answers all tags as they are to be."""

    DEFAULT_CSS = """
    TagsDialog TextArea { height: 8; }
    TagsDialog .wrong { height: auto; color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", show=False, priority=True, id="tags.save"),
    ]

    def __init__(self, name: str, tags: Mapping[str, str]) -> None:
        super().__init__()
        self._name = name
        self._tags = tags

    def compose(self) -> ComposeResult:
        text = "\n".join(clean(f"{name}={value}", 400) for name, value in self._tags.items())
        with Vertical(classes="box") as box:
            box.border_title = f"Tags of {self._name}"
            yield Static("One a line: NAME=VALUE", markup=False)
            yield TextArea(text, compact=True, show_line_numbers=False)
            yield Static(classes="wrong", markup=False)
            yield Static("ctrl+s keeps them · esc leaves", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._read()

    def action_save(self) -> None:
        if (tags := self._read()) is not None:
            self.dismiss(tags)

    def _read(self) -> dict[str, str] | None:
        """The tags as they stand; None, and a word on it, if the service would refuse one."""
        try:
            found = parse_tags(written_lines(self.query_one(TextArea).text))
            wrong = next((reason for _, reason in tag_problems(found)), "")
        except ValueError as error:
            found, wrong = (), str(error)
        self.query_one(".wrong", Static).update(clean(wrong))
        return None if wrong else dict(found)
