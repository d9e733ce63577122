"""A shell that is open in the UI: its session, its terminal, and what is to be known of both.

It lives on its own, whoever draws it. What it prints is parsed in slices (`ParseTurns`); what the user types
is encoded for the modes that its own guest set.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mvm_tui.model.text import clean
from mvm_tui.shell.session import Access, ShellOptions, ShellSession
from mvm_tui.shell.states import (
    Closed,
    EndsSoon,
    Event,
    NewShell,
    Note,
    Open,
    Piece,
    Reconnecting,
    State,
    VmChanged,
)
from mvm_tui.terminal import events as guest
from mvm_tui.terminal.facade import Terminal
from mvm_tui.tui.parse_turns import ParseTurns

if TYPE_CHECKING:
    from mvm_tui.model.clock import Clock
    from mvm_tui.terminal.colours import Theme
    from mvm_tui.tui.seams import ShellAccessor

_TITLE_LIMIT = 40
# What is typed before the first connection stands is kept for it, up to this many bytes.
_AHEAD_BYTES = 4_096
# Between two notices that a guest wants shown.
_NOTIFY_SECONDS = 2.0
# How long the size is waited for before a session begins.
_SIZE_SECONDS = 0.5
# Puts a terminal into its first state and leaves what it shows: what set its modes is gone.
_UNSET = (
    b"\x1b[?5;9;67;1000;1002;1003;1005;1006;1015;1004;2004;2026l\x1b[!p\x1b[>4m\x1b[0 q"
    b"\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07\r\n"
)
# Only where that is on: it would move the cursor, and what comes next over the text that stands.
_LEAVE_ALTERNATE = b"\x1b[?1049l"
_NEW_SHELL = b"\x1b[2m-- connected again: this is a new shell --\x1b[m\r\n"


class Viewer(Protocol):
    """Who draws a shell."""

    def output_came(self) -> None:
        """The terminal changed."""

    def bell_rang(self) -> None:
        """The guest wants to be noticed."""


class Sharer(Protocol):
    """Who else is given what a shell prints."""

    async def put(self, piece: Piece) -> None:
        """This was printed; empty at the end. May wait until there is room for it."""

    def left(self) -> None:
        """Nobody takes anything any more: nothing is to wait for that."""


class ShellHost(Protocol):
    """Who holds open shells."""

    def shell_changed(self, shell: OpenShell) -> None:
        """Its state, title or news changed."""

    def shell_ended(self, shell: OpenShell, closed: Closed) -> None:
        """Its session is over."""

    def shell_said(self, shell: OpenShell, text: str) -> None:
        """There is a sentence for the user, safe to show."""

    def shell_copied(self, shell: OpenShell, data: bytes) -> None:
        """The guest asks to set the clipboard."""


class OpenShell:
    """One open shell. Belongs to the UI's own thread and loop.

    Attributes:
        number: Counts the shells of this run from 1.
        vm_id: Whose shell it is.
        name: What the user calls that MicroVM, safe to show.
        where: The profile and region that it was opened in, untrusted.
        terminal: What it looks like.
        viewer: Who draws it; None while nobody does.
        title: What the guest calls its window, safe to show.
        news: Whether it printed something that nobody saw.
        vm_state: The MicroVM's state as last seen, the service's word; empty if unknown.
        ends_at: When the MicroVM ends, once that is near.
        heard: Bytes of output that were parsed.
        clipboard_refused: Whether the user said that it may not write the clipboard.
    """

    def __init__(
        self,
        number: int,
        vm_id: str,
        name: str,
        host: ShellHost,
        turns: ParseTurns,
        theme: Theme,
        history_lines: int,
        accessor: ShellAccessor,
        where: str,
    ) -> None:
        """`accessor` reaches the account that the MicroVM belongs to, whichever is on screen later."""
        self.number = number
        self.vm_id = vm_id
        self.name = name
        self.terminal = Terminal(80, 24, history_lines)
        self.terminal.colours.theme = theme
        self.viewer: Viewer | None = None
        self.title = ""
        self.news = False
        self.vm_state = ""
        self.ends_at: datetime | None = None
        self.heard = 0
        self.clipboard_refused = False
        self.accessor = accessor
        self.where = where
        self._notified_at = -_NOTIFY_SECONDS
        self._host = host
        self._turns = turns
        self._ahead = b""
        self._sized = self._began = self._was_open = False
        self._sharer: Sharer | None = None
        self._also_heard: Callable[[Event], None] | None = None
        self._session: ShellSession | None = None
        self._reading: asyncio.Task[None] | None = None

    # The session

    def attach(self, access: Access, options: ShellOptions, clock: Clock) -> None:
        """Begin a session, the first or another after one that is over."""
        if self._session is not None:
            self._unset()
        self.vm_state = ""
        session = ShellSession(self.vm_id, access, options=options, on_event=self._happened, clock=clock)
        self._session = session
        self._began = False
        if self._sized:
            self._begin()
        else:
            # Whoever draws it tells the size in a moment, so that the first prompt finds it right.
            asyncio.get_running_loop().call_later(_SIZE_SECONDS, self._begin)
        self._reading = asyncio.create_task(self._read(session), name=f"output of {self.vm_id}")
        self._host.shell_changed(self)

    def _begin(self) -> None:
        if self._session is not None and not self._began:
            self._began = True
            self._session.start(self.terminal.columns, self.terminal.rows)

    @property
    def session(self) -> ShellSession | None:
        """What connects it; None before the first."""
        return self._session

    def share(self, output: Sharer, heard: Callable[[Event], None]) -> None:
        """Give somebody else too what is printed and what happens, from now on."""
        self._sharer, self._also_heard = output, heard

    def unshare(self) -> None:
        """Nobody else is given anything any more."""
        if self._sharer is not None:
            self._sharer.left()
        self._sharer = self._also_heard = None

    @property
    def state(self) -> State | None:
        """Of the session; None before the first."""
        return self._session.state if self._session else None

    @property
    def over(self) -> bool:
        """Whether nothing is attached, nor about to be."""
        return self._session is None or isinstance(self._session.state, Closed)

    @property
    def cut_off(self) -> bool:
        """Whether nothing that is typed arrives: it is over, or the connection is being made anew."""
        return self.over or isinstance(self.state, Reconnecting)

    @property
    def life(self) -> object:
        """Equal as long as it is the same shell inside the MicroVM; another after each loss and each end."""
        state = self.state
        return self._session, state.shell if isinstance(state, Open) else None

    @property
    def behind(self) -> int:
        """Bytes of output that came and were not parsed yet."""
        return self._session.waiting if self._session else 0

    def retry_now(self) -> None:
        """Do not wait with the next attempt to connect."""
        if self._session is not None:
            self._session.retry_now()

    async def close(self) -> None:
        """End the session; what runs in the shell is cut off."""
        if self._session is not None:
            await self._session.close()
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    # In

    def send(self, data: bytes) -> bool:
        """Type bytes; False if there is nobody to type to. Before the first connection they wait for it."""
        if not data or self._session is None:
            return True
        if self._session.send(data):
            return True
        state = self._session.state
        if isinstance(state, Closed) or self._was_open or len(self._ahead) + len(data) > _AHEAD_BYTES:
            return False
        self._ahead += data
        return True

    def resize(self, columns: int, rows: int) -> None:
        """The window has this many cells now."""
        self._sized = True
        if (columns, rows) != (self.terminal.columns, self.terminal.rows):
            self.terminal.resize(columns, rows)
            if self._session is not None:
                self._session.resize(columns, rows)
        self._begin()

    # Recording

    @property
    def recording(self) -> Path | None:
        """The file that the output is being recorded to."""
        return self._session.recording if self._session else None

    def start_recording(self, path: Path) -> None:
        """Record from now on. Raises Problem."""
        if self._session is not None:
            self._session.start_recording(path)
            self._host.shell_changed(self)

    def stop_recording(self) -> Path | None:
        """End the recording; its file, None if there was none."""
        path = self._session.stop_recording() if self._session else None
        self._host.shell_changed(self)
        return path

    # Out

    async def _read(self, session: ShellSession) -> None:
        async for piece in session:
            await self._take(piece)
        if self._sharer is not None:
            await self._sharer.put(b"")
        if isinstance(session.state, Closed):
            self._host.shell_ended(self, session.state)

    async def _take(self, piece: Piece) -> None:
        if self._sharer is not None:
            await self._sharer.put(piece)
        if isinstance(piece, NewShell):
            self._unset()
            self.terminal.feed(_NEW_SHELL)
            self._host.shell_said(self, piece.text)
            self._parsed()
        else:
            await self._turns.feed(piece, self._feed, self._parsed, seen=self.viewer is not None)

    def _unset(self) -> None:
        """Put the terminal into its first state, under the text that stands there."""
        leave = _LEAVE_ALTERNATE if self.terminal.modes.alternate_screen else b""
        self.terminal.feed(leave + _UNSET)

    def _feed(self, data: bytes) -> None:
        self.terminal.feed(data)
        self.heard += len(data)

    def _parsed(self) -> None:
        """A slice of output is in the terminal: answer, act on it, have it drawn."""
        replies, happened = self.terminal.take_replies(), self.terminal.take_events()
        if self._sharer is not None:
            # The user's own terminal answers, and does what it is told.
            return
        if replies:
            self.send(replies)
        for event in happened:
            self._guest_said(event)
        if self.viewer is not None:
            self.viewer.output_came()
        elif not self.news:
            self.news = True
            self._host.shell_changed(self)

    def _guest_said(self, event: guest.Event) -> None:
        if isinstance(event, guest.Bell):
            if self.viewer is not None:
                self.viewer.bell_rang()
        elif isinstance(event, guest.TitleChanged):
            self.title = clean(event.title, _TITLE_LIMIT)
            self._host.shell_changed(self)
        elif isinstance(event, guest.ClipboardWrite):
            self._host.shell_copied(self, event.data)
        elif isinstance(event, guest.Notification):
            # A guest that has much to say does not bury the screen in notices.
            now = time.monotonic()
            if now - self._notified_at >= _NOTIFY_SECONDS:
                self._notified_at = now
                self._host.shell_said(self, clean(event.text, 200))

    def _happened(self, event: Event) -> None:
        if self._also_heard is not None:
            self._also_heard(event)
        if isinstance(event, VmChanged):
            self.vm_state = event.vm_state
        elif isinstance(event, EndsSoon):
            self.ends_at = event.at
            self._host.shell_said(self, f"The MicroVM ends in {event.minutes} min, and the shell with it.")
        elif isinstance(event, Note):
            self._host.shell_said(self, clean(event.text))
        elif isinstance(self.state, Open):
            self._was_open = True
            ahead, self._ahead = self._ahead, b""
            self.send(ahead)
        self._host.shell_changed(self)
