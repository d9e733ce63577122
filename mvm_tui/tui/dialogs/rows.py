"""Rows of a form: a label, its fields, and under them a line for what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

# For the style sheet of a form, after its own name.
ROW_STYLES = """
    {form} .foot {{ dock: bottom; height: auto; }}
    {form} .row {{ height: auto; }}
    {form} .label {{ width: 10; color: $text-muted; }}
    {form} .hint {{ width: 1fr; color: $text-muted; }}
    {form} .word {{ width: auto; padding: 0 1; color: $text-muted; }}
    {form} .note {{ height: auto; margin-left: 10; color: $text-muted; display: none; }}
    {form} .note.-warning {{ color: $text-warning; }}
    {form} .note.-problem {{ color: $text-error; }}
    {form} .note.-shown {{ display: block; }}
    {form} Input, {form} Select {{ width: 1fr; }}
    {form} Input.short {{ width: 8; }}
    {form} Checkbox {{ width: auto; margin-right: 2; background: $surface; padding: 0; }}
    {form} TextArea {{ height: 3; width: 1fr; }}
"""


def word(text: str) -> Static:
    """A word between two fields."""
    return Static(text, classes="word", markup=False)


def row(name: str, *fields: Widget) -> Iterator[Widget]:
    """A label with its fields, and the line under it, whose id is ``note-NAME``."""
    yield Horizontal(Static(name, classes="label", markup=False), *fields, classes="row")
    yield Static(id=f"note-{name}", classes="note", markup=False)
