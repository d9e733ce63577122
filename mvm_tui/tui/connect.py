"""Opens a connection and makes its fleet. Everything here runs in a thread: botocore is loaded by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mvm_tui.aws.session import Target
    from mvm_tui.model.clock import Clock
    from mvm_tui.tui.seams import Account, Opener


def opener(state_dir: Path, clock: Clock) -> Opener:
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
        )

    return open_account
