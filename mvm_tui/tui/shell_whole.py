"""Hands the user's whole terminal over to an open shell, and takes it back when it is left."""

from __future__ import annotations

import asyncio
import sys
import termios
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from mvm_tui.config.schema import split_keys
from mvm_tui.shell.passthrough import Interrupted, Manners, PassThrough
from mvm_tui.shell.raw_terminal import RawTerminal
from mvm_tui.tui.shell_repaint import repaint

if TYPE_CHECKING:
    from mvm_tui.shell.session import ShellSession
    from mvm_tui.shell.states import Piece, State
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.open_shell import OpenShell

# Pieces of output that wait for the terminal; the shell waits with them.
_PIECES = 4


class Shared:
    """The shell's session as `PassThrough` uses it, while the shell goes on keeping its own screen."""

    def __init__(self, shell: OpenShell, session: ShellSession) -> None:
        self._shell = shell
        self._session = session
        self._pieces: asyncio.Queue[Piece] = asyncio.Queue(_PIECES)
        self._left = False

    @property
    def state(self) -> State:
        return self._session.state

    def send(self, data: bytes) -> bool:
        return self._session.send(data)

    def resize(self, cols: int, rows: int) -> None:
        self._shell.resize(cols, rows)

    def retry_now(self) -> None:
        self._session.retry_now()

    async def receive(self) -> Piece:
        return await self._pieces.get()

    async def put(self, piece: Piece) -> None:
        """The shell printed this; empty at its end. Waits while the terminal is behind."""
        if not self._left:
            await self._pieces.put(piece)

    def left(self) -> None:
        """The terminal was taken back: what waits for it is dropped, as the shell's own screen has it too."""
        self._left = True
        while not self._pieces.empty():
            self._pieces.get_nowait()


async def hand_over(desk: Desk, shell: OpenShell) -> None:
    """Until the user leaves with the leader and d, or the shell ends. Says why where it cannot be done."""
    session = shell.session
    if session is None or shell.over:
        desk.say(f"{shell.name} is not connected.", "warning")
        return
    app = desk.app
    try:
        with app.batch_update(), app.suspend():
            await _carry(desk, shell, Shared(shell, session))
    except SuspendNotSupported:
        desk.say("This terminal cannot be handed over: the UI does not run on one of its own.", "warning")
    except Interrupted:
        desk.say("Left before the shell was connected.")
    except (OSError, termios.error) as error:
        desk.say(f"The terminal could not be handed over: {error}.", "error")
    finally:
        shell.unshare()
        # The size is the view's again, and everything is drawn anew.
        if (pane := desk.front.shell_pane) is not None:
            pane.take_over()
        app.refresh(layout=True)


async def _carry(desk: Desk, shell: OpenShell, shared: Shared) -> None:
    settings = desk.options.settings.shell
    leaders = split_keys(settings.leader)
    manners = Manners(leaders, settings.clipboard == "allow", settings.titles)
    assert sys.__stdin__ is not None
    assert sys.__stderr__ is not None
    # The UI draws on standard error, and so does this.
    terminal = RawTerminal(sys.__stdin__.fileno(), sys.__stderr__.fileno(), titles=manners.titles)
    with terminal:
        passing = PassThrough(shared, terminal, manners)
        shell.resize(*terminal.size)
        terminal.write(repaint(shell.terminal))
        terminal.seen.alternate = shell.terminal.modes.alternate_screen
        shell.share(shared, passing.heard)
        await passing.run()
