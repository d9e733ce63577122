"""Estimates as the command line shows them: members of the JSON contract, cells of the table.

Amounts are decimal strings with all their digits; what is unknown is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mvm_tui.cli.records import timestamp
from mvm_tui.model.estimate import Estimate, Line
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.money import dollars, exact, exact_or_none, short
from mvm_tui.model.rates import Rates
from mvm_tui.model.size import memory_label

if TYPE_CHECKING:
    from mvm_tui.fleet.spend import VmCost
    from mvm_tui.fleet.storage import VersionCost

LINE_HEADINGS = ("ITEM", "QUANTITY", "UNIT", "RATE", "USD")
VM_HEADINGS = ("STATE", "NAME", "ID", "IMAGE", "SIZE", "$/H", "SO FAR")
VERSION_HEADINGS = ("IMAGE", "STATUS", "GB", "$/H", "SO FAR", "DELETING SAVES IN 30 DAYS")
UNPRICED = "unpriced"


def estimate_record(estimate: Estimate) -> dict[str, Any]:
    """The members of any estimate, always all and in this order."""
    return {
        "lines": [_line_record(line) for line in estimate.lines],
        "total_usd": exact(estimate.total),
        "low_usd": exact(estimate.low),
        "high_usd": exact(estimate.high),
        "at_least": estimate.at_least,
        "burst_ceiling_usd": exact_or_none(estimate.burst_ceiling),
        "assumptions": [{"id": one.id, "text": one.text} for one in estimate.assumptions],
        "unpriced": [{"item": one.item, "reason": one.reason} for one in estimate.unpriced],
    }


def rates_record(rates: Rates) -> dict[str, Any]:
    """The five rates, their date and where they come from; `confidence` says how far to trust each."""
    return {
        **{name: exact_or_none(rate.usd) for name, rate in rates.by_name().items()},
        "as_of": rates.as_of.isoformat(),
        "source": rates.source,
        "confidence": {name: rate.confidence for name, rate in rates.by_name().items()},
    }


def _line_record(line: Line) -> dict[str, Any]:
    return {
        "item": line.item,
        "quantity": exact(line.quantity),
        "unit": line.unit,
        "rate": exact_or_none(line.rate),
        "usd": exact_or_none(line.usd),
    }


def line_cells(lines: Iterable[Line], *, precise: bool = False) -> Iterator[tuple[str, ...]]:
    """The cells under `LINE_HEADINGS`; `precise` with all digits."""
    for line in lines:
        rate = UNPRICED if line.rate is None else exact(line.rate)
        amount = UNPRICED if line.usd is None else exact(line.usd) if precise else short(line.usd)
        quantity = exact(line.quantity) if precise else short(line.quantity)
        yield line.item.replace("_", " "), quantity, line.unit, rate, amount


def sums(estimate: Estimate, *, precise: bool = False) -> list[tuple[str, str]]:
    """Total, range and ceiling as name and text; then what was assumed and what could not be priced."""

    def money(amount: Decimal) -> str:
        return f"${exact(amount)}" if precise else dollars(amount)

    total = f"{'at least ' if estimate.at_least else ''}{money(estimate.total)}"
    found = [("total", total)]
    if estimate.low != estimate.high:
        found.append(("range", f"{money(estimate.low)} to {money(estimate.high)}"))
    if estimate.burst_ceiling is not None and estimate.burst_ceiling > estimate.total:
        found.append(("at peak", f"{money(estimate.burst_ceiling)} had it used all it may burst to"))
    found += [("assumed", one.text) for one in estimate.assumptions]
    found += [(UNPRICED, f"{one.item.replace('_', ' ')}: {one.reason}") for one in estimate.unpriced]
    return found


def short_or_unknown(amount: Decimal | None) -> str:
    """``$0.126``, or the dash."""
    return "—" if amount is None else dollars(amount)


def vm_record(row: FleetRow, cost: VmCost | None) -> dict[str, Any]:
    """One MicroVM with what it costs; amounts are None while its size is not known."""
    return {
        "id": row.id,
        "name": row.name or None,
        "state": row.vm.state,
        "image": row.vm.image_name,
        "version": row.vm.image_version or None,
        "memory_mib": row.memory_mib,
        "started_at": timestamp(row.vm.started_at),
        "usd_per_hour": exact_or_none(cost.per_hour if cost else None),
        "total_usd": exact_or_none(cost.total if cost else None),
        "low_usd": exact_or_none(cost.low if cost else None),
        "high_usd": exact_or_none(cost.high if cost else None),
        "observed": None if cost is None else not cost.assumed,
        "range_only": None if cost is None else cost.doubtful,
    }


def vm_cells(row: FleetRow, cost: VmCost | None) -> tuple[str, ...]:
    """The cells under `VM_HEADINGS`."""
    vm = row.vm
    size = "—" if row.memory_mib is None else memory_label(row.memory_mib)
    rate = short_or_unknown(cost.per_hour if cost else None)
    return row.state_word, row.name or "—", row.id, vm.image_label, size, rate, cost.words if cost else "—"


def version_record(one: VersionCost) -> dict[str, Any]:
    """One image version with what storing it costs."""
    arn, version = one.version
    return {
        "image": one.name.rpartition(":")[0],
        "version": version,
        "image_arn": arn,
        "status": one.status,
        "created_at": timestamp(one.created_at),
        "used": one.used,
        "superseded": one.superseded,
        "gb": exact_or_none(one.gb),
        "usd_per_hour": exact_or_none(one.per_hour),
        "total_usd": exact_or_none(one.total.total if one.total and not one.total.at_least else None),
        "deleting_saves_usd_in_30_days": exact_or_none(one.saves_per_month),
    }


def version_cells(one: VersionCost) -> tuple[str, ...]:
    """The cells under `VERSION_HEADINGS`."""
    gb = "—" if one.gb is None else f"{one.gb:.2f}"
    total = one.total.total if one.total and not one.total.at_least else None
    return (
        one.name,
        one.status.lower(),
        gb,
        short_or_unknown(one.per_hour),
        short_or_unknown(total),
        short_or_unknown(one.saves_per_month),
    )
