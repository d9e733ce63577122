"""The tables of the cost screen, made of the figures: pure, so that each is a value that can be tested."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from mvm_tui.fleet.actions import display_name
from mvm_tui.model.durations import short_duration
from mvm_tui.model.fleet_row import STATE_WORDS, FleetRow
from mvm_tui.model.microvm import image_name
from mvm_tui.model.money import short
from mvm_tui.model.quota import MEMORY, Quota
from mvm_tui.model.size import memory_label
from mvm_tui.model.text import clean
from mvm_tui.tui.lines import Line, View

if TYPE_CHECKING:
    from mvm_tui.fleet.figures import Details, Figures
    from mvm_tui.fleet.spend import GroupCost, VmCost
    from mvm_tui.fleet.storage import VersionCost

# Versions that are shown; who has more sees the dearest.
_MOST = 500
_BAR = 10


def microvms(details: Details, rows: dict[str, FleetRow]) -> View:
    """What cost most, each with its share of the dearest."""
    known = [(rows[key], cost) for key, cost in details.dearest if key in rows]
    most = max((cost.total for _, cost in known), default=Decimal(0))
    lines = tuple(
        Line(row.id, (*_row_cells(row, cost), bar(cost.total, most)), "muted" if cost.per_hour == 0 else "")
        for row, cost in known
    )
    return View(
        ("STATE", "NAME", "IMAGE", ">SIZE", ">$/H", ">SO FAR", ""),
        lines,
        "No MicroVM has cost anything yet.",
        "~ is partly assumed: not all of its life was seen from here.",
    )


def _row_cells(row: FleetRow, cost: VmCost) -> tuple[str, ...]:
    size = "…" if row.memory_mib is None else memory_label(row.memory_mib)
    image = clean(row.vm.image_label, 60)
    return row.state_word, display_name(row), image, size, _rate(cost), cost.words


def _rate(cost: VmCost) -> str:
    return "—" if cost.per_hour is None else short(cost.per_hour)


def images(figures: Figures) -> View:
    """By image version."""
    groups: dict[tuple[str, str], list[GroupCost]] = {}
    for one in figures.cost.groups:
        groups.setdefault(one.version, []).append(one)
    titles = ("IMAGE", ">RUN", ">ALL", ">$/H", ">TODAY", ">SO FAR", "")
    named = [(f"{image_name(arn)}:{version}", ones) for (arn, version), ones in groups.items()]
    return View(titles, _grouped(named), "No MicroVM is known here.")


def states(figures: Figures) -> View:
    """By state."""
    groups: dict[str, list[GroupCost]] = {}
    for one in figures.cost.groups:
        groups.setdefault(STATE_WORDS.get(one.state, one.state.lower()), []).append(one)
    titles = ("STATE", ">RUN", ">ALL", ">$/H", ">TODAY", ">SO FAR", "")
    return View(titles, _grouped(list(groups.items())), "No MicroVM is known here.")


def _grouped(named: Sequence[tuple[str, list[GroupCost]]]) -> tuple[Line, ...]:
    totals = {name: sum((one.total for one in ones), Decimal(0)) for name, ones in named}
    most = max(totals.values(), default=Decimal(0))
    found = []
    for name, ones in sorted(named, key=lambda item: totals[item[0]], reverse=True):
        running = sum(one.count for one in ones if one.state == "RUNNING")
        rate = sum((one.per_hour for one in ones), Decimal(0))
        spent = sum((one.today for one in ones), Decimal(0))
        mark = "~" if any(one.assumed for one in ones) else ""
        least = "" if all(one.complete for one in ones) else "≥"
        mark = least or mark
        figures = (
            f"{running:,}",
            f"{sum(one.count for one in ones):,}",
            f"{least}{short(rate)}",
            f"{mark}{short(spent)}",
        )
        cells = (clean(name, 60), *figures, f"{mark}{short(totals[name])}", bar(totals[name], most))
        found.append(Line(name, cells, "" if rate or least else "muted"))
    return tuple(found)


def forgotten(details: Details, rows: dict[str, FleetRow], shells: frozenset[str], now: datetime) -> View:
    """What runs for long, will not suspend by itself, and has no shell of ours."""
    known = [(rows[key], cost) for key, cost in details.forgotten if key in rows and key not in shells]
    lines = tuple(
        Line(
            row.id,
            (
                display_name(row),
                clean(row.vm.image_label, 60),
                _age(row, now),
                _rate(cost),
                cost.words,
            ),
        )
        for row, cost in known[:_MOST]
    )
    return View(
        ("NAME", "IMAGE", ">RUNS FOR", ">$/H", ">SO FAR"),
        lines,
        "Nothing looks forgotten: what runs for over 2 h suspends itself or has your shell.",
        "Over 2 h running, no idle policy, no shell of yours. Traffic cannot be seen from outside.",
    )


def _age(row: FleetRow, now: datetime) -> str:
    started = row.vm.started_at
    return "…" if started is None else short_duration((now - started).total_seconds())


def storage(details: Details) -> View:
    """Image versions; first those that only cost."""
    titles = ("IMAGE", "STATUS", "", ">GB", ">$/H", ">SO FAR", ">SAVES IN 30 D")
    if details.versions is None:
        why = "Images are being read…"
        if details.problem is not None:
            why = f"Images could not be read. {clean(details.problem.what)} {clean(details.problem.why)}"
        return View(titles, (), why)
    ordered = sorted(details.versions, key=lambda one: not one.idle)
    lines = tuple(_version_line(one) for one in ordered[:_MOST])
    idle = sum(one.idle for one in details.versions)
    saves = sum((one.saves_per_month or Decimal(0) for one in details.versions if one.idle), Decimal(0))
    note = (
        f"{idle} are run by nothing and no launch takes them: deleting them saves ${short(saves)} in 30 days."
    )
    if details.unread:
        note = f"Sizes of {details.unread} versions are being read. {note}"
    return View(titles, lines, "There are no images.", note if idle or details.unread else "")


def _version_line(one: VersionCost) -> Line:
    gb = "…" if one.gb is None else f"{one.gb:.2f}"
    unknown = "…" if one.gb is None else "—"
    rate = unknown if one.per_hour is None else short(one.per_hour)
    total = unknown if one.per_hour is None or one.total is None else short(one.total.total)
    saves = unknown if one.saves_per_month is None else short(one.saves_per_month)
    use = "in use" if one.used else "only costs" if one.idle else "latest"
    cells = (clean(one.name, 60), clean(one.status.lower(), 12), use, gb, rate, total, saves)
    return Line("\n".join(one.version), cells, "warning" if one.idle else "")


def quotas(found: Sequence[Quota] | None) -> View:
    """Used, applied, published."""
    titles = ("QUOTA", ">USED", ">APPLIED", ">DEFAULT", "UNIT", "", "SOURCE")
    lines = tuple(_quota_line(one) for one in found or ())
    note = (
        "Memory used is a lower bound: suspended MicroVMs count, and so do builds, which are not seen here."
    )
    return View(titles, lines, "Quotas are being read…", note)


def _quota_line(one: Quota) -> Line:
    def text(value: float | None) -> str:
        if value is None:
            return "—"
        return memory_label(round(value)) if one.kind.id == MEMORY else f"{value:g}"

    share = bar(Decimal(str(one.used or 0)), Decimal(str(one.applied))) if one.share is not None else ""
    unit = "" if one.kind.id == MEMORY else one.kind.unit
    low = one.applied is not None and one.applied < one.default
    values = (text(one.used), text(one.applied), text(one.default))
    role = "warning" if (one.share or 0) >= 0.9 else ""
    source = one.source or "not told"
    return Line(
        one.kind.id,
        (one.kind.name, *values, unit, share, f"{source}{' · below default' if low else ''}"),
        role,
    )


def bar(amount: Decimal, most: Decimal) -> str:
    """``▰▰▰▱▱▱▱▱▱▱``: an amount beside the largest."""
    if most <= 0:
        return ""
    filled = min(round(amount / most * _BAR), _BAR)
    return "▰" * filled + "▱" * (_BAR - filled)


def sparkline(amounts: Iterable[Decimal]) -> str:
    """One block for each amount, the largest the highest; nothing is a dot on the ground."""
    values = list(amounts)
    most = max(values, default=Decimal(0))
    if most <= 0:
        return "·" * len(values)
    return "".join("·" if not one else "▁▂▃▄▅▆▇█"[min(int(one / most * 8), 7)] for one in values)
