"""From states that were seen now and then to the time spent in each: what was observed, what is assumed.

Moments are microseconds since 1970 as int. Looking is a list of periods during which the fleet was read
again and again; between two of them, and before the first, nobody knows what a MicroVM did. Such a gap
has several readings, and what a MicroVM cost lies between the cheapest and the dearest of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from mvm_tui.model.cost import Usage
from mvm_tui.model.microvm import ENDED, SUSPENDED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Look = tuple[int, int]


class Kind(Enum):
    """What a state means for the bill."""

    START = "start"
    RUNS = "runs"
    SUSPENDED = "suspended"
    ENDED = "ended"


def microseconds(moment: datetime) -> int:
    """A moment as an int, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds_since_1970: int) -> datetime:
    """The reverse of `microseconds`."""
    return _EPOCH + microseconds_since_1970 * _MICROSECOND


def kind_of(state: str) -> Kind:
    """A state's kind. What is unknown is taken to run, and so is what is about to start or to suspend."""
    if state == SUSPENDED:
        return Kind.SUSPENDED
    return Kind.ENDED if state in ENDED else Kind.RUNS


class Sighting(NamedTuple):
    """A MicroVM was seen in a state at a moment, the first time since it was in another."""

    state: str
    at: int


class Span(NamedTuple):
    """Time in one kind of state. `observed` is False where it is only assumed."""

    runs: bool
    begin: int
    end: int
    observed: bool


class Event(NamedTuple):
    """A launch, suspend or resume: the name of its member in `Usage`, and when."""

    name: str
    at: int
    observed: bool


class Gap(NamedTuple):
    """Time in which nobody looked, and what was seen before and after it."""

    length: int
    before: Kind
    after: Kind

    def readings(self) -> tuple[Usage, ...]:
        """What may have happened meanwhile, with one unseen change at most; first what is assumed."""
        length = self.length
        if self.before is Kind.SUSPENDED:
            if self.after is Kind.RUNS:
                return Usage(running=length, resumes=1), Usage(suspended=length, resumes=1)
            back = Usage(running=length, resumes=1, suspends=int(self.after is Kind.SUSPENDED))
            kept = Usage(suspended=length)
            return (kept, back) if self.after is Kind.SUSPENDED else (kept, Usage(), back)
        if self.after is Kind.RUNS:
            return Usage(running=length), Usage(suspended=length, suspends=1, resumes=1)
        if self.after is Kind.SUSPENDED:
            return Usage(running=length, suspends=1), Usage(suspended=length, suspends=1)
        return Usage(running=length), Usage(), Usage(suspended=length, suspends=1)

    def spread(self, price: Callable[[Usage], Decimal]) -> tuple[Decimal, Decimal]:
        """How far the cheapest and the dearest reading are below and above the assumed one, in USD."""
        amounts = [price(usage) for usage in self.readings()]
        return amounts[0] - min(amounts), max(amounts) - amounts[0]


@dataclass(slots=True)
class Timeline:
    """One MicroVM's life in pieces."""

    spans: list[Span] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def usage(self, begin: int = -(2**63), end: int = 2**63, *, observed: bool | None = None) -> Usage:
        """What happened from `begin` until before `end`; with `observed` only what was, or was not, seen."""
        running = suspended = 0
        for runs, left, right, seen in self.spans:
            if observed is None or seen is observed:
                length = min(right, end) - max(left, begin)
                if length > 0 and runs:
                    running += length
                elif length > 0:
                    suspended += length
        counted = {"launches": 0, "suspends": 0, "resumes": 0}
        for name, at, seen in self.events:
            if (observed is None or seen is observed) and begin <= at < end:
                counted[name] += 1
        return Usage(running, suspended, **counted)

    @property
    def certain(self) -> bool:
        """Whether nothing of it is assumed."""
        return not self.gaps

    @property
    def doubtful(self) -> bool:
        """Whether a change happened unseen, so that only a range can be told and no figure."""
        return any(
            gap.before is not gap.after and (gap.before, gap.after) != (Kind.START, Kind.RUNS)
            for gap in self.gaps
        )

    @property
    def unseen(self) -> int:
        """Microseconds in which nobody looked."""
        return sum(gap.length for gap in self.gaps)


def timeline(
    sightings: Sequence[Sighting], looks: Sequence[Look], started: int | None, ended: int | None, now: int
) -> Timeline:
    """Put a MicroVM's life together.

    Args:
        sightings: In order of time.
        looks: Periods of looking, in order and apart from each other.
        started: When the service says it started; None if it does not say.
        ended: When the service says it ended; None while it lives, or if it does not say.
        now: The end of what is told; itself a moment of looking if `looks` says so.
    """
    built = _Builder(looks)
    if not sightings:
        return built.result
    first, last = sightings[0], sightings[-1]
    if started is not None:
        built.result.events.append(Event("launches", started, True))
        built.stretch(started, first.at, Kind.START, kind_of(first.state))
    for here, there in pairwise(sightings):
        # A state that was seen after the end the service states is an answer that came late.
        limit = there.at if ended is None else min(there.at, ended)
        built.stretch(here.at, limit, kind_of(here.state), kind_of(there.state))
    if kind_of(last.state) is not Kind.ENDED:
        end = now if ended is None else ended
        after = kind_of(last.state) if ended is None else Kind.ENDED
        built.stretch(last.at, end, kind_of(last.state), after)
    return built.result


class _Builder:
    """Cuts stretches between sightings at the edges of looking."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self.result = Timeline()
        self._looks = looks
        self._begins = [begin for begin, _ in looks]

    def covered(self, at: int) -> bool:
        """Whether somebody was looking just before `at`."""
        index = bisect_right(self._begins, at) - 1
        return index >= 0 and self._looks[index][0] < at <= self._looks[index][1]

    def stretch(self, begin: int, end: int, before: Kind, after: Kind) -> None:
        """The time between two sightings."""
        if end < begin or before is Kind.ENDED:
            return
        kind, change = before, end
        for left, right, looking in self._cut(begin, end):
            if looking:
                self.result.spans.append(Span(kind is not Kind.SUSPENDED, left, right, True))
            else:
                change = self._gap(left, right, kind, after if right == end else kind)
            kind = Kind.RUNS if kind is Kind.START else kind
        self._change(before, after, change, observed=self.covered(end))

    def _cut(self, begin: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """[begin, end] in pieces, with whether somebody looked."""
        at = begin
        index = max(bisect_right(self._begins, begin) - 1, 0)
        for left, right in self._looks[index:]:
            left, right = max(left, at), min(right, end)
            if left >= end:
                break
            if right <= left:
                continue
            if left > at:
                yield at, left, False
            yield left, right, True
            at = right
        if at < end:
            yield at, end, False

    def _gap(self, begin: int, end: int, before: Kind, after: Kind) -> int:
        """A piece without looking: what is assumed of it, and when its change is taken to happen."""
        self.result.gaps.append(Gap(end - begin, before, after))
        resumed = before is Kind.SUSPENDED and after is Kind.RUNS
        runs = before is not Kind.SUSPENDED or resumed
        self.result.spans.append(Span(runs, begin, end, False))
        return begin if resumed else end

    def _change(self, before: Kind, after: Kind, at: int, *, observed: bool) -> None:
        if before is not Kind.SUSPENDED and after is Kind.SUSPENDED:
            self.result.events.append(Event("suspends", at, observed))
        elif before is Kind.SUSPENDED and after is Kind.RUNS:
            self.result.events.append(Event("resumes", at, observed))
