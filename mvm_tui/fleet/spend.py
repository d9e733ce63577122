"""What the fleet costs, read from the books: now, so far, today, by hour, until the end of the month."""

from __future__ import annotations

import calendar
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mvm_tui.fleet.books import DAY, SLICE, Account, Books, Group
from mvm_tui.fleet.history import DaySpend
from mvm_tui.fleet.tariffs import Tariffs, Version
from mvm_tui.model.cost import HOUR, microvm_cost
from mvm_tui.model.estimate import ZERO, Assumption, Estimate, left_out, merged
from mvm_tui.model.intervals import Kind, Timeline, moment
from mvm_tui.model.money import dollars, span
from mvm_tui.model.tariff import Tariff

HOURS = 24
TIME_OF_SEVERAL = Assumption(
    "time-not-observed", "Not all of their lives was seen from here; what was not is in the range."
)


@dataclass(frozen=True, slots=True)
class VmCost:
    """One MicroVM's cost. Amounts in USD.

    Attributes:
        per_hour: What it costs now; None where no rate is known for that.
        total, low, high: What it has cost so far, and the range by what nobody saw.
        assumed: Whether part of it was not seen.
        doubtful: Whether it changed its state unseen: then only the range says something.
        complete: Whether every rate it needs is known.
    """

    per_hour: Decimal | None
    total: Decimal
    low: Decimal
    high: Decimal
    assumed: bool
    doubtful: bool
    complete: bool

    @property
    def words(self) -> str:
        """``$0.126``, ``~$0.126`` where part was not seen, ``$0.01–0.13`` where a change was not."""
        if self.doubtful:
            return f"${span(self.low, self.high)}"
        return f"{self.mark}{dollars(self.total)}"

    @property
    def mark(self) -> str:
        """What goes before its total: ``≥`` where not all has a rate, ``~`` where part is assumed."""
        return "≥" if not self.complete else "~" if self.assumed else ""


@dataclass(frozen=True, slots=True)
class GroupCost:
    """What the MicroVMs of one image version in one state cost together."""

    version: Version
    state: str
    count: int
    memory_mib: int | None
    per_hour: Decimal
    total: Decimal
    low: Decimal
    high: Decimal
    today: Decimal
    assumed: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class FleetCost:
    """All MicroVMs together.

    Attributes:
        groups: By image version and state.
        per_hour: What all cost now.
        today: What they cost since midnight UTC, as AWS bills days, as far as they are known here.
        unsized: MicroVMs whose size is not known; they are in no sum.
        complete: Whether every rate that is needed is known.
    """

    at: datetime
    groups: tuple[GroupCost, ...]
    per_hour: Decimal
    today: Decimal
    total: Decimal
    low: Decimal
    high: Decimal
    assumed: bool
    unsized: int
    complete: bool

    @property
    def least(self) -> str:
        """``≥`` before sums that leave something out; else empty."""
        return "≥" if self.unsized or not self.complete else ""


