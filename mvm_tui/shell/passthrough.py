"""Hands a shell the user's own terminal: bytes both ways, but for the leader and what `Guard` leaves out.

The command line uses it for `shell`, the UI to hand over the whole terminal and take it back::

    with RawTerminal(0, 1) as terminal:
        left = await PassThrough(session, terminal, Manners()).run()

The session is not closed: who left it with the leader may show it elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from typing import Protocol

from mvm_tui.model.durations import short_duration
from mvm_tui.model.text import clean
from mvm_tui.shell.blocking import in_thread
from mvm_tui.shell.guard import Guard
from mvm_tui.shell.leader_keys import Command, LeaderKeys, Typed
from mvm_tui.shell.raw_terminal import RawTerminal, Resizes, undone
from mvm_tui.shell.states import (
    Closed,
    Connecting,
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

_CTRL_C = b"\x03"
_WIPE = "\r\x1b[K"
# How long what was to be said last may take on a terminal that takes nothing.
_LAST_WORDS_SECONDS = 1.0
_NOTICE = "\x1b[0;7m {} \x1b[0m"
# On its own line; over a program that has the whole screen, on the first row, until that is painted again.
_ON_A_LINE = "\r\n{}\x1b[K\r\n"
_OVER_THE_SCREEN = "\x1b7\x1b[1;1H{}\x1b[K\x1b8"


class Interrupted(Exception):
    """ctrl+c before there was a shell to take it."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the terminal is shared; the config's `[shell]` section.

    Attributes:
        leaders: Keys that are not the MicroVM's, as the config writes them.
        clipboard: Whether the guest may write the user's clipboard.
        titles: Whether the guest may set the terminal's title.
    """

    leaders: tuple[str, ...] = ("ctrl+]", "f12")
    clipboard: bool = False
    titles: bool = True


class Attached(Protocol):
    """What of a `ShellSession` is used."""

    @property
    def state(self) -> State: ...
    def send(self, data: bytes) -> bool: ...
    def resize(self, cols: int, rows: int) -> None: ...
    def retry_now(self) -> None: ...
    async def receive(self) -> Piece: ...


class PassThrough:
    """One turn on the terminal. Hand it the session's events with `heard` while `run` runs.

    Args:
        tap: Is handed all that the session gives, before it is filtered: to keep a screen of it.
    """

    def __init__(
        self,
        session: Attached,
        terminal: RawTerminal,
        manners: Manners,
        tap: Callable[[Piece], None] = lambda piece: None,
    ) -> None:
        self._session = session
        self._terminal = terminal
        self._manners = manners
        self._tap = tap
        self._keys = LeaderKeys(manners.leaders)
        self._guard = self._new_guard()
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Ours and the guest's are printed one after the other.
        self._printing = asyncio.Lock()
        self._ours: set[asyncio.Task[None]] = set()
        # Whether the line of the cursor says how the connection is coming along.
        self._status_shown = False
        self._lost = False
        self.clipboard_refused = 0

    async def run(self) -> bool:
        """Pass bytes until the user leaves (True) or the session is over (False).

        Raises:
            Interrupted: ctrl+c while the first connection was being made.
            OSError: The terminal is gone.
        """
        loop = asyncio.get_running_loop()
        self._terminal.seen = self._guard.seen
        loop.add_reader(self._terminal.source, self._read)
        printing = asyncio.create_task(self._print())
        try:
            with Resizes(lambda: loop.call_soon_threadsafe(self._resize)):
                self._resize()
                self._tell_state()
                await asyncio.wait({printing, self._left}, return_when=asyncio.FIRST_COMPLETED)
            if self._left.done():
                self._left.result()
                return True
            printing.result()
            return False
        finally:
            loop.remove_reader(self._terminal.source)
            printing.cancel()
            await asyncio.gather(printing, return_exceptions=True)
            if self._ours:
                await asyncio.wait(self._ours, timeout=_LAST_WORDS_SECONDS)
            self.clipboard_refused += self._guard.seen.clipboard_refused

    def heard(self, event: Event) -> None:
        """What the session tells, to be told on."""
        match event:
            case VmChanged(vm_state=state, reason=reason):
                why = f": {reason}" if reason else ""
                self._notify(f"The MicroVM is {state.lower()}{why}.")
            case EndsSoon(minutes=minutes):
                self._notify(f"The MicroVM ends in {short_duration(minutes * 60)}, whatever runs in it.")
            case Note(text=text):
                self._notify(text)
            case _:
                self._tell_state()

    def _tell_state(self) -> None:
        state = self._session.state
        if isinstance(state, Reconnecting) and not self._lost:
            self._lost = True
            # Whatever program had the screen has lost it.
            self._say(undone(self._guard.seen))
            self._notify(f"{state.problem} Connecting again; {self._manners.leaders[0]} d leaves.")
        elif isinstance(state, Reconnecting) and state.attempt > 1 and state.wait >= 1:
            self._status(f"Not yet: {state.problem.what} Attempt {state.attempt}.")
        elif isinstance(state, Connecting) and state.attempt:
            why = f" ({state.problem.what})" if state.problem else ""
            self._status(f"{state.doing.capitalize()}…{why}")
        elif isinstance(state, Open) and self._status_shown:
            self._say(self._wiped())

    @property
    def _columns(self) -> int:
        return max(self._terminal.size[0] - 3, 10)

    def _new_guard(self) -> Guard:
        return Guard(clipboard=self._manners.clipboard, titles=self._manners.titles)

    def _notify(self, text: str) -> None:
        layout = _OVER_THE_SCREEN if self._guard.seen.alternate else _ON_A_LINE
        lines = wrap(clean(text), self._columns) if layout is _ON_A_LINE else [clean(text, self._columns)]
        self._say(self._wiped() + layout.format("\r\n".join(map(_NOTICE.format, lines))))

    def _status(self, text: str) -> None:
        """A line that the next one, or the shell, takes the place of."""
        self._status_shown = True
        self._say(f"{_WIPE}{clean(text, self._columns)}")

    def _wiped(self) -> str:
        """What wipes the status away, if there is one."""
        shown, self._status_shown = self._status_shown, False
        return _WIPE if shown else ""

    def _say(self, text: str) -> None:
        """Print ours, after what is being printed."""
        task = asyncio.create_task(self._write(text.encode()))
        self._ours.add(task)
        task.add_done_callback(self._ours.discard)

    async def _write(self, data: bytes) -> None:
        """Print; the loop goes on while the terminal takes no more."""
        async with self._printing:
            try:
                await in_thread(lambda: self._terminal.write(data))
            except OSError as error:
                self._leave(error)

    def _resize(self) -> None:
        self._session.resize(*self._terminal.size)

    def _leave(self, error: BaseException | None = None) -> None:
        if self._left.done():
            return
        if error is None:
            self._left.set_result(None)
        else:
            self._left.set_exception(error)

    def _read(self) -> None:
        """The terminal has something for us."""
        try:
            data = self._terminal.read()
        except OSError as error:
            return self._leave(error)
        if not data:
            return self._leave()
        for typed in self._keys.feed(data):
            match typed:
                case Command(key="d"):
                    return self._leave()
                case Command(key="?"):
                    leader = self._manners.leaders[0]
                    self._notify(f"{leader}, then d leaves, r connects again now, {leader} sends it.")
                case Command(key="r"):
                    self._session.retry_now()
                case Typed(data=keys):
                    self._type(keys)
        return None

    def _type(self, keys: bytes) -> None:
        if self._session.send(keys):
            return
        if _CTRL_C in keys and isinstance(self._session.state, Connecting):
            self._leave(Interrupted())

    async def _print(self) -> None:
        """What the guest prints, until the session is over."""
        while piece := await self._session.receive():
            self._tap(piece)
            if isinstance(piece, NewShell):
                self._begin_again(piece)
            elif shown := self._guard.feed(piece):
                await self._write(self._wiped().encode() + shown)
        await self._write(self._guard.flush())

    def _begin_again(self, new: NewShell) -> None:
        """A new shell knows nothing of the modes of the old one."""
        self.clipboard_refused += self._guard.seen.clipboard_refused
        self._guard = self._new_guard()
        self._terminal.seen = self._guard.seen
        self._lost = False
        self._notify(new.text)


def farewell(closed: Closed) -> str:
    """A sentence on how a session ended; empty where its problem is to be told instead."""
    if closed.problem is not None:
        return ""
    return {"exited": "The shell has ended.", "detached": "Detached."}.get(closed.end.value, "")
