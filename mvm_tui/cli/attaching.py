"""What `shell` and `exec` share: which MicroVM, whether it is to be resumed, and how its shell is got at."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.aws import microvms
from mvm_tui.cli.asking import confirm
from mvm_tui.cli.choosing import one_row
from mvm_tui.cli.reaching import tokens_of
from mvm_tui.cli.session import Session
from mvm_tui.fleet.actions import BY_ID, Ask, display_name
from mvm_tui.model.errors import NoShell, Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import SUSPENDED, SUSPENDING
from mvm_tui.model.text import clean
from mvm_tui.shell.session import Access, ShellOptions


@dataclass(frozen=True, slots=True)
class Reachable:
    """A MicroVM whose shell may be attached to, and how."""

    row: FleetRow
    access: Access
    options: ShellOptions

    @property
    def name(self) -> str:
        """The local name, or the short id; safe to show."""
        return display_name(self.row)

    def explained(self, problem: Problem) -> Problem:
        """The problem, with the very command that helps where a shell needs another launch."""
        if isinstance(problem, NoShell) and self.row.vm.image_name:
            problem.fix = f"Launch one with it: mvm-tui run {clean(self.row.vm.image_label, 200)}"
        return problem


def reachable(session: Session, word: str, yes: bool) -> Reachable:
    """The MicroVM that a word names; the user has agreed to its resumption where it is suspended.

    Raises:
        Problem: There is none, read-only mode forbids it, or the user does not agree.
    """
    session.refuse_read_only(BY_ID["microvm.shell"])
    row = one_row(session, word)
    resume = row.vm.state in (SUSPENDED, SUSPENDING)
    if resume:
        question = f"{display_name(row)} is {row.state_word}. Resume it and attach? It is paid for again."
        confirm(Ask((row.id,), question), yes)
    connection, tokens, shell = session.connection, tokens_of(session), session.settings.shell
    access = Access(
        tokens.shell,
        lambda vm_id: microvms.get(connection, vm_id),
        (lambda vm_id: microvms.resume(connection, vm_id)) if resume else None,
        connection.ca_file,
    )
    options = ShellOptions(
        path=shell.path, on_attach=shell.on_attach, ping_seconds=float(shell.keepalive_seconds)
    )
    return Reachable(row, access, options)
