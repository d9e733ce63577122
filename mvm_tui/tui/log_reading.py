"""Reads the logs of one connection: finds whose lines are asked for, and follows them.

Nothing of it is loaded before logs are first opened.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from mvm_tui.aws import images
from mvm_tui.aws.logs import GET, LogReader
from mvm_tui.aws.session import Connection
from mvm_tui.logs.boots import Boots
from mvm_tui.logs.builds import build_log
from mvm_tui.logs.find import Absence, Finder, Missing
from mvm_tui.logs.follow import Follower, OnBatch, OnStatus
from mvm_tui.logs.history import Histories, History
from mvm_tui.logs.order import Batch
from mvm_tui.logs.places import Place, Where, nowhere
from mvm_tui.logs.status import Status
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.log_event import LogEvent
from mvm_tui.model.microvm import Microvm
from mvm_tui.tui.log_subject import Kind, Reading, Subject

# A run hook tells its snapshot among the first lines, if at all.
_FIRST_LINES = 50
_log = logging.getLogger(__name__)
# A MicroVM of many is looked for in its image's group, which costs one call for all of them.
_ONE_BY_ONE = 3

Vms = Callable[[], Sequence[Microvm]]
"""The MicroVMs that are meant, as they are known at the moment."""


class Older(Protocol):
    """Reads backwards, see `mvm_tui.logs.history.Histories`. Blocking; raises Problem."""

    @property
    def exhausted(self) -> bool: ...
    def older(self) -> list[LogEvent]: ...


class Following(Protocol):
    """`mvm_tui.logs.follow.Follower` as the UI uses it."""

    @property
    def status(self) -> Status: ...
    @property
    def history(self) -> Older | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def refresh(self) -> None: ...
    def set_live(self, on: bool) -> None: ...
    def live_seconds(self) -> float: ...


class LogsLike(Protocol):
    """`LogReading` as the UI uses it.

    Attributes:
        snapshots: What lines told of where MicroVMs came from.
    """

    snapshots: Snapshots

    def now_ms(self) -> int:
        """The service's time in milliseconds since 1970."""
        ...

    def follow(self, reading: Reading, vms: Vms, on_batch: OnBatch, on_status: OnStatus) -> Following:
        """A follower that is to be started; the callbacks come from its thread."""
        ...

    def learn_snapshot(self, vm: Microvm) -> None:
        """Look at the first lines of a MicroVM, once, for the snapshot it came from.

        Blocking; what fails is left: it is only a hint.
        """
        ...

    def older(self, reading: Reading, vms: Vms, before: int, pattern: str) -> Older:
        """What is before a moment, in milliseconds, and matches CloudWatch's own `pattern`.

        Blocking: it may have to look where the lines are. Raises Problem.
        """
        ...


class Snapshots:
    """Which snapshot each MicroVM came from, as far as lines told; shared by all who read logs."""

    def __init__(self) -> None:
        self._boots = Boots()
        self._lock = threading.Lock()

    def take(self, batch: Batch) -> None:
        """Look through what was read; called from any thread."""
        with self._lock:
            self._boots.take(batch.events)
            self._boots.take(batch.late)

    def of(self, vm: str) -> str:
        """The snapshot's name, untrusted; empty while it is not known."""
        with self._lock:
            boot = self._boots.of(vm)
            return str(boot) if boot else ""

    def mates(self, vm: str) -> frozenset[str]:
        """The ids of the others that are known to come from the same snapshot."""
        with self._lock:
            return self._boots.mates(vm)


