"""Joins what the service says with what the ledger remembers, by the scope each MicroVM belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from mvm_tui.aws.images import version
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.history import History, Learned, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.store import Store
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.launch import Logging
from mvm_tui.model.microvm import Microvm
from mvm_tui.model.quota import MEMORY
from mvm_tui.model.scope import Scope

_RECALL_SECONDS = 20.0
# How often it is kept that somebody looked: rarer than sweeps, far more often than what counts as a gap.
_LOOK_SECONDS = 15.0


class Memory:
    """Names, sizes and history of one connection's MicroVMs. A failing ledger disturbs nothing."""

    def __init__(self, connection: Connection, ledger: Ledger, store: Store, clock: Clock) -> None:
        self._connection = connection
        self._ledger = ledger
        self._history = History(ledger)
        self._store = store
        self._clock = clock
        self._scopes: dict[str, Scope] = {}
        self._looked_at = -_LOOK_SECONDS
        self._recalled: dict[Scope, tuple[float, dict[str, str]]] = {}

    def recall(self, microvms: Iterable[Microvm]) -> None:
        """Tell the store the names and sizes known for the accounts of these MicroVMs.

        They are read again now and then: another copy of the program may have changed them.
        """
        now = self._clock.monotonic()
        for scope in {self.scope_of(arn) for arn in {vm.image_arn for vm in microvms}}:
            read_at, before = self._recalled.get(scope, (-_RECALL_SECONDS, {}))
            if now - read_at < _RECALL_SECONDS:
                continue
            try:
                names, sizes = self._ledger.names(scope), self._ledger.sizes(scope)
            except Problem:
                names, sizes = before, {}
            self._recalled[scope] = (now, names)
            self._store.learn({**dict.fromkeys(before, ""), **names}, sizes)

    def scope_of(self, image_arn: str) -> Scope:
        if image_arn not in self._scopes:
            self._scopes[image_arn] = self._connection.scope_of(image_arn)
        return self._scopes[image_arn]

    def record(self, moved: Sequence[FleetRow]) -> None:
        """Keep the states that MicroVMs were seen to go into."""
        now = self._clock.now()
        seen: dict[Scope, list[Transition]] = {}
        for row in moved:
            vm = row.vm
            if vm.ended and not row.changed_at:
                # It ended before we looked, and when is not known.
                continue
            transition = Transition(
                vm.id,
                vm.state,
                now,
                vm.image_arn,
                vm.image_version,
                vm.started_at,
                vm.details.terminated_at if vm.details else None,
            )
            seen.setdefault(self.scope_of(vm.image_arn), []).append(transition)
        for scope, transitions in seen.items():
            with suppress(Problem):
                self._history.observe(scope, transitions)

    def looked(self) -> None:
        """The whole fleet was read. Kept now and then: the time between is short."""
        now = self._clock.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        for scope in set(self._scopes.values()):
            with suppress(Problem):
                self._history.looked(scope, self._clock.now())

    def keep_limit(self, memory_mib: int) -> None:
        """Keep what a refused launch taught of the memory quota."""
        self._learn(MEMORY, float(memory_mib))

    def keep_rates(self) -> None:
        """Keep what throttled calls taught of the rates."""
        for operation, rate in self._connection.budget.taught().items():
            self._learn(f"rate:{operation}", rate)

    def learned(self) -> dict[str, Learned]:
        """All that refusals taught, by the id of the quota."""
        found: dict[str, Learned] = {}
        for scope in set(self._scopes.values()):
            with suppress(Problem):
                found |= self._history.learned(scope)
        return found

    def limit(self) -> int | None:
        """The memory that an earlier refusal showed to be all there is, in MiB; None if there was none."""
        found = self.learned().get(MEMORY)
        return None if found is None else round(found.value)

    def _learn(self, what: str, value: float) -> None:
        for scope in set(self._scopes.values()):
            with suppress(Problem):
                self._history.learn(scope, what, value, self._clock.now())

    def name(self, vm: Microvm, name: str) -> None:
        """Name a MicroVM. Raises Problem if the name could not be kept."""
        scope = self.scope_of(vm.image_arn)
        self._ledger.set_name(scope, vm.id, name)
        if scope in self._recalled:
            self._recalled[scope][1][vm.id] = name
        self._store.set_name(vm.id, name)

    def keep_logging(self, vm: Microvm, logging: Logging) -> None:
        """Remember where a launch told its MicroVM to log."""
        with suppress(Problem):
            self._ledger.set_logging(self.scope_of(vm.image_arn), vm.id, logging)

    def logging_of(self, vm: Microvm) -> Logging | None:
        """Where a launch from here told a MicroVM to log; None if it told nothing that is remembered."""
        with suppress(Problem):
            return self._ledger.logging(self.scope_of(vm.image_arn), vm.id)
        return None

    def read_size(self, image_arn: str, number: str) -> None:
        """Ask the service for the size of an image version and keep it for good. Raises Problem."""
        memory = version(self._connection, image_arn, number).memory_mib
        if memory is None:
            return
        self._store.learn({}, {(image_arn, number): memory})
        try:
            self._ledger.set_size(self.scope_of(image_arn), image_arn, number, memory)
        except Problem:
            return
