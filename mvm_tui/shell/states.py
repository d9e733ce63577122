"""What a shell session is in, and what happens to it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mvm_tui.model.errors import Problem


class End(Enum):
    """Why a session is over."""

    EXITED = "exited"
    """The shell itself ended, as by ``exit``."""
    DETACHED = "detached"
    """The user left it; what runs in it lives on in the MicroVM if it outlives its terminal."""
    SUSPENDED = "suspended"
    """The MicroVM is suspended: resume it, then begin a new session."""
    ENDED = "ended"
    """The MicroVM has ended or is about to."""
    REFUSED = "refused"
    """A connection cannot be had; `Closed.problem` says why and what to do."""
    LOST = "lost"
    """The connection dropped, and the session was told not to make a new one."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """On the way to the first connection.

    Attributes:
        attempt: Counts from 1.
        doing: ``reading the MicroVM``, ``resuming``, ``asking for a token``, ``connecting``, ``waiting``.
        problem: Why the attempt before failed; None for the first.
    """

    attempt: int = 1
    doing: str = "connecting"
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Connected to a shell.

    Attributes:
        shell: Counts the shells of this session from 1. From 2 on it is a new one: see `NewShell`.
        session_id: The service's id of the session; empty if it named none.
    """

    shell: int = 1
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The connection was lost. What is typed now goes nowhere.

    Attributes:
        attempt: Counts from 1 since the loss.
        wait: Seconds until the attempt; 0 while it is under way.
        problem: Why the attempt before failed, or why the connection ended.
    """

    attempt: int
    wait: float
    problem: Problem


@dataclass(frozen=True, slots=True)
class Closed:
    """The session is over and begins no more."""

    end: End
    problem: Problem | None = None


State = Connecting | Open | Reconnecting | Closed


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The session is now in `state`."""

    state: State


@dataclass(frozen=True, slots=True)
class VmChanged:
    """The MicroVM's state was seen to be another. `vm_state` is the service's word; any may come."""

    vm_state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndsSoon:
    """The MicroVM's hard end comes near: told at 10, 5 and 1 minutes, and at once if one attaches later."""

    minutes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the user, safe to show: a recording that could not go on, and the like."""

    text: str


Event = StateChanged | VmChanged | EndsSoon | Note


@dataclass(frozen=True, slots=True)
class NewShell:
    """Stands in the output where that of a new shell begins, after a connection was lost.

    Whoever draws the output puts the terminal into its first state here (modes, alternate screen): the
    program that would have done so belongs to the old shell.
    """

    shell: int

    @property
    def text(self) -> str:
        """What the user is to be told."""
        return (
            "Connected again. This is a new shell: what ran in the old one may still run in the MicroVM, "
            "but without a terminal. Start tmux or screen there, and the next time you can take it up again."
        )


Piece = bytes | NewShell
