"""A shell in a MicroVM that stays attached: it connects, reconnects, and says what becomes of it.

For whoever shows a shell (a widget, the command line), on one asyncio event loop::

    session = ShellSession(vm_id, Access(mint, look), on_event=..., clock=SystemClock())
    session.start(cols=120, rows=40)
    async for piece in session:          # bytes, or NewShell where that of a new shell begins
        ...
    session.send(b"ls\\r")               # False while not open: then it is dropped, never sent later
    session.resize(100, 30)
    await session.close()

- `session.state` is `Connecting`, `Open`, `Reconnecting` or `Closed`; each change is told to `on_event` as
  `StateChanged`, besides `VmChanged`, `EndsSoon` and `Note` (see `mvm_tui.shell.states`). `on_event` is
  called on the loop, and may not block.
- Output waits in a queue of 256 KB. When it is full the socket is not read, and the guest's writes block:
  read no faster than you draw. `receive` gives all that waits, up to 64 KB.
- A connection that drops is made anew with a fresh token: the first attempt after 0.2 s, then with back-off
  up to 15 s for as long as the MicroVM runs. The new connection is a new shell, which `NewShell` says in the
  output and `Open.shell` counts. `retry_now` ends the wait.
- It never resumes a MicroVM by itself. A suspended one gives ``Closed(End.SUSPENDED)``, unless
  `Access.resume` is given, which the user was asked for: it is called before the first connection only.
- `Access.mint`, `look` and `resume` block; they are called in threads of their own and raise `Problem`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mvm_tui.model.clock import Clock, SystemClock
from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.errors import Conflict, Gone, Problem, Throttled, Unexpected
from mvm_tui.model.microvm import ENDED, RUNNING, SUSPENDED, SUSPENDING, Microvm
from mvm_tui.model.token import AccessToken
from mvm_tui.shell.blocking import in_thread
from mvm_tui.shell.dial import dial
from mvm_tui.shell.flow import PAUSE_SECONDS, Inbox, Outbox
from mvm_tui.shell.link import PING_SECONDS, Link, Size
from mvm_tui.shell.protocol import Form, forms
from mvm_tui.shell.recording import Recording
from mvm_tui.shell.refusals import (
    ConnectionLost,
    NotReady,
    TokenRefused,
    VmEnded,
    VmSuspended,
    for_state,
    young,
)
from mvm_tui.shell.states import (
    Closed,
    Connecting,
    End,
    EndsSoon,
    Event,
    NewShell,
    Note,
    Open,
    Piece,
    Reconnecting,
    State,
    StateChanged,
    VmChanged,
)
from mvm_tui.shell.watch import WATCH_SECONDS, Watch

_log = logging.getLogger(__name__)
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 15.0
_LONGEST_FIRST_WAIT = 2.0
# How long a first connection to a MicroVM is tried that was just launched or resumed.
_PATIENCE_YOUNG = 60.0
# A connection that lasted this long is no sign of trouble: the back-off begins anew after it.
_STEADY_SECONDS = 10.0
_RESUME_SECONDS = 60.0
_SETTLE_SECONDS = 0.25
# How long a pong may take after a resumption before the connection counts as lost.
_PROBE_SECONDS = 3.0


class Mint(Protocol):
    """How a token is had. `fresh` says that a kept one will not do. Blocking; raises Problem."""

    def __call__(self, vm_id: str, *, fresh: bool) -> AccessToken: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What a session is handed to reach the service. All of it blocks and raises Problem.

    Attributes:
        mint: Gives a shell token.
        look: Reads the MicroVM with its details.
        resume: Asks for its resumption; None where the user did not agree to one.
        ca_file: File of certificates to trust instead of the system's; empty for those.
    """

    mint: Mint
    look: Callable[[str], Microvm]
    resume: Callable[[str], object] | None = None
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class ShellOptions:
    """How a session behaves; the config's `[shell]` section in the session's words.

    Attributes:
        path: Path of the websocket; empty tries those known.
        on_attach: A line typed once into each new shell; empty for none.
        ping_seconds: Between two pings; 0 for none.
        pause: Seconds between two chunks of 2,048 bytes of input.
        reconnect: Whether a lost connection is made anew.
        watch_seconds: Between two readings of the MicroVM while attached; 0 for none.
        patience: Seconds for which a first connection is tried that is refused for the moment; more where
            the MicroVM was just launched or resumed.
    """

    path: str = ""
    on_attach: str = ""
    ping_seconds: float = PING_SECONDS
    pause: float = PAUSE_SECONDS
    reconnect: bool = True
    watch_seconds: float = WATCH_SECONDS
    patience: float = 5.0


def _unheard(event: Event) -> None:
    """For whoever does not listen."""


@dataclass(slots=True)
class _Course:
    """How the attempts go since the last connection, or since the start."""

    began: float
    attempt: int = 0
    fresh: bool = False
    renewed: bool = False
    problem: Problem | None = None
    patience: float = 0.0


