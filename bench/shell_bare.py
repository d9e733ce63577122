"""The least that could echo a key: one Textual widget, one websocket. What the whole UI is compared with.

``python -m bench.shell_bare PORT`` attaches to `bench.shell_endpoint` and draws what comes back.
"""

from __future__ import annotations

import asyncio
import sys

from rich.segment import Segment
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from websockets.asyncio.client import ClientConnection, connect


class Bare(Widget, can_focus=True):
    """A line that shows what came last."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._socket: ClientConnection | None = None
        self._line = ""

    def on_mount(self) -> None:
        self.focus()
        self.run_worker(self._read())

    async def _read(self) -> None:
        async with connect(f"ws://127.0.0.1:{self._port}/", compression=None) as self._socket:
            self._show("attached")
            async for message in self._socket:
                if isinstance(message, bytes):
                    self._show(self._line[-80:] + message.decode("utf-8", "replace"))

    def _show(self, text: str) -> None:
        self._line = text
        self.refresh(Region(0, 0, self.size.width, 1))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if self._socket is not None:
            task = asyncio.ensure_future(self._socket.send((event.character or "").encode()))
            task.add_done_callback(lambda _: None)

    def render_line(self, y: int) -> Strip:
        text = self._line if y == 0 else ""
        return Strip([Segment(text.ljust(self.size.width)[: self.size.width])])


class BareApp(App[None]):
    """Nothing but that widget."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Bare(int(sys.argv[1]))


if __name__ == "__main__":
    BareApp().run()
