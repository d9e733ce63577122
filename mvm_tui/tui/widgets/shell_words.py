"""What is said around a shell: its state in the border, and in a banner what it is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from mvm_tui.model.durations import short_duration
from mvm_tui.model.errors import NoShell, Problem
from mvm_tui.model.microvm import ENDED, RUNNING, SUSPENDED, SUSPENDING
from mvm_tui.model.text import clean
from mvm_tui.shell.states import Closed, Connecting, End, Open, Reconnecting, State

if TYPE_CHECKING:
    from mvm_tui.tui.open_shell import OpenShell

_ENDS = {
    End.EXITED: "exited",
    End.DETACHED: "closed",
    End.SUSPENDED: "suspended",
    End.ENDED: "ended",
    End.REFUSED: "not connected",
    End.LOST: "connection lost",
}
# What it means for an open shell that the MicroVM is in such a state: the connection tells it late.
_MEANWHILE = {
    **dict.fromkeys(
        (SUSPENDING, SUSPENDED),
        "What runs in it stands still, and the connection will drop within a minute or so. "
        "Once it is resumed, a new shell can be attached.",
    ),
    **dict.fromkeys(ENDED, "What runs in it is lost, and this shell with it."),
}
_NEW_SHELL = (
    "A new connection is a new shell: what ran in this one may live on in the MicroVM, but without a "
    "terminal. Work in tmux or screen can be taken up again."
)


def state_mark(state: State | None, vm_state: str) -> Content:
    """``● attached``, ``◌ connecting``, ``○ ended``; what the MicroVM is doing goes before."""
    if isinstance(state, Open):
        if vm_state and vm_state != RUNNING:
            return Content.styled(f"◐ {clean(vm_state, 20).lower()}", "$warning")
        return Content.styled("● attached", "$success")
    if isinstance(state, Reconnecting):
        return Content.styled("◌ reconnecting", "$warning")
    if isinstance(state, Closed):
        return Content.styled(f"○ {_ENDS[state.end]}", "$text-muted")
    doing = state.doing if isinstance(state, Connecting) else "connecting"
    return Content.styled(f"◌ {clean(doing, 30)}…", "$text-muted")


def tab_mark(shell: OpenShell) -> Content:
    """One sign for a tab: whether it is attached, and whether something new is in it."""
    if shell.news and isinstance(shell.state, Open):
        return Content.styled("●", "$accent")
    sign, style = {
        Open: ("·", "$success"),
        Closed: ("○", "$text-muted"),
    }.get(type(shell.state), ("◌", "$warning"))
    return Content.styled(sign, style)


def title(shell: OpenShell, elsewhere: str, show_title: bool, typed_into: int) -> Content:
    """The upper border's: whose shell it is, how it is with it, and what the guest calls it.

    `elsewhere` is where its MicroVM is, if that is not the account on screen.
    """
    parts: list[Content | str | tuple[str, str]] = []
    if typed_into > 1:
        parts.append((f" TYPING INTO {typed_into} SHELLS ", "bold $background on $warning"))
        parts.append(" ")
    parts += [(shell.name, "bold $foreground"), "  ", state_mark(shell.state, shell.vm_state)]
    if elsewhere:
        parts += ["  ", (f"in {elsewhere}", "$warning")]
    if show_title and shell.title:
        parts += ["  ", (shell.title, "$text-muted")]
    return Content.assemble(*parts)


def subtitle(shell: OpenShell, now: datetime, place: str, leader: str, hint: str) -> Content:
    """The lower border's: recording, the end that comes near, the place in the history, the leader."""
    parts: list[Content] = []
    if shell.recording is not None:
        parts.append(Content.styled("● REC", "bold $error"))
    if shell.ends_at is not None:
        left = (shell.ends_at - now).total_seconds()
        style = "bold $error" if left <= 60 else "bold $warning"
        parts.append(Content.styled(f"ends in {short_duration(max(left, 0))}", style))
    if place:
        parts.append(Content.styled(place, "$accent"))
    if leader:
        parts.append(Content.assemble((leader, "bold $accent"), (f" {hint}", "$text-muted")))
    return Content("  ").join(parts)


def banner(state: State | None, vm_state: str) -> Content | None:
    """What a user has to know while nothing that is typed is answered; None while all is well."""
    if isinstance(state, Open) and (meanwhile := _MEANWHILE.get(vm_state)):
        return _lines(f"The MicroVM is {vm_state.lower()}.", meanwhile)
    if isinstance(state, Reconnecting):
        wait = f"in {state.wait:.0f} s; enter tries now" if state.wait >= 1 else "now"
        first = f"The connection was lost; attempt {state.attempt} to connect again {wait}."
        return _lines(first, _reason(state.problem), _NEW_SHELL + " What you type now goes nowhere.")
    if isinstance(state, Closed) and state.end is not End.EXITED:
        what = clean(state.problem.what) if state.problem else f"The shell is {_ENDS[state.end]}."
        return _lines(what, _reason(state.problem), f"enter {again_words(state)} · q closes this tab")
    if isinstance(state, Connecting) and state.problem is not None:
        return _lines(f"Not connected yet: attempt {state.attempt}.", _reason(state.problem, whole=True))
    return None


def again_words(state: Closed) -> str:
    """What enter does once a session is over."""
    if isinstance(state.problem, NoShell):
        return "launches another MicroVM like it, with a shell"
    if state.end is End.SUSPENDED:
        return "resumes it and attaches a new shell"
    if state.end is End.ENDED:
        return "launches another MicroVM like it"
    return "opens a new shell"


def _reason(problem: Problem | None, *, whole: bool = False) -> str:
    if problem is None:
        return ""
    parts = (problem.what, problem.why, problem.fix) if whole else (problem.why, problem.fix)
    return clean(" ".join(part for part in parts if part))


def _lines(first: str, *rest: str) -> Content:
    body = "\n".join(line for line in rest if line)
    return Content.assemble((first, "bold"), f"\n{body}" if body else "")
