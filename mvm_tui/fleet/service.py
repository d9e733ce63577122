"""The fleet: the one object that the UI and the command line hold."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mvm_tui.aws import connectors, images, microvms, quotas
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.bookkeeper import Bookkeeper
from mvm_tui.fleet.bulk import Bulk
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.memory import Memory
from mvm_tui.fleet.perform import DEEDS, Result
from mvm_tui.fleet.poller import Poller
from mvm_tui.fleet.quotas import quotas as list_quotas
from mvm_tui.fleet.quotas import read_values
from mvm_tui.fleet.store import Store
from mvm_tui.model.backoff import jittered
from mvm_tui.model.clock import Clock
from mvm_tui.model.connectors import NetworkConnector
from mvm_tui.model.errors import MemoryUsedUp, Problem, ReadOnly, Throttled
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.launch import Launched, LaunchRequest, Logging
from mvm_tui.model.microvm import Microvm
from mvm_tui.model.quota import MEMORY, MemoryQuota, Quota
from mvm_tui.model.text import clean

NAME_LIMIT = 64
_LAUNCH_ATTEMPTS = 5
_SETTLE_PAUSE_SECONDS = 0.5
# How soon a user who stops waiting is heard.
_LISTEN_SECONDS = 0.1


def _never() -> bool:
    return False


class Fleet:
    """The MicroVMs of one connection. Safe to use from any thread.

    Methods marked "blocking" call the service or touch the ledger: not for the UI's own thread.
    """

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        clock: Clock,
        *,
        generation: int = 0,
        read_only: bool = False,
        sweep_seconds: float = 5.0,
    ) -> None:
        """`sweep_seconds`: the time between two readings of the listing while somebody looks."""
        self.connection = connection
        self.generation = generation
        self.read_only = read_only
        self._clock = clock
        self._store = Store(clock)
        self._memory = Memory(connection, ledger, self._store, clock)
        self._poller = Poller(connection, self._store, self._memory, clock, sweep_seconds)
        self._rates_asked: set[str] = set()
        self.spend = Bookkeeper(connection, ledger, clock, self._store.rows)

    def start(self, on_change: Callable[[ChangeSet], None]) -> None:
        """Start polling. `on_change` is called from other threads, never twice at once, and may not block."""

        def told(change: ChangeSet) -> None:
            self.spend.feed(change)
            on_change(change)

        self._poller.start(told, self.generation)
        self.spend.start()

    def stop(self) -> None:
        """End polling; returns at once. Answers still under way are dropped."""
        self._poller.stop()
        self.spend.stop()

    def refresh(self) -> None:
        """Read the whole listing now, at the pace of something the user asked for."""
        self._poller.refresh()

    def rows(self) -> dict[str, FleetRow]:
        """A copy of the snapshot, by id."""
        return self._store.rows()

    def row(self, microvm_id: str) -> FleetRow | None:
        """The latest of one MicroVM; None if it is not known (any more)."""
        return self._store.row(microvm_id)

    def want_details(self, ids: Sequence[str], *, on_screen: bool = True) -> None:
        """Replace the list of MicroVMs whose details are read in the background, first things first.

        The rows on screen and those that a sort or a filter needs are two lists; the first is served first.
        """
        self._poller.closeups.want(ids, on_screen=on_screen)
        self._poller.wake()

    def details_progress(self) -> tuple[int, int]:
        """(read, wanted) of the MicroVMs that a sort or a filter needs."""
        return self._poller.closeups.progress()

    def watch(self, ids: Sequence[str]) -> None:
        """Poll these fast until their state settles."""
        self._poller.closeups.watch(ids, self._clock.monotonic())
        self._poller.wake()

    def set_hidden(self, hidden: bool) -> None:
        """Whether nobody looks: polling slows down."""
        self._poller.set_hidden(hidden)

    def rename(self, microvm_id: str, name: str) -> None:
        """Give a MicroVM a local name; empty removes it. Blocking.

        Raises:
            Problem: The MicroVM is not known, or the name could not be kept.
        """
        row = self._store.row(microvm_id)
        vm = row.vm if row is not None else microvms.get(self.connection, microvm_id)
        self._memory.name(vm, clean(name.strip(), NAME_LIMIT))
        self._poller.tell()

    def quotas(self) -> list[Quota]:
        """All quotas: used as far as it is counted, applied, published. Blocking. Raises Problem."""
        used: dict[str, float] = {}
        if (memory := self.quota()) is not None:
            used[MEMORY] = memory.used_mib
        used |= self.spend.image_counts()
        values = read_values(self.connection)
        return list_quotas(values, self._memory.learned(), used, self.connection.region)

    def quota(self) -> MemoryQuota | None:
        """Allocated memory and limit as far as they are known; None before the first listing."""
        return self._poller.errands.quota

    def perform(
        self,
        action_id: str,
        ids: Sequence[str],
        on_result: Callable[[Result], None],
        cancelled: Callable[[], bool] = _never,
    ) -> list[Result]:
        """Suspend, resume or terminate: paced, retried, verified. Blocking.

        `action_id` is ``microvm.suspend``, ``microvm.resume`` or ``microvm.terminate``. Each MicroVM gets
        exactly one result, also handed to `on_result` from this thread as soon as it is known.

        Raises:
            ReadOnly: The fleet is read-only; nothing was done.
            ValueError: No such action.
        """
        if (deed := DEEDS.get(action_id)) is None:
            raise ValueError(f"{action_id!r} does nothing to MicroVMs")
        self._forbid_in_read_only(deed.operation)
        self._store.set_pending(ids, deed.pending)
        self._poller.closeups.set_busy(ids, True)
        self._poller.tell()
        bulk = Bulk(
            self.connection, self._store, self._clock, deed, tell=self._poller.tell, cancelled=cancelled
        )
        settled: set[str] = set()

        def report(result: Result) -> None:
            if result.ok:
                settled.add(result.id)
            on_result(result)

        try:
            if len(ids) > 1:
                self._learn_rate(deed.operation)
            return bulk.run(ids, report)
        finally:
            self._store.set_pending(ids, "")
            self._poller.closeups.set_busy(ids, False)
            self.watch([key for key in ids if key not in settled])
            self._memory.keep_rates()

    def launch(self, request: LaunchRequest, name: str = "") -> Launched:
        """Launch a MicroVM and keep its name. Blocking. Raises Problem, ReadOnly."""
        self._forbid_in_read_only("RunMicrovm")
        if not request.client_token:
            request = replace(request, client_token=str(uuid.uuid4()))
        launched = self._run(request)
        vm = launched.vm
        self._memory.recall([vm])
        self._memory.keep_rates()
        if request.logging != Logging():
            self._memory.keep_logging(vm, request.logging)
        if name:
            try:
                self._memory.name(vm, clean(name.strip(), NAME_LIMIT))
            except Problem:
                # It runs, which is what counts; the ledger's complaint tells about the name.
                self._store.set_name(vm.id, clean(name.strip(), NAME_LIMIT))
        self._poller.tell()
        self.watch([vm.id])
        return launched

    def logging_of(self, vm: Microvm) -> Logging | None:
        """Where a launch from here told a MicroVM to log: the service does not tell. Blocking."""
        return self._memory.logging_of(vm)

    def settle(self, microvm_id: str, timeout: float, cancelled: Callable[[], bool] = _never) -> Microvm:
        """Read a MicroVM until its state is no transition, at most `timeout` seconds. Blocking.

        The last reading, settled or not. Raises Problem if it cannot be read.
        """
        deadline = self._clock.monotonic() + timeout
        while True:
            ticket = self._store.ticket()
            vm = microvms.get(self.connection, microvm_id)
            self._store.apply(vm, ticket)
            self._poller.tell()
            left = deadline - self._clock.monotonic()
            if not vm.in_transition or left <= 0 or not _wait(min(_SETTLE_PAUSE_SECONDS, left), cancelled):
                return vm

    def images(self) -> list[Image]:
        """All images. Blocking. Raises Problem."""
        return [image for page in images.images(self.connection) for image in page]

    def versions(self, image_arn: str) -> list[ImageVersion]:
        """All versions of an image. Blocking. Raises Problem."""
        return [one for page in images.versions(self.connection, image_arn) for one in page]

    def connectors(self) -> list[NetworkConnector]:
        """The account's own connectors. Blocking. Raises Problem."""
        return [one for page in connectors.connectors(self.connection) for one in page]

    def raw(self, microvm_id: str) -> dict[str, Any]:
        """The service's answer for a MicroVM as JSON values. Blocking. Raises Problem."""
        return microvms.get_raw(self.connection, microvm_id)

    def _run(self, request: LaunchRequest) -> Launched:
        """The same client token each time: a launch whose answer was lost is not launched twice."""
        for attempt in range(_LAUNCH_ATTEMPTS):
            _wait(self.connection.budget.reserve("RunMicrovm", background=False), _never)
            ticket = self._store.ticket()
            try:
                launched = microvms.run(self.connection, request)
            except Problem as problem:
                self._learn_from(problem)
                if not problem.temporary or attempt == _LAUNCH_ATTEMPTS - 1:
                    raise
                _wait(max(jittered(2.0**attempt * 0.5), problem.retry_after or 0.0), _never)
            else:
                self._store.apply(launched.vm, ticket)
                return launched
        raise AssertionError("the last attempt returns or raises")

    def _learn_from(self, problem: Problem) -> None:
        """What a refused launch says of the quotas."""
        if isinstance(problem, Throttled):
            self.connection.budget.throttled("RunMicrovm")
        elif isinstance(problem, MemoryUsedUp) and self._poller.sweeper.complete:
            self._poller.errands.refused(self._clock.monotonic())

    def _learn_rate(self, operation: str) -> None:
        """Pace by the rate applied to this account, where it can be read; else by the published one."""
        if operation in self._rates_asked:
            return
        self._rates_asked.add(operation)
        try:
            rate = quotas.call_rate(self.connection, operation)
        except Problem:
            return
        if rate is not None:
            self.connection.budget.learn(operation, rate)

    def _forbid_in_read_only(self, operation: str) -> None:
        if self.read_only:
            raise ReadOnly("Read-only mode: nothing was done.", f"{operation} changes something.")


def _wait(seconds: float, cancelled: Callable[[], bool]) -> bool:
    """Wait; False as soon as the user stops it."""
    never_set = threading.Event()
    while seconds > 0:
        if cancelled():
            return False
        never_set.wait(min(seconds, _LISTEN_SECONDS))
        seconds -= _LISTEN_SECONDS
    return not cancelled()
