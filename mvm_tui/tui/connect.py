"""Opens a connection and makes its fleet. Everything here runs in a thread: botocore is loaded by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mvm_tui.aws.session import Connection, Target
    from mvm_tui.config.schema import Settings
    from mvm_tui.model.clock import Clock
    from mvm_tui.shell.session import Access
    from mvm_tui.tui.seams import Account, FleetLike, Opener, ShellAccessor
    from mvm_tui.tui.shell_access import ShellAccess


def opener(state_dir: Path, clock: Clock, settings: Settings) -> Opener:
    """An `Opener` whose fleets share one ledger file below `state_dir`."""

    def open_account(target: Target, generation: int, read_only: bool) -> Account:
        from mvm_tui.aws.session import Connection
        from mvm_tui.config.paths import LEDGER_FILE
        from mvm_tui.fleet.ledger import Ledger
        from mvm_tui.fleet.service import Fleet
        from mvm_tui.tui.seams import Account

        connection = Connection.open(target, clock)
        fleet = Fleet(
            connection, Ledger(state_dir / LEDGER_FILE), clock, generation=generation, read_only=read_only
        )
        return Account(
            fleet,
            connection.profile,
            connection.region,
            connection.partition,
            connection.endpoint,
            lambda: connection.identity().account,
            lambda: connection.expires_at,
            _shells(connection, fleet, settings, clock),
        )

    return open_account


def _shells(connection: Connection, fleet: FleetLike, settings: Settings, clock: Clock) -> ShellAccessor:
    """What a session of a shell is handed; nothing of shells is loaded before there is one."""
    made: list[ShellAccess] = []

    def access(resume: bool, say: Callable[[str], None]) -> Access:
        from mvm_tui.tui.shell_access import ShellAccess

        if not made:
            made.append(ShellAccess(connection, fleet, settings.shell, clock, say))
        return made[0].give(resume=resume)

    return access