class ShellSession:
    """See the module. Use it on the event loop that `start` was called on."""

    def __init__(
        self,
        vm_id: str,
        access: Access,
        *,
        options: ShellOptions | None = None,
        on_event: Callable[[Event], None] = _unheard,
        clock: Clock | None = None,
    ) -> None:
        self.vm_id = vm_id
        self.state: State = Connecting(0)
        self._access = access
        self._options = options or ShellOptions()
        self._on_event = on_event
        self._clock: Clock = clock or SystemClock()
        self._inbox = Inbox()
        self._outbox = Outbox()
        self._size: Size = (80, 24)
        self._link: Link | None = None
        self._ways = forms(self._options.path)
        self._shells = 0
        self._hurry = asyncio.Event()
        self._recording: Recording | None = None
        self._task: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._watch = Watch(self._look, self._saw, self._clock, self._options.watch_seconds)

    def start(self, cols: int, rows: int) -> None:
        """Begin to connect, for a window of this size."""
        self._size = (cols, rows)
        self._task = asyncio.create_task(self._run(), name=f"shell {self.vm_id}")

    def send(self, data: bytes) -> bool:
        """Type; False, and nothing is kept of it, unless the session is open and has room."""
        return isinstance(self.state, Open) and self._outbox.put(data)

    async def sent(self) -> None:
        """Return once what was typed has gone out, or was dropped."""
        await self._outbox.emptied()

    def resize(self, cols: int, rows: int) -> None:
        """The window has this size now."""
        self._size = (cols, rows)
        if self._link is not None:
            self._link.resize(self._size)
        self._record(lambda recording: recording.resized(cols, rows))

    async def receive(self) -> Piece:
        """The next output, up to 64 KB, or `NewShell`; ``b""`` once the session is over and all is read."""
        return await self._inbox.get()

    def receive_nowait(self) -> Piece:
        """As `receive`; ``b""`` also where nothing waits."""
        return self._inbox.get_nowait()

    @property
    def waiting(self) -> int:
        """Bytes of output that wait to be received."""
        return self._inbox.waiting

    async def __aiter__(self) -> AsyncIterator[Piece]:
        while piece := await self._inbox.get():
            yield piece

    def retry_now(self) -> None:
        """Do not wait any longer with the next attempt."""
        self._hurry.set()

    async def close(self) -> None:
        """Detach. What still waits can be received."""
        self._finish(Closed(End.DETACHED))
        if self._link is not None:
            await self._link.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def recording(self) -> Path | None:
        """The file that the output is being recorded to."""
        return self._recording.path if self._recording else None

    def start_recording(self, path: Path) -> None:
        """Record the output from now on. Raises Problem where the file exists or cannot be made."""
        self.stop_recording()
        self._recording = Recording(path, *self._size, clock=self._clock)

    def stop_recording(self) -> Path | None:
        """End the recording; its file, None if there was none."""
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.close()
        return recording.path if recording else None

    def _tap(self, data: bytes) -> None:
        if self._recording is not None:
            self._record(lambda recording: recording.output(data))

    def _record(self, write: Callable[[Recording], None]) -> None:
        if self._recording is None:
            return
        try:
            write(self._recording)
        except Problem as problem:
            self.stop_recording()
            self._on_event(Note(str(problem)))

    def _become(self, state: State) -> None:
        if not isinstance(self.state, Closed) and state != self.state:
            self.state = state
            self._on_event(StateChanged(state))

    def _finish(self, state: Closed) -> None:
        self._become(state)
        self._outbox.clear()
        self._inbox.end()
        self.stop_recording()

    async def _run(self) -> None:
        watching = asyncio.create_task(self._watch.run()) if self._options.watch_seconds > 0 else None
        try:
            self._finish(await self._live())
        except Exception as error:  # noqa: BLE001 - the last net: whoever shows the shell is to hear of it
            _log.error("a shell session failed", exc_info=error)
            why = f"{type(error).__name__}; the log file has its stack."
            self._finish(Closed(End.REFUSED, Unexpected("The shell ended by an error of ours.", why)))
        finally:
            if watching is not None:
                watching.cancel()

    async def _live(self) -> Closed:
        """Connection after connection, to the end of the session."""
        loop = asyncio.get_running_loop()
        course = _Course(loop.time(), patience=self._options.patience)
        flaps = 0
        while True:
            course.attempt += 1
            try:
                link = await self._connect(course)
            except Problem as problem:
                course.problem = problem
                end = self._over(problem, course, loop.time())
                if end is not None:
                    return Closed(end, problem)
                await self._wait(course)
                continue
            opened = loop.time()
            exited = await self._serve(link)
            if isinstance(self.state, Closed):
                return self.state
            if exited:
                return Closed(End.EXITED)
            lost = ConnectionLost(
                "The connection to the shell was lost.", "", "What runs in it may live on in the MicroVM."
            )
            if not self._options.reconnect:
                return Closed(End.LOST, lost)
            flaps = 0 if loop.time() - opened > _STEADY_SECONDS else flaps + 1
            course = _Course(loop.time(), max(flaps - 1, 0), fresh=True, problem=lost)
            await self._wait(course)

    async def _connect(self, course: _Course) -> Link:
        """Read the MicroVM, get a token, open the websocket. Raises Problem."""
        self._show(course, "reading the MicroVM")
        vm = await in_thread(self._look)
        vm = await self._awake(vm, course)
        self._watch.saw(vm)
        if young(vm, self._clock.now()):
            course.patience = _PATIENCE_YOUNG
        if (problem := for_state(vm)) is not None:
            raise problem
        if vm.details is None or not vm.details.endpoint:
            raise NotReady("The MicroVM has no endpoint yet.", "", "It is tried again by itself.")
        self._show(course, "asking for a token")
        token = await self._token(course)
        self._show(course, "connecting")
        endpoint = Endpoint.of(vm.details.endpoint)
        socket, way = await dial(endpoint, token, self._ways, self._access.ca_file)
        self._prefer(way)
        options = self._options
        return Link(
            socket,
            self._inbox,
            self._outbox,
            self._tap,
            ping_seconds=options.ping_seconds,
            pause=options.pause,
        )

    async def _token(self, course: _Course) -> AccessToken:
        """A token; a conflict means that the MicroVM's state is another since it was read. Raises Problem."""
        try:
            return await in_thread(lambda: self._access.mint(self.vm_id, fresh=course.fresh))
        except Conflict as conflict:
            vm = await in_thread(self._look)
            now = for_state(vm) or NotReady(
                "The MicroVM gives no token just now.", conflict.why, conflict.fix
            )
            raise now from None

    async def _awake(self, vm: Microvm, course: _Course) -> Microvm:
        """The MicroVM running, if the user agreed to its resumption and it was not resumed yet."""
        if vm.state not in (SUSPENDED, SUSPENDING) or self._access.resume is None or self._shells:
            return vm
        self._show(course, "resuming")
        course.patience = _PATIENCE_YOUNG
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _RESUME_SECONDS
        resume = self._access.resume
        asked = False
        while vm.state != RUNNING and vm.state not in ENDED and loop.time() < deadline:
            # One that is only on its way to be suspended cannot be resumed yet.
            if vm.state == SUSPENDED and not asked:
                await in_thread(lambda: resume(self.vm_id))
                asked = True
            await asyncio.sleep(_SETTLE_SECONDS)
            vm = await in_thread(self._look)
        return vm

    async def _serve(self, link: Link) -> bool:
        """One shell to its end; True if it exited."""
        self._link = link
        try:
            return await link.run(self._size, self._opened)
        finally:
            self._link = None
            self._outbox.clear()

    def _opened(self) -> None:
        assert self._link is not None
        self._shells += 1
        if self._shells > 1:
            self._inbox.mark(NewShell(self._shells))
        self._become(Open(self._shells, self._link.session_id))
        if self._options.on_attach:
            self.send(self._options.on_attach.rstrip("\r\n").encode() + b"\r")

    def _over(self, problem: Problem, course: _Course, now: float) -> End | None:
        """Why the session is over with this failure; None if it is to try again."""
        if isinstance(problem, VmSuspended):
            return End.SUSPENDED
        if isinstance(problem, Gone):
            return End.ENDED
        if isinstance(problem, TokenRefused) and not course.renewed:
            course.fresh = course.renewed = True
            return None
        if not problem.temporary:
            return End.REFUSED
        if self._shells:
            return None
        passing = isinstance(problem, NotReady | Throttled)
        return None if passing and now - course.began < course.patience else End.REFUSED

    async def _wait(self, course: _Course) -> None:
        """Let some time pass before the next attempt."""
        longest = _LONGEST_WAIT if self._shells else _LONGEST_FIRST_WAIT
        seconds = min(_FIRST_WAIT * 2 ** min(course.attempt, 10), longest)
        seconds *= random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, keeps no secret
        if course.problem is not None and course.problem.retry_after:
            seconds = max(seconds, min(course.problem.retry_after, _LONGEST_WAIT))
        self._show(course, "waiting", seconds)
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    def _show(self, course: _Course, doing: str, wait: float = 0.0) -> None:
        if self._shells and course.problem is not None:
            self._become(Reconnecting(max(course.attempt, 1), wait, course.problem))
        else:
            self._become(Connecting(course.attempt, doing, course.problem))

    def _prefer(self, way: Form) -> None:
        """Try first what was accepted last."""
        self._ways = (way, *(other for other in self._ways if other != way))

    def _look(self) -> Microvm:
        return self._access.look(self.vm_id)

    def _saw(self, event: VmChanged | EndsSoon) -> None:
        self._on_event(event)
        if not isinstance(event, VmChanged) or self._link is None:
            return
        if event.vm_state in ENDED:
            self._finish(Closed(End.ENDED, VmEnded("The MicroVM has ended.", event.reason)))
            self._link.abort()
        elif event.vm_state == RUNNING:
            # It was suspended: the socket may be dead without having been told.
            self._probing = asyncio.create_task(self._link.probe(_PROBE_SECONDS))