def day_left(now: datetime) -> Decimal:
    """Hours until midnight UTC, when AWS begins another day."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Decimal((midnight - now) // timedelta(seconds=1)) / 3_600


def by_midnight(cost: FleetCost, now: datetime) -> Decimal:
    """USD of today (UTC) if all goes on as it is now."""
    return cost.today + cost.per_hour * day_left(now)


def vm_cost(account: Account, found: Tariff | None, now: int) -> VmCost | None:
    """What a MicroVM cost until `now`; None while its size is not known."""
    if found is None:
        return None
    total = found.price(account.used_at(now))
    return VmCost(
        _per_hour(found, account.kind),
        total,
        max(total - account.below, ZERO),
        total + account.above,
        account.assumed,
        account.doubtful,
        found.complete,
    )


def fleet_cost(books: Books, tariffs: Tariffs, now: int) -> FleetCost:
    """The sums of all groups: as much work as there are groups, however many MicroVMs there are."""
    groups = []
    unsized = 0
    complete = True
    for (version, state), group in list(books.groups.items()):
        found = tariffs.of(version)
        if found is None:
            unsized += group.count
        elif group.count:
            groups.append(_group_cost(version, state, group, found, now))
            complete = complete and found.complete
    return FleetCost(
        moment(now),
        tuple(groups),
        sum((one.per_hour for one in groups), ZERO),
        sum((one.today for one in groups), ZERO),
        sum((one.total for one in groups), ZERO),
        sum((one.low for one in groups), ZERO),
        sum((one.high for one in groups), ZERO),
        any(one.assumed for one in groups),
        unsized,
        complete,
    )


def _group_cost(version: Version, state: str, group: Group, found: Tariff, now: int) -> GroupCost:
    since = group.since(now)
    total = found.price(group.used + since)
    running, kept = found.running_per_hour * group.running, found.suspended_per_hour * group.suspended
    return GroupCost(
        version,
        state,
        group.count,
        found.memory_mib,
        running + kept,
        total,
        max(total - group.below, ZERO),
        total + group.above,
        found.price(group.today + since),
        group.assumed > 0,
        found.complete,
    )


class Ranking:
    """The MicroVMs that cost most so far, found a slice at a time."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.found: list[tuple[str, VmCost]] = []

    def fill(self, books: Books, tariffs: Tariffs, now: int) -> Iterator[None]:
        """Look at all accounts; `found` is right at the end, dearest first."""
        best: list[tuple[Decimal, str]] = []
        for number, (key, account) in enumerate(list(books.accounts.items())):
            found = tariffs.of(account.version)
            if found is not None:
                item = (found.price(account.used_at(now)), key)
                if len(best) < self._count:
                    heapq.heappush(best, item)
                elif item > best[0]:
                    heapq.heapreplace(best, item)
            if number % SLICE == SLICE - 1:
                yield
        keys = [key for _, key in sorted(best, reverse=True) if key in books.accounts]
        costs = ((key, _cost_of(books.accounts[key], tariffs, now)) for key in keys)
        self.found = [(key, cost) for key, cost in costs if cost is not None]


def _cost_of(account: Account, tariffs: Tariffs, now: int) -> VmCost | None:
    return vm_cost(account, tariffs.of(account.version), now)


def vm_estimate(line: Timeline, found: Tariff) -> Estimate:
    """A MicroVM's cost line by line, with what nobody saw in its range and named."""
    estimate = microvm_cost(line.usage(), found.memory_mib, found.snapshot, found.rates)
    if line.certain:
        return estimate
    spreads = [gap.spread(found.price) for gap in line.gaps]
    below = sum((less for less, _ in spreads), ZERO)
    above = sum((more for _, more in spreads), ZERO)
    text = (
        f"For {line.unseen / HOUR:.1f} h of its life nobody looked: where nothing else was seen before and "
        "after, it is taken to have run. One unseen change at most is in the range."
    )
    return estimate.widened(below, above).assuming(Assumption("time-not-observed", text))


def fleet_estimate(books: Books, tariffs: Tariffs, now: int) -> Estimate:
    """All MicroVMs line by line."""
    parts = []
    unsized = 0
    below = above = ZERO
    for (version, _), group in list(books.groups.items()):
        found = tariffs.of(version)
        if found is not None:
            usage = group.used + group.since(now)
            parts.append(microvm_cost(usage, found.memory_mib, found.snapshot, found.rates))
            below, above = below + group.below, above + group.above
        else:
            unsized += group.count
    if unsized:
        parts.append(left_out("microvm", f"The size of {unsized} MicroVMs is not known."))
    whole = merged(parts).widened(below, above)
    return whole.assuming(TIME_OF_SEVERAL) if below or above else whole


