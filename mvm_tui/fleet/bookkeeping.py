"""Between the ledger, the listing and the books: what was remembered, what is seen, what is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from mvm_tui.fleet.books import DAY, Books, Seen
from mvm_tui.fleet.history import History, Life, Transition
from mvm_tui.model.cost import MICROSECOND
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import MAX_DURATION_SECONDS
from mvm_tui.model.intervals import Kind, kind_of, microseconds, moment
from mvm_tui.model.microvm import TERMINATED
from mvm_tui.model.scope import Scope


def seen_of(row: FleetRow) -> Seen:
    """A row of the fleet as the books take it."""
    vm = row.vm
    ended = vm.details.terminated_at if vm.details else None
    return Seen(
        vm.id,
        (vm.image_arn, vm.image_version),
        vm.state,
        None if vm.started_at is None else microseconds(vm.started_at),
        None if ended is None else microseconds(ended),
    )


def transition_of(row: FleetRow, now: datetime) -> Transition:
    """A row of the fleet as history keeps it."""
    vm = row.vm
    ended = vm.details.terminated_at if vm.details else None
    return Transition(vm.id, vm.state, now, vm.image_arn, vm.image_version, vm.started_at, ended)


def remembered(history: History, scope: Scope, now: datetime) -> tuple[Iterator[Life], list[tuple[int, int]]]:
    """The lives and looks that today and yesterday may depend on. Raises Problem."""
    since = microseconds(now) // DAY * DAY - DAY
    return history.lives(scope, since), history.looks(scope, since - DAY)


def vanished(books: Books, listed: Collection[str], now: datetime) -> list[Seen]:
    """Those that a complete listing no longer holds: they ended meanwhile, in eight hours at most."""
    found = []
    at = microseconds(now)
    for life in books.lives():
        if life.id in listed or kind_of(life.state) is Kind.ENDED:
            continue
        longest = None if life.started is None else life.started + MAX_DURATION_SECONDS * MICROSECOND
        # The end is known only where the lifetime has set it.
        found.append(life._replace(state=TERMINATED, ended=longest if longest and longest < at else None))
    return found


def keep_vanished(history: History, scope: Scope, gone: Iterable[Seen], now: datetime) -> None:
    """Keep that MicroVMs have ended. Raises Problem."""
    history.observe(
        scope,
        [
            Transition(
                one.id,
                one.state,
                now,
                *one.version,
                None if one.started is None else moment(one.started),
                None if one.ended is None else moment(one.ended),
            )
            for one in gone
        ],
    )
