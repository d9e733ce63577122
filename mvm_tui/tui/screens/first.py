"""The first frame: nothing but the outline of what follows, so that it is there at once."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static


class FirstScreen(Screen[None]):
    """Top and bottom line and the frame of the table; covered as soon as the rest is loaded."""

    DEFAULT_CSS = """
    FirstScreen { background: $background; }
    FirstScreen .line { dock: top; height: 1; background: $panel; }
    FirstScreen .bottom { dock: bottom; }
    FirstScreen .frame { height: 1fr; border: round $border; color: $text-muted; }
    """

    def __init__(self, demo: bool) -> None:
        super().__init__()
        self._demo = demo

    def compose(self) -> ComposeResult:
        chip = [(" DEMO ", "bold $background on $accent")] if self._demo else []
        yield Static(Content.assemble((" mvm-tui  ", "bold $accent"), *chip), classes="line")
        yield Static(classes="line bottom")
        frame = Static(classes="frame")
        frame.border_title = Content.styled("MicroVMs", "bold $foreground")
        yield frame