class Hours:
    """USD by hour over the last day, added up MicroVM by MicroVM."""

    def __init__(self, now: int) -> None:
        self._first = now - now % HOUR - (HOURS - 1) * HOUR
        self._now = now
        self.amounts = [ZERO] * HOURS

    def add(self, line: Timeline, found: Tariff) -> None:
        """Spread a MicroVM's cost over the hours in which it arose."""
        end = self._first + HOURS * HOUR
        for runs, left, right, _ in line.spans:
            at, last = max(left, self._first), min(right, end)
            rate = found.running if runs else found.suspended
            while at < last:
                hour = (at - self._first) // HOUR
                until = min(self._first + (hour + 1) * HOUR, last)
                self.amounts[hour] += rate * (until - at)
                at = until
        for name, at, _ in line.events:
            if self._first <= at < end:
                cost = found.write if name == "suspends" else found.read
                self.amounts[(at - self._first) // HOUR] += cost


def hours(books: Books, tariffs: Tariffs, now: int, result: Hours) -> Iterator[None]:
    """Fill `result` with all MicroVMs that lived within the last day, a slice at a time."""
    for number, (key, account) in enumerate(list(books.accounts.items())):
        found = tariffs.of(account.version)
        if found is not None:
            result.add(books.timeline(key, now), found)
        if number % SLICE == SLICE - 1:
            yield


def day_spends(
    lines: Iterable[tuple[Version, Timeline]], tariffs: Tariffs, days: Sequence[date]
) -> list[DaySpend]:
    """What these MicroVMs cost on each of these days (UTC). What was seen of it is the least."""
    found: dict[date, list[Decimal]] = {day: [ZERO, ZERO] for day in days}
    for version, line in lines:
        price = tariffs.of(version)
        if price is None:
            continue
        for day, sums in found.items():
            begin = day_begin(day)
            sums[0] += price.price(line.usage(begin, begin + DAY))
            sums[1] += price.price(line.usage(begin, begin + DAY, observed=True))
    return [DaySpend(day, total, seen, total) for day, (total, seen) in found.items()]


@dataclass(frozen=True, slots=True)
class Projection:
    """What the month (UTC) costs by its end: at least what was spent and what is stored goes on costing;
    at most the fleet stays as it is now."""

    month: date
    spent: Decimal
    low: Decimal
    high: Decimal


def month_spent(days: Iterable[DaySpend], now: datetime) -> Decimal:
    """What was spent in this month (UTC) before today."""
    first = date(now.year, now.month, 1)
    return sum((day.total for day in days if first <= day.day < now.date()), ZERO)


def month_end(now: datetime, spent: Decimal, per_hour: Decimal, storage_per_hour: Decimal) -> Projection:
    """Project the month that `now` lies in. `spent` is what was spent in it so far."""
    first = date(now.year, now.month, 1)
    length = calendar.monthrange(now.year, now.month)[1]
    end = datetime(now.year, now.month, 1, tzinfo=UTC) + timedelta(days=length)
    left = Decimal((end - now) // timedelta(microseconds=1)) / HOUR
    low = spent + storage_per_hour * left
    return Projection(first, spent, low, low + per_hour * left)


class Forgotten:
    """Running MicroVMs that nothing will suspend and that started long ago, found a slice at a time.

    Traffic cannot be seen from outside, so some of them may be at work.
    """

    def __init__(self, older_than: int) -> None:
        """`older_than` is in microseconds."""
        self._older_than = older_than
        self.found: list[tuple[str, VmCost]] = []

    def fill(self, books: Books, tariffs: Tariffs, now: int, watched: Mapping[str, bool]) -> Iterator[None]:
        """Look at all accounts; `found` is right at the end, dearest first.

        `watched` says of a MicroVM whether something looks after it, such as an idle policy.
        """
        found = []
        for number, (key, account) in enumerate(list(books.accounts.items())):
            if account.kind is Kind.RUNS and not watched.get(key):
                started = books.started(key)
                if started is not None and now - started >= self._older_than:
                    cost = _cost_of(account, tariffs, now)
                    if cost is not None:
                        found.append((key, cost))
            if number % SLICE == SLICE - 1:
                yield
        self.found = sorted(found, key=lambda one: one[1].total, reverse=True)


def _per_hour(found: Tariff, kind: Kind) -> Decimal | None:
    if kind is Kind.RUNS:
        return found.running_per_hour if found.runs_priced else None
    if kind is Kind.SUSPENDED:
        return found.suspended_per_hour if found.stays_priced else None
    return ZERO


def day_begin(day: date) -> int:
    """Midnight UTC in microseconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000
