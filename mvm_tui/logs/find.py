"""Finds the group and the streams of a MicroVM by every form that is known, and says why there are none.

Neither is told by the service: groups have two default names, streams are named after the MicroVM in three
ways, and a launch may have chosen its own. The likeliest place is asked first, so that most MicroVMs are
found by one call, which brings their last lines along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from mvm_tui.aws.logs import DESCRIBE_GROUPS, DESCRIBE_STREAMS, LogReader, lacks
from mvm_tui.logs.places import Place, Where, nowhere
from mvm_tui.model.clock import Clock
from mvm_tui.model.durations import plain_duration
from mvm_tui.model.errors import Denied, Gone, Problem
from mvm_tui.model.launch import Logging
from mvm_tui.model.log_event import GROUP_PREFIXES, dated_stream, default_groups, vm_of_stream
from mvm_tui.model.microvm import Microvm

# The first line comes about 5 s after a launch (measured by rayito, September 2026); once it took 30 minutes.
_FIRST_LINES_SECONDS = 120
# How many groups are searched for a MicroVM that is in none of its own.
_SCANNED_GROUPS = 100
_SCAN_PAUSE_SECONDS = 300.0
# How many pages of streams are read for one beginning of a name.
_STREAM_PAGES = 10
# And how many of groups, as long as they are empty.
_GROUP_PAGES = 10


class Absence(Enum):
    """Why there is nothing to read."""

    NOT_YET = "no logs yet"
    NO_ROLE = "no execution role"
    DISABLED = "logging disabled"
    DENIED = "no permission"
    NO_GROUP = "no such group"


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing to read, and why: what is so, the reason, and what to do next, as in `Problem`."""

    absence: Absence
    what: str
    why: str
    fix: str = ""


Sleep = Callable[[float], object]


class Finder:
    """Finds places and remembers which group answered for an image. Blocking; safe to share by threads."""

    def __init__(
        self, reader: LogReader, clock: Clock, where: Where = nowhere, *, sleep: Sleep = time.sleep
    ) -> None:
        """`where` tells what config and own launches know; `sleep` waits for the next permitted call."""
        self._reader = reader
        self._clock = clock
        self._where = where
        self._sleep = sleep
        self._groups: dict[str, str] = {}
        self._places: dict[str, Place] = {}
        self._scanned: dict[str, float] = {}

    def microvm(self, vm: Microvm) -> Place | Missing:
        """The place of one MicroVM's lines, or why there is none. Raises Problem, but Denied is an answer.

        `vm` should have its details: without them the lack of an execution role goes unseen.
        """
        if vm.id in self._places:
            return self._places[vm.id]
        told = self._where(vm) or Logging()
        if told.disabled:
            return _disabled()
        try:
            place = self._search(vm, told)
        except Denied as problem:
            return _denied(problem)
        if isinstance(place, Place):
            self._places[vm.id] = place
        return place

    def image(self, name: str, version: str = "") -> Place | Missing:
        """The group of an image, with all its streams. Raises Problem, but Denied is an answer.

        With a `version` only the caller can tell which streams are meant: see `mvm_tui.logs.builds`.
        """
        try:
            for group in self._candidates(name):
                if self._exists(group):
                    self._groups[name] = group
                    return Place(group)
        except Denied as problem:
            return _denied(problem)
        return _no_group(default_groups(name))

    def group_of(self, image_name: str) -> str:
        """The group in which an image's MicroVMs are taken to log, without asking."""
        return self._candidates(image_name)[0]

    def likely(self, vm: Microvm) -> Place | None:
        """Where a MicroVM most probably logs, without asking; None where it logs nowhere.

        Reading there at once saves a call; `microvm` is for when that is refused.
        """
        if vm.id in self._places:
            return self._places[vm.id]
        told = self._where(vm) or Logging()
        if told.disabled:
            return None
        stream = told.stream or (
            dated_stream(vm.started_at, vm.image_version, vm.id) if vm.started_at else ""
        )
        group = told.group or self.group_of(vm.image_name)
        return Place(group, (stream,)) if stream else Place(group, vms=frozenset({vm.id}))

    def _candidates(self, image_name: str) -> tuple[str, ...]:
        answered = self._groups.get(image_name)
        groups = default_groups(image_name)
        return groups if answered is None else (answered, *(group for group in groups if group != answered))

    def _search(self, vm: Microvm, told: Logging) -> Place | Missing:
        groups = (told.group,) if told.group else self._candidates(vm.image_name)
        there = []
        for group in groups:
            streams = self._streams(group, vm, told.stream)
            if streams:
                self._groups[vm.image_name] = group
                return Place(group, streams)
            if streams is not None:
                there.append(group)
        if not told.group and self._may_scan(vm) and (place := self._scan(vm, groups)):
            return place
        return self._why_none(vm, told, groups, there)

    def _streams(
        self, group: str, vm: Microvm, chosen: str, *, thorough: bool = True
    ) -> tuple[str, ...] | None:
        """The streams of a MicroVM in a group; None where there is no such group."""

        def wanted(name: str) -> bool:
            return name == chosen if chosen else vm_of_stream(name) == vm.id

        try:
            for prefix in [chosen] if chosen else _prefixes(vm, thorough):
                if found := tuple(filter(wanted, self._names(group, prefix))):
                    return found
        except Gone as problem:
            if lacks(problem) == "group":
                return None
        return ()

    def _names(self, group: str, prefix: str) -> Iterator[str]:
        """The streams that begin so; of very many only the first pages."""
        pages = self._reader.stream_names(group, prefix)
        for _ in range(_STREAM_PAGES):
            self._pace(DESCRIBE_STREAMS)
            page = next(pages, None)
            if page is None:
                return
            yield from (stream.name for stream in page)

    def _may_scan(self, vm: Microvm) -> bool:
        """Whether to search everywhere: not for one whose first line is due, nor again and again."""
        now = self._clock.monotonic()
        last = self._scanned.get(vm.id)
        if self._young(vm) or (last is not None and now - last < _SCAN_PAUSE_SECONDS):
            return False
        self._scanned[vm.id] = now
        return True

    def _scan(self, vm: Microvm, known: tuple[str, ...]) -> Place | None:
        """Look for a MicroVM in every other group of MicroVMs: an image's name may not be its group's."""
        left = _SCANNED_GROUPS
        for prefix in GROUP_PREFIXES:
            self._pace(DESCRIBE_GROUPS)
            for page in self._reader.group_names(prefix):
                for group in page:
                    if group in known:
                        continue
                    if left == 0:
                        return None
                    left -= 1
                    if streams := self._streams(group, vm, "", thorough=False):
                        return Place(group, streams)
                self._pace(DESCRIBE_GROUPS)
        return None

    def _exists(self, group: str) -> bool:
        pages = self._reader.group_names(group)
        for _ in range(_GROUP_PAGES):
            self._pace(DESCRIBE_GROUPS)
            page = next(pages, None)
            if page or page is None:
                # In the order of names: the one that all others begin with is the first.
                return group in (page or ())
        return False

    def _why_none(self, vm: Microvm, told: Logging, groups: tuple[str, ...], there: list[str]) -> Missing:
        if vm.details is not None and vm.details.execution_role is None:
            return _no_role()
        if not there and (told.group or not self._young(vm)):
            return _no_group(groups)
        return _not_yet(vm.ended)

    def _young(self, vm: Microvm) -> bool:
        started = vm.started_at
        return started is None or self._clock.now() - started < timedelta(seconds=_FIRST_LINES_SECONDS)

    def _pace(self, operation: str) -> None:
        self._sleep(self._reader.budget.reserve(operation, background=False))