class LogReading:
    """The logs of one connection."""

    def __init__(self, connection: Connection, clock: Clock, where: Where = nowhere) -> None:
        """`where`: what config and own launches know of a MicroVM's logging."""
        self._clock = clock
        self._reader = LogReader(connection, clock)
        self._where = where
        self._finder = Finder(self._reader, clock, where)
        self.snapshots = Snapshots()
        self._lock = threading.Lock()
        self._looked_at: set[str] = set()

    def now_ms(self) -> int:
        return self._reader.now_ms()

    def follow(self, reading: Reading, vms: Vms, on_batch: OnBatch, on_status: OnStatus) -> Following:
        span = reading.span
        since = None if span.newest else 0
        if span.seconds is not None:
            since = self.now_ms() - span.seconds * 1_000
        return Follower(
            self._reader,
            lambda: self._places(reading.subject, vms()),
            self._clock,
            on_batch,
            on_status,
            since=since,
            first=span.newest,
        )

    def learn_snapshot(self, vm: Microvm) -> None:
        with self._lock:
            if vm.id in self._looked_at:
                return
            self._looked_at.add(vm.id)
        try:
            place = self._finder.microvm(vm)
            if isinstance(place, Place) and place.single:
                time.sleep(self._reader.budget.reserve(GET, background=True))
                page = self._reader.stream_events(
                    place.group, place.single, limit=_FIRST_LINES, from_head=True
                )
                self.snapshots.take(Batch(tuple(page.events)))
        except Problem:
            _log.debug("the first lines of a MicroVM could not be read")

    def older(self, reading: Reading, vms: Vms, before: int, pattern: str) -> Older:
        places = self._places(reading.subject, vms())
        if isinstance(places, Missing):
            return Histories([])
        return Histories([History(self._reader, place, before=before, pattern=pattern) for place in places])

    def _places(self, subject: Subject, vms: Sequence[Microvm]) -> Sequence[Place] | Missing:
        """Where the lines are, or why there are none. Blocking; raises Problem."""
        if subject.kind is Kind.IMAGE:
            found = self._finder.image(subject.image)
            return found if isinstance(found, Missing) else [found]
        if subject.kind is Kind.BUILD:
            return self._builds(subject, vms)
        if not vms:
            return Missing(Absence.NOT_YET, "No MicroVM to read logs of.", "None is there yet.")
        if len(vms) <= _ONE_BY_ONE:
            return _merged(self._finder.microvm(vm) for vm in vms)
        alone = [vm for vm in vms if self._where(vm) is not None]
        together = [vm for vm in vms if self._where(vm) is None]
        whole = subject.kind is Kind.FLEET
        return _merged([*self._groups(together, whole=whole), *(self._finder.microvm(vm) for vm in alone)])

    def _builds(self, subject: Subject, vms: Sequence[Microvm]) -> Sequence[Place] | Missing:
        """The streams of a version's build; those of the fleet's own MicroVMs are none."""
        version = images.version(self._reader.connection, subject.image_arn, subject.version)
        found = build_log(self._finder, self._reader, version, [vm.id for vm in vms])
        return found if isinstance(found, Missing) else [found.place]

    def _groups(self, vms: Sequence[Microvm], *, whole: bool) -> Iterable[Place | Missing]:
        """The groups of the MicroVMs' images. `whole` takes all lines of them, those of others too."""
        by_image: dict[str, set[str]] = {}
        for vm in vms:
            by_image.setdefault(vm.image_name, set()).add(vm.id)
        for name, ids in sorted(by_image.items()):
            found = self._finder.image(name)
            yield replace(found, vms=frozenset(ids)) if isinstance(found, Place) and not whole else found


def _merged(found: Iterable[Place | Missing]) -> Sequence[Place] | Missing:
    """The places among the answers, each group once; the gravest reason if there is none."""
    places: list[Place] = []
    missing: list[Missing] = []
    for answer in found:
        if isinstance(answer, Missing):
            missing.append(answer)
        else:
            places.append(answer)
    if not places and missing:
        return max(missing, key=lambda one: _GRAVITY.index(one.absence))
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.group, []).append(place)
    return [_together(group) for group in groups.values()]


def _together(places: Sequence[Place]) -> Place:
    """Places of one group as one; a place that takes the whole group swallows the others."""
    if len(places) == 1:
        return places[0]
    if all(place.streams for place in places):
        return Place(
            places[0].group, tuple(dict.fromkeys(name for place in places for name in place.streams))
        )
    if all(place.vms for place in places):
        return Place(places[0].group, vms=frozenset().union(*(place.vms for place in places)))
    return Place(places[0].group)


# Of several reasons the last of these is told: it is the one that something can be done about.
_GRAVITY = (Absence.NOT_YET, Absence.NO_GROUP, Absence.NO_ROLE, Absence.DISABLED, Absence.DENIED)
