"""How shells and forwarded ports reach the service over one connection: tokens, readings, resumptions.

Made when the first of them is opened; everything it hands out is called in threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mvm_tui.aws import microvms
from mvm_tui.aws.tokens import port_token, shell_token
from mvm_tui.shell.tokens import SHELL, Purpose, Tokens

if TYPE_CHECKING:
    from mvm_tui.aws.session import Connection
    from mvm_tui.config.schema import Shell
    from mvm_tui.model.clock import Clock
    from mvm_tui.model.microvm import Microvm
    from mvm_tui.model.token import AccessToken
    from mvm_tui.reach.access import Access as PortAccess
    from mvm_tui.shell.session import Access as ShellAccess
    from mvm_tui.shell.tokens import Vault
    from mvm_tui.tui.seams import FleetLike


class GuestAccess:
    """Gives every shell and every port of a connection its access; they share the tokens."""

    def __init__(
        self,
        connection: Connection,
        fleet: FleetLike,
        settings: Shell,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        """`say` is told, from a thread, that tokens cannot be kept in a keyring."""
        self._connection = connection
        self._fleet = fleet
        self._settings = settings
        self._clock = clock
        self._say = say
        self._tokens: Tokens | None = None

    def shell(self, *, resume: bool) -> ShellAccess:
        """For one session. `resume` says that the user agreed to a resumption."""
        from mvm_tui.shell.session import Access

        return Access(
            self._shell_token, self._look, self._resume if resume else None, self._connection.ca_file
        )

    def port(self, vm_id: str, port: int | None, *, resume: bool) -> PortAccess:
        """For one port of a MicroVM's endpoint; None is the app's."""
        from mvm_tui.reach.access import Access

        ports = None if port is None else ((port, port),)

        def mint(*, fresh: bool) -> AccessToken:
            return self._held.ports(vm_id, ports, fresh=fresh)

        wake = (lambda: self._resume(vm_id)) if resume else None
        return Access(mint, lambda: self._look(vm_id), wake, self._connection.ca_file)

    def _look(self, vm_id: str) -> Microvm:
        return microvms.get(self._connection, vm_id)

    def _shell_token(self, vm_id: str, *, fresh: bool) -> AccessToken:
        return self._held.shell(vm_id, fresh=fresh)

    @property
    def _held(self) -> Tokens:
        if self._tokens is None:
            self._tokens = Tokens(self._make, self._clock, self._vault())
        return self._tokens

    def _make(self, purpose: Purpose) -> AccessToken:
        minutes = self._settings.token_minutes
        if purpose.kind == SHELL:
            return shell_token(self._connection, purpose.vm_id, minutes)
        return port_token(self._connection, purpose.vm_id, purpose.ports, minutes)

    def _vault(self) -> Vault | None:
        if not self._settings.keyring:
            return None
        from mvm_tui.shell.keyring_vault import KeyringVault

        connection = self._connection
        account = connection.identity().account
        place = " ".join((connection.partition, account, connection.region, connection.endpoint))
        return KeyringVault(place, self._clock, self._say)

    def _resume(self, vm_id: str) -> None:
        """Through the fleet, so that the table shows it, and read-only mode forbids it."""
        for result in self._fleet.perform("microvm.resume", (vm_id,), lambda _: None):
            if result.problem is not None:
                raise result.problem