def _prefixes(vm: Microvm, thorough: bool) -> list[str]:
    """What a MicroVM's streams may begin with: the day of its start with version and id, its id alone, and
    where it pays to look harder the days beside it and all streams of the day."""
    if vm.started_at is None:
        return [vm.id]
    likely = [dated_stream(vm.started_at, vm.image_version, vm.id), vm.id]
    if not thorough:
        return likely
    beside = [vm.started_at + timedelta(days=day) for day in (1, -1)]
    others = [dated_stream(day, vm.image_version, vm.id) for day in beside]
    return [*likely, *others, likely[0].partition("[")[0] + "["]


def _disabled() -> Missing:
    return Missing(
        Absence.DISABLED,
        "Logging is disabled for this MicroVM.",
        "It was launched so, and that cannot be changed.",
        "Launch one with logging to see its lines.",
    )


def _no_role() -> Missing:
    return Missing(
        Absence.NO_ROLE,
        "There are no logs, and none will come.",
        "The MicroVM was launched without an execution role, so it may not write any.",
        "Launch one with a role that may write to CloudWatch Logs.",
    )


def _denied(problem: Problem) -> Missing:
    return Missing(Absence.DENIED, problem.what, problem.why, problem.fix)


def _no_group(groups: tuple[str, ...]) -> Missing:
    names = " nor ".join(groups)
    return Missing(
        Absence.NO_GROUP,
        f"There is no log group {names}.",
        "Nothing has logged there: the role may lack the right to, or the lines go elsewhere.",
        "Name the group for the image in the config file: [logs.images.NAME].",
    )


def _not_yet(ended: bool) -> Missing:
    if ended:
        why = "It has ended; what it wrote last may still be on its way, or it wrote nothing."
    else:
        why = f"The first line comes seconds after a launch, seldom later than {plain_duration(120)}."
    return Missing(
        Absence.NOT_YET,
        "No logs yet.",
        why,
        "A MicroVM logs what its app writes to stdout and stderr; its role needs the right to write logs.",
    )
