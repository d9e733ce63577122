"""What `call`, `forward`, `probe` and `token` share: which MicroVM, which port, and how it is got at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from mvm_tui.aws import microvms
from mvm_tui.aws.tokens import port_token, shell_token
from mvm_tui.cli.choosing import one_row
from mvm_tui.cli.output import say
from mvm_tui.cli.reading import complete
from mvm_tui.cli.session import Session
from mvm_tui.config.secrets import KNOWN
from mvm_tui.fleet.actions import BY_ID
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.token import AccessToken
from mvm_tui.reach.access import Access, Target, target_of
from mvm_tui.shell.tokens import SHELL, Purpose, Tokens, Vault

port_option = click.option(
    "--port", type=click.IntRange(1, 65_535), metavar="PORT", help="The guest's port; without it, the app's."
)
resume_option = click.option(
    "--resume",
    is_flag=True,
    help="Resume the MicroVM if it is suspended, which costs a read of its snapshot.",
)


@dataclass(frozen=True, slots=True)
class Reached:
    """One MicroVM's port, and how to get at it."""

    row: FleetRow
    target: Target
    access: Access


def reached(session: Session, word: str, port: int | None, *, resume: bool = False) -> Reached:
    """The MicroVM that a word names, with its endpoint.

    Raises:
        Problem: There is none, it cannot be read, it lets no HTTP in, or read-only mode forbids `--resume`.
    """
    if resume:
        session.refuse_read_only(BY_ID["microvm.resume"])
    row = complete(session, one_row(session, word))
    target = target_of(row.vm, port, row.memory_mib)
    connection, tokens = session.connection, tokens_of(session)
    ports = None if port is None else ((port, port),)

    def mint(*, fresh: bool) -> AccessToken:
        return tokens.ports(row.id, ports, fresh=fresh)

    wake: Callable[[], Any] | None = (lambda: microvms.resume(connection, row.id)) if resume else None
    access = Access(mint, lambda: microvms.get(connection, row.id), wake, connection.ca_file)
    return Reached(row, target, access)


def checked_path(path: str) -> str:
    """A path and its query as they stand in a URL, with the slash that it begins with.

    Raises:
        UsageError: It holds spaces, control characters, or others that are escaped in URLs.
    """
    if any(not "!" <= character <= "~" for character in path):
        raise click.UsageError("Write the path as it is in a URL: what is not plain is %-escaped.")
    return path if path.startswith("/") else f"/{path}"


def tokens_of(session: Session) -> Tokens:
    """Where tokens come from and are kept while the verb runs; in the keyring longer, if the config asks."""
    connection, settings = session.connection, session.settings.shell

    def make(purpose: Purpose) -> AccessToken:
        if purpose.kind == SHELL:
            token = shell_token(connection, purpose.vm_id, settings.token_minutes)
        else:
            token = port_token(connection, purpose.vm_id, purpose.ports, settings.token_minutes)
        KNOWN.add(*(value for _, value in token.headers))
        return token

    return Tokens(make, session.clock, _vault(session) if settings.keyring else None)


def _vault(session: Session) -> Vault:
    """The keyring, under the name of this account, region and endpoint."""
    from mvm_tui.shell.keyring_vault import KeyringVault

    scope = session.connection.scope
    place = " ".join((scope.partition, scope.account, scope.region, scope.endpoint))
    return KeyringVault(place, session.clock, say)
