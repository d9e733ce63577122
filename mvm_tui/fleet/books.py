"""What every MicroVM did and costs, kept up to date change by change.

Times are microseconds since 1970. What a MicroVM has cost grows evenly until its next change, so a sum over
thousands of them is a few sums that were kept, whatever the time is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from mvm_tui.fleet.history import LOOK_GAP, Life
from mvm_tui.fleet.tariffs import Version
from mvm_tui.model.cost import HOUR, Usage
from mvm_tui.model.estimate import ZERO
from mvm_tui.model.intervals import Gap, Kind, Look, Sighting, Timeline, kind_of, timeline
from mvm_tui.model.tariff import Tariff

DAY = 24 * HOUR
# MicroVMs dealt with before other threads get a turn.
SLICE = 100

TariffOf = Callable[[Version], Tariff | None]


class Account(NamedTuple):
    """One MicroVM's sums up to `at`; from then on it does what `kind` says.

    `below` and `above` are how much less or more it may have cost by what nobody saw, in USD.
    """

    version: Version
    state: str
    kind: Kind
    at: int
    used: Usage
    today: Usage
    below: Decimal
    above: Decimal
    assumed: bool
    doubtful: bool

    def used_at(self, now: int) -> Usage:
        """All it did until `now`."""
        return self.used + _since(self.kind, self.at, now)


def _since(kind: Kind, at: int, now: int) -> Usage:
    length = max(now - at, 0)
    if kind is Kind.RUNS:
        return Usage(running=length)
    return Usage(suspended=length) if kind is Kind.SUSPENDED else Usage()


@dataclass(slots=True)
class Group:
    """The sums of all MicroVMs of one image version in one state."""

    count: int = 0
    running: int = 0
    suspended: int = 0
    running_at: int = 0
    suspended_at: int = 0
    below: Decimal = ZERO
    above: Decimal = ZERO
    assumed: int = 0
    _used: list[int] = field(default_factory=lambda: [0] * 5)
    _today: list[int] = field(default_factory=lambda: [0] * 5)

    @property
    def used(self) -> Usage:
        """What all of them did until their own last change."""
        return Usage(*self._used)

    @property
    def today(self) -> Usage:
        """What of it they did today."""
        return Usage(*self._today)

    def add(self, account: Account, sign: int) -> None:
        """Add an account, or with -1 take it out."""
        self.count += sign
        _add(self._used, account.used, sign)
        _add(self._today, account.today, sign)
        if account.kind is Kind.RUNS:
            self.running += sign
            self.running_at += sign * account.at
        elif account.kind is Kind.SUSPENDED:
            self.suspended += sign
            self.suspended_at += sign * account.at
        if account.assumed:
            self.below += sign * account.below
            self.above += sign * account.above
            self.assumed += sign

    def since(self, now: int) -> Usage:
        """What all of them did after that."""
        return Usage(
            running=self.running * now - self.running_at,
            suspended=self.suspended * now - self.suspended_at,
        )


def _add(sums: list[int], usage: Usage, sign: int) -> None:
    sums[0] += sign * usage.running
    sums[1] += sign * usage.suspended
    sums[2] += sign * usage.launches
    sums[3] += sign * usage.suspends
    sums[4] += sign * usage.resumes


@dataclass(slots=True)
class _Remembered:
    """What is known of one MicroVM."""

    version: Version
    started: int | None
    ended: int | None
    sightings: list[Sighting] = field(default_factory=list)


class Seen(NamedTuple):
    """A MicroVM as it is seen now."""

    id: str
    version: Version
    state: str
    started: int | None
    ended: int | None


class Books:
    """Accounts by MicroVM id and their groups. For one thread at a time; all may read `accounts`."""

    def __init__(self, tariff_of: TariffOf) -> None:
        self.accounts: dict[str, Account] = {}
        self.groups: dict[tuple[Version, str], Group] = {}
        self.day = 0
        self._tariff_of = tariff_of
        self._remembered: dict[str, _Remembered] = {}
        self._looks: list[Look] = []
        self._versions: dict[Version, Version] = {}

    def open(self, lives: Iterable[Life], looks: Sequence[Look]) -> None:
        """Take over what the ledger remembers. `rebuild` has to follow."""
        self._looks = list(looks)
        for life in lives:
            version = self._one((life.image_arn, life.image_version))
            self._remembered[life.microvm_id] = _Remembered(version, life.started, life.ended, life.sightings)

    def _one(self, version: Version) -> Version:
        """The one object that stands for a version: thousands of MicroVMs share a few."""
        return self._versions.setdefault(version, version)

    def look(self, now: int) -> bool:
        """Somebody looks now. Whether nobody had for a while, so that `rebuild` has to follow."""
        if self._looks and now - self._looks[-1][1] <= LOOK_GAP:
            begin, end = self._looks[-1]
            self._looks[-1] = (begin, max(end, now))
            return False
        self._looks.append((now, now))
        return True

    def see(self, seen: Iterable[Seen], now: int, *, settle: bool = True) -> None:
        """Take over MicroVMs as they are seen now, and keep their accounts and groups right.

        Without `settle` a `rebuild` has to follow.
        """
        for one in seen:
            known = self._remembered.get(one.id)
            if known is None:
                version = self._one(one.version)
                known = self._remembered[one.id] = _Remembered(version, one.started, one.ended)
            known.started = one.started if one.started is not None else known.started
            known.ended = one.ended if one.ended is not None else known.ended
            if not known.sightings or known.sightings[-1].state != one.state:
                # A clock that was set back must not count any time twice.
                before = known.sightings[-1].at if known.sightings else now
                known.sightings.append(Sighting(one.state, max(now, before)))
            if settle:
                self._settle(one.id, known, now)

    def lives(self) -> list[Seen]:
        """All that are remembered, as they were seen last."""
        return [
            Seen(key, known.version, known.sightings[-1].state, known.started, known.ended)
            for key, known in self._remembered.items()
            if known.sightings
        ]

    def started(self, microvm_id: str) -> int | None:
        """When a MicroVM started; None if that is not known."""
        known = self._remembered.get(microvm_id)
        return None if known is None else known.started

    def timeline(self, microvm_id: str, now: int) -> Timeline:
        """A MicroVM's life in pieces; empty if it is not known."""
        known = self._remembered.get(microvm_id)
        if known is None:
            return Timeline()
        return timeline(known.sightings, self._looks, known.started, known.ended, now)

    def timelines(self, now: int) -> Iterator[tuple[Version, Timeline]]:
        """Every life that is remembered."""
        for key, known in list(self._remembered.items()):
            yield known.version, self.timeline(key, now)

    def reprice(self, versions: Collection[Version], now: int) -> Iterator[None]:
        """Compute the accounts of these versions anew: their tariffs are others. A slice at a time."""
        touched = [(key, known) for key, known in self._remembered.items() if known.version in versions]
        for number, (key, known) in enumerate(touched):
            self._settle(key, known, now)
            if number % SLICE == SLICE - 1:
                yield

    def rebuild(self, now: int) -> Iterator[None]:
        """Compute all accounts anew, a slice at a time: after opening, a new day, new rates, a new look."""
        self.day = now - now % DAY
        horizon = self.day - DAY
        for number, (key, known) in enumerate(list(self._remembered.items())):
            last = known.sightings[-1] if known.sightings else None
            if last is not None and kind_of(last.state) is Kind.ENDED and last.at < horizon:
                # It ended before the last 24 hours of any day shown.
                self._drop(key)
                del self._remembered[key]
                continue
            self._settle(key, known, now)
            if number % SLICE == SLICE - 1:
                yield

    def _settle(self, key: str, known: _Remembered, now: int) -> None:
        account = self._account(known, now)
        self._drop(key)
        self.accounts[key] = account
        self._group(account).add(account, 1)

    def _drop(self, key: str) -> None:
        account = self.accounts.pop(key, None)
        if account is None:
            return
        group = self._group(account)
        group.add(account, -1)
        if not group.count:
            del self.groups[account.version, account.state]

    def _group(self, account: Account) -> Group:
        return self.groups.setdefault((account.version, account.state), Group())

    def _account(self, known: _Remembered, now: int) -> Account:
        line = timeline(known.sightings, self._looks, known.started, known.ended, now)
        state = known.sightings[-1].state if known.sightings else ""
        kind = Kind.ENDED if known.ended is not None else kind_of(state)
        below, above = self._spread(known.version, line.gaps)
        used, today = line.usage(), line.usage(self.day)
        return Account(
            known.version,
            state,
            kind,
            now,
            used,
            # Most lives began today: of thousands of them half the sums need not be kept twice.
            used if today == used else today,
            below,
            above,
            not line.certain,
            line.doubtful,
        )

    def _spread(self, version: Version, gaps: list[Gap]) -> tuple[Decimal, Decimal]:
        """How much less or more all gaps together may have cost."""
        found = self._tariff_of(version)
        if found is None or not gaps:
            return ZERO, ZERO
        spreads = [gap.spread(found.price) for gap in gaps]
        below, above = (sum(amounts, ZERO) for amounts in zip(*spreads, strict=True))
        return below or ZERO, above or ZERO
