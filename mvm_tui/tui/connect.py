"""Opens a connection and makes its fleet. Everything here runs in a thread: botocore is loaded by it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mvm_tui.model.errors import Problem

if TYPE_CHECKING:
    from mvm_tui.aws.session import Connection, Target
    from mvm_tui.config.schema import Settings
    from mvm_tui.fleet.ledger import Ledger
    from mvm_tui.model.clock import Clock
    from mvm_tui.model.launch import Logging
    from mvm_tui.model.microvm import Microvm
    from mvm_tui.reach.access import Access as PortAccess
    from mvm_tui.shell.session import Access as ShellAccess
    from mvm_tui.tui.build_jobs import BuilderLike
    from mvm_tui.tui.guest_access import GuestAccess
    from mvm_tui.tui.log_reading import LogsLike
    from mvm_tui.tui.seams import Account, FleetLike, ImagesLike, Opener


def opener(state_dir: Path, clock: Clock, settings: Settings) -> Opener:
    """An `Opener` whose fleets share one ledger file below `state_dir`."""

    def open_account(target: Target, generation: int, read_only: bool) -> Account:
        from mvm_tui.aws.session import Connection
        from mvm_tui.config.paths import LEDGER_FILE
        from mvm_tui.fleet.ledger import Ledger
        from mvm_tui.fleet.service import Fleet
        from mvm_tui.tui.seams import Account

        connection = Connection.open(target, clock)
        ledger = Ledger(state_dir / LEDGER_FILE)
        fleet = Fleet(connection, ledger, clock, generation=generation, read_only=read_only)
        guests = _Guests(connection, fleet, settings, clock)
        return Account(
            fleet,
            connection.profile,
            connection.region,
            connection.partition,
            connection.endpoint,
            lambda: connection.identity().account,
            lambda: connection.expires_at,
            guests.shell,
            guests.port,
            cache(lambda: _logs(connection, ledger, clock, settings)),
            cache(lambda: _images(connection, fleet, read_only=read_only)),
            cache(lambda: _builder(connection, clock, read_only=read_only)),
        )

    return open_account


class _Guests:
    """What shells and ports are handed; nothing of either is loaded before there is one."""

    def __init__(self, connection: Connection, fleet: FleetLike, settings: Settings, clock: Clock) -> None:
        self._parts = (connection, fleet, settings.shell, clock)
        self._access: GuestAccess | None = None

    def shell(self, resume: bool, say: Callable[[str], None]) -> ShellAccess:
        return self._made(say).shell(resume=resume)

    def port(self, vm_id: str, port: int | None, resume: bool, say: Callable[[str], None]) -> PortAccess:
        return self._made(say).port(vm_id, port, resume=resume)

    def _made(self, say: Callable[[str], None]) -> GuestAccess:
        from mvm_tui.tui.guest_access import GuestAccess

        if self._access is None:
            self._access = GuestAccess(*self._parts, say)
        return self._access


def _logs(connection: Connection, ledger: Ledger, clock: Clock, settings: Settings) -> LogsLike:
    from mvm_tui.logs.places import where
    from mvm_tui.tui.log_reading import LogReading

    def remembered(vm: Microvm) -> Logging | None:
        try:
            return ledger.logging(connection.scope_of(vm.image_arn), vm.id)
        except Problem:
            # Without its own memory the app looks for the log as for anybody's.
            return None

    return LogReading(connection, clock, where(settings.logs.places(), remembered))


def _images(connection: Connection, fleet: FleetLike, *, read_only: bool) -> ImagesLike:
    from mvm_tui.fleet.images import Images

    return Images(connection, read_only=read_only, changed=fleet.spend.reread_images)


def _builder(connection: Connection, clock: Clock, *, read_only: bool) -> BuilderLike:
    from mvm_tui.builds.builder import Builder

    return Builder(connection, clock, read_only=read_only)
