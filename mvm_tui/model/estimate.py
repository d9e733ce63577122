"""What something costs: lines, their sum, the range it lies in, and what was assumed for it.

All amounts are USD as Decimal and never rounded here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mvm_tui.model.rates import Rate

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an estimate. `rate` and `usd` are None where no rate is known.

    Attributes:
        item: A stable word: ``running_vcpu``, ``launch_read``, ``suspended_storage``…
        unit: ``vCPU-second``, ``GB-second``, ``GB`` or ``GB-hour``.
    """

    item: str
    quantity: Decimal
    unit: str
    rate: Decimal | None
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Assumption:
    """A choice made where nothing is published or nothing was seen."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Unpriced:
    """An item that could not be priced, and why."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A sum of lines.

    Attributes:
        total: The sum of what could be priced.
        low: The sum in the cheapest reading of what is not known; at most `total`.
        high: In the dearest; at least `total`.
        burst_ceiling: What it would be at peak for all the time it ran; None where compute is unpriced.
            Use above the baseline cannot be seen from outside, so this is in neither `total` nor `high`.
    """

    lines: tuple[Line, ...] = ()
    total: Decimal = ZERO
    low: Decimal = ZERO
    high: Decimal = ZERO
    burst_ceiling: Decimal | None = ZERO
    assumptions: tuple[Assumption, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()

    @property
    def at_least(self) -> bool:
        """Whether the total leaves something out because it could not be priced."""
        return bool(self.unpriced)

    def assuming(self, *assumptions: Assumption) -> Estimate:
        """The same with more assumptions named; one that is named already is not named twice."""
        named = {one.id: one for one in (*self.assumptions, *assumptions)}
        return replace(self, assumptions=tuple(named.values()))

    def widened(self, below: Decimal, above: Decimal) -> Estimate:
        """The same with a wider range: by `below` and `above`, neither negative.

        Where all of it may be nothing, the last of 28 digits must not make it less.
        """
        return replace(self, low=max(self.low - below, ZERO), high=self.high + above)


@dataclass(frozen=True, slots=True)
class Charge:
    """A quantity to be priced, with the least and the most it may be in another reading of the rules."""

    item: str
    unit: str
    rate: Rate
    quantity: Decimal
    low: Decimal
    high: Decimal
    # Whether it grows with use above the baseline: by this factor at peak.
    peak_factor: int = 1


@dataclass(slots=True)
class _Sum:
    """What a pass over charges adds up."""

    lines: list[Line] = field(default_factory=list)
    unpriced: list[Unpriced] = field(default_factory=list)
    total: Decimal = ZERO
    low: Decimal = ZERO
    high: Decimal = ZERO
    ceiling: Decimal | None = ZERO

    def add(self, charge: Charge) -> None:
        usd = charge.rate.usd
        if usd is None:
            self.lines.append(Line(charge.item, charge.quantity, charge.unit, None, None))
            self.unpriced.append(Unpriced(charge.item, charge.rate.reason))
            if charge.peak_factor > 1:
                self.ceiling = None
            return
        amount = charge.quantity * usd
        self.lines.append(Line(charge.item, charge.quantity, charge.unit, usd, amount))
        self.total += amount
        self.low += charge.low * usd
        self.high += charge.high * usd
        if self.ceiling is not None:
            self.ceiling += amount * charge.peak_factor


def priced(charges: Iterable[Charge], assumptions: Iterable[Assumption] = ()) -> Estimate:
    """The estimate of these charges; those of nothing are left out."""
    result = _Sum()
    for charge in charges:
        if charge.quantity or charge.high:
            result.add(charge)
    return Estimate(
        tuple(result.lines),
        result.total,
        result.low,
        result.high,
        None if result.ceiling is None else max(result.ceiling, result.total),
        tuple(assumptions),
        tuple(result.unpriced),
    )


def left_out(item: str, reason: str) -> Estimate:
    """Nothing, and that something was left out of it."""
    return Estimate(unpriced=(Unpriced(item, reason),))


def merged(estimates: Iterable[Estimate]) -> Estimate:
    """One estimate of several: lines of one item and rate become one."""
    lines: dict[tuple[str, str, Decimal | None], Line] = {}
    total = low = high = ZERO
    ceiling: Decimal | None = ZERO
    assumptions: dict[str, Assumption] = {}
    unpriced: dict[tuple[str, str], Unpriced] = {}
    for estimate in estimates:
        for line in estimate.lines:
            key = (line.item, line.unit, line.rate)
            lines[key] = _joined(lines.get(key), line)
        total += estimate.total
        low += estimate.low
        high += estimate.high
        ceiling = (
            None if ceiling is None or estimate.burst_ceiling is None else ceiling + estimate.burst_ceiling
        )
        assumptions.update({one.id: one for one in estimate.assumptions})
        unpriced.update({(one.item, one.reason): one for one in estimate.unpriced})
    return Estimate(
        tuple(lines.values()),
        total,
        low,
        high,
        ceiling,
        tuple(assumptions.values()),
        tuple(unpriced.values()),
    )


def _joined(before: Line | None, line: Line) -> Line:
    if before is None:
        return line
    usd = None if before.usd is None or line.usd is None else before.usd + line.usd
    return Line(line.item, before.quantity + line.quantity, line.unit, line.rate, usd)
