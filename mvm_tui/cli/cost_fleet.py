"""`cost` of the fleet, of one MicroVM, of one image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from mvm_tui.cli.cost_records import (
    LINE_HEADINGS,
    VERSION_HEADINGS,
    VM_HEADINGS,
    estimate_record,
    line_cells,
    rates_record,
    sums,
    version_cells,
    version_record,
    vm_cells,
    vm_record,
)
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_list, emit_object, write
from mvm_tui.cli.records import timestamp
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Gone, Unexpected
from mvm_tui.model.estimate import ZERO, Estimate, left_out, merged
from mvm_tui.model.money import dollars, exact, exact_or_none, span
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.cli.cost_reading import Account
    from mvm_tui.fleet.spend import FleetCost, GroupCost, Projection, VmCost
    from mvm_tui.fleet.storage import VersionCost
    from mvm_tui.model.fleet_row import FleetRow
    from mvm_tui.model.tariff import Tariff

Facts = list[tuple[str, str]]


@verb("show", help="What the fleet, a MicroVM or an image costs.")
@click.argument("subject", required=False, metavar="VM|IMAGE[:VERSION]")
def show_verb(session: Session, subject: str | None) -> None:
    from mvm_tui.cli.cost_reading import read_account

    account = read_account(session)
    if subject is None:
        return _show_fleet(session, account)
    rows = [row for row in account.rows if subject in _images_of(row)]
    versions = [one for one in account.image_versions if subject in (one.name, _image(one), one.version[0])]
    if rows or versions:
        return _show_image(session, account, rows, versions)
    return _show_vm(session, account, subject)


def _images_of(row: FleetRow) -> tuple[str, ...]:
    return row.vm.image_name, row.vm.image_label, row.vm.image_arn


def _image(one: VersionCost) -> str:
    return one.name.rpartition(":")[0]


def _show_fleet(session: Session, account: Account) -> None:
    from mvm_tui.fleet.spend import fleet_cost, fleet_estimate

    whole = fleet_cost(account.books, account.tariffs, account.at)
    parts = [fleet_estimate(account.books, account.tariffs, account.at), *_stored(account.image_versions)]
    if not account.versions_read:
        parts.append(left_out("image_storage", "Image versions could not be read."))
    estimate, month = _dated(account, merged(parts)), _month(account, whole)
    if session.form == TABLE:
        emit_list(TABLE, (), VM_HEADINGS, (vm_cells(row, _cost(account, row)) for row in account.rows))
        _write_idle(account.image_versions)
        write("\n")
        return emit_object(TABLE, {}, [*_fleet_facts(account, whole, month), *sums(estimate)])
    record = {
        "region": account.region,
        "at": timestamp(account.now),
        "rates": _rates(account),
        "usd_per_hour": exact(whole.per_hour),
        "storage_usd_per_hour": exact_or_none(_storage(account)),
        "today_usd": exact(whole.today),
        **estimate_record(estimate),
        "unsized": whole.unsized,
        "by_image": list(_sums_by(whole, "image", lambda one: ":".join(one.version))),
        "by_state": list(_sums_by(whole, "state", lambda one: one.state)),
        "microvms": [vm_record(row, _cost(account, row)) for row in account.rows],
        "image_versions": [version_record(one) for one in account.image_versions]
        if account.versions_read
        else None,
        "month": None if month is None else _month_record(month),
    }
    return emit_object(session.form, record, ())


def _month_record(month: Projection) -> dict[str, str]:
    return {
        "month": f"{month.month:%Y-%m}",
        "spent_usd": exact(month.spent),
        "low_usd": exact(month.low),
        "high_usd": exact(month.high),
    }


def _month_words(whole: FleetCost, month: Projection | None) -> str:
    if month is None:
        return "not known: image versions could not be read"
    return f"{whole.least}${span(month.low, month.high)} by the end of {month.month:%B}"


def _storage_words(account: Account) -> str:
    amount = _storage(account)
    return "an unknown amount" if amount is None else f"{dollars(amount)}/h"


def _fleet_facts(account: Account, whole: FleetCost, month: Projection | None) -> Facts:
    mark = whole.least or ("~" if whole.assumed else "")
    found = [
        (
            "now",
            f"{whole.least}{dollars(whole.per_hour)}/h for MicroVMs, {_storage_words(account)} for images",
        ),
        ("today", f"{mark}{dollars(whole.today)} for MicroVMs since midnight UTC, as known here"),
        ("month", _month_words(whole, month)),
    ]
    if whole.unsized:
        found.append(("not counted", f"{whole.unsized} MicroVMs whose size is not known"))
    return [*found, *_rates_facts(account)]


def _write_idle(versions: Sequence[VersionCost]) -> None:
    """Image versions that only cost storage."""
    if idle := [one for one in versions if one.idle]:
        write("\nNothing runs these image versions, and no launch takes them by itself:\n")
        emit_list(TABLE, (), VERSION_HEADINGS, map(version_cells, idle))


def _sums_by(whole: FleetCost, word: str, key: Callable[[GroupCost], str]) -> Iterator[dict[str, Any]]:
    groups: dict[str, list[GroupCost]] = {}
    for one in whole.groups:
        groups.setdefault(key(one), []).append(one)
    for name, ones in sorted(groups.items()):
        yield {
            word: name,
            "microvms": sum(one.count for one in ones),
            **{
                member: exact(sum((getattr(one, field) for one in ones), ZERO))
                for member, field in (
                    ("usd_per_hour", "per_hour"),
                    ("today_usd", "today"),
                    ("total_usd", "total"),
                    ("low_usd", "low"),
                    ("high_usd", "high"),
                )
            },
        }


def _show_image(
    session: Session, account: Account, rows: Sequence[FleetRow], versions: Sequence[VersionCost]
) -> None:
    from mvm_tui.fleet.spend import TIME_OF_SEVERAL, vm_estimate

    priced = [(row, account.tariffs.of((row.vm.image_arn, row.vm.image_version))) for row in rows]
    lives = [vm_estimate(account.books.timeline(row.id, account.at), found) for row, found in priced if found]
    if unsized := len(rows) - len(lives):
        lives.append(left_out("microvm", f"The size of {unsized} MicroVMs is not known."))
    estimate = _dated(account, merged([*lives, *_stored(versions)]))
    if TIME_OF_SEVERAL.id in {one.id for life in lives for one in life.assumptions} and len(lives) > 1:
        # What is said of each life by itself is not so of all.
        estimate = estimate.assuming(TIME_OF_SEVERAL)
    if session.form == TABLE:
        emit_list(TABLE, (), VM_HEADINGS, (vm_cells(row, _cost(account, row)) for row in rows))
        write("\n")
        emit_list(TABLE, (), VERSION_HEADINGS, map(version_cells, versions))
        write("\n")
        emit_list(TABLE, (), LINE_HEADINGS, line_cells(estimate.lines))
        return emit_object(TABLE, {}, [*_rates_facts(account), *sums(estimate)])
    record = {
        "region": account.region,
        "at": timestamp(account.now),
        "rates": _rates(account),
        **estimate_record(estimate),
        "microvms": [vm_record(row, _cost(account, row)) for row in rows],
        "image_versions": [version_record(one) for one in versions],
    }
    return emit_object(session.form, record, ())


def _show_vm(session: Session, account: Account, subject: str) -> None:
    from mvm_tui.cli.choosing import find
    from mvm_tui.cli.reading import complete
    from mvm_tui.fleet.spend import vm_estimate
    from mvm_tui.model.outlook import outlook
    from mvm_tui.model.whatif import payback_seconds, saving_per_hour

    try:
        row = complete(session, find(account.listed, subject))
    except Gone as gone:
        what = f"There is no MicroVM and no image {clean(subject)!r}."
        raise Gone(what, gone.why, "See mvm-tui ls --all and mvm-tui images.") from None
    found, cost = account.tariffs.of((row.vm.image_arn, row.vm.image_version)), _cost(account, row)
    if found is None or cost is None:
        raise _unpriced(row)
    line = account.books.timeline(row.id, account.at)
    estimate = _dated(account, vm_estimate(line, found))
    coming = outlook(row.vm, found, account.now)
    saving = saving_per_hour(found.memory_mib, found.snapshot, found.rates)
    payback = payback_seconds(found.memory_mib, found.snapshot, found.rates)
    if session.form == TABLE:
        emit_list(TABLE, (), VM_HEADINGS, [vm_cells(row, cost)])
        write("\n")
        emit_list(TABLE, (), LINE_HEADINGS, line_cells(estimate.lines))
        facts = _coming(coming.to_end, coming.if_idle, saving, payback)
        return emit_object(TABLE, {}, [*facts, *_rates_facts(account), *sums(estimate)])
    seen, assumed = line.usage(observed=True), line.usage(observed=False)
    record = {
        "region": account.region,
        "at": timestamp(account.now),
        "arch": found.rates.arch,
        "rates": rates_record(found.rates),
        **vm_record(row, cost),
        **estimate_record(estimate),
        "observed_seconds": {"running": seen.running / 1e6, "suspended": seen.suspended / 1e6},
        "assumed_seconds": {"running": assumed.running / 1e6, "suspended": assumed.suspended / 1e6},
        "to_hard_end_usd": exact_or_none(coming.to_end),
        "if_idle_usd": exact_or_none(coming.if_idle),
        "suspending_saves_usd_per_hour": exact_or_none(saving),
        "suspending_pays_back_after_seconds": exact_or_none(payback),
    }
    return emit_object(session.form, record, ())


def _unpriced(row: FleetRow) -> Unexpected:
    if row.vm.ended:
        why = "It ended before anybody looked from here, and the service does not tell what it did."
    else:
        why = "The size of its image version cannot be read."
    return Unexpected(f"What {clean(row.id)} costs is not known.", why, "See mvm-tui get.")


def _coming(
    to_end: Decimal | None, if_idle: Decimal | None, saving: Decimal | None, payback: Decimal | None
) -> Facts:
    found = []
    if to_end is not None:
        found.append(("to its end", f"{dollars(to_end)} more, if it stays as it is"))
    if if_idle is not None:
        found.append(("if idle", f"{dollars(if_idle)} more, without any traffic from now on"))
    if saving is not None and payback is not None:
        found.append(("suspending", f"saves {dollars(saving)}/h, pays back after {payback:.0f} s"))
    return found


def _cost(account: Account, row: FleetRow) -> VmCost | None:
    from mvm_tui.fleet.spend import vm_cost

    found: Tariff | None = account.tariffs.of((row.vm.image_arn, row.vm.image_version))
    known = account.books.accounts.get(row.id)
    return None if known is None else vm_cost(known, found, account.at)


def _stored(versions: Sequence[VersionCost]) -> list[Estimate]:
    found = [one.total for one in versions if one.total is not None]
    if unread := len(versions) - len(found):
        reason = f"The snapshot sizes of {unread} image versions are not known."
        found.append(left_out("image_storage", reason))
    return found


def _storage(account: Account) -> Decimal | None:
    """USD per hour; None if images could not be read, or have no rate."""
    from mvm_tui.fleet.storage import storage_per_hour

    unpriced = any(one.gb is not None and one.per_hour is None for one in account.image_versions)
    if unpriced or not account.versions_read:
        return None
    return storage_per_hour(account.image_versions)


def _month(account: Account, whole: FleetCost) -> Projection | None:
    """What was kept of the month's earlier days, today, and what is stored; None if that is not known."""
    from mvm_tui.fleet.spend import month_end, month_spent
    from mvm_tui.fleet.storage import stored_since

    if not account.versions_read:
        return None
    begin = account.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spent = month_spent(account.days, account.now) + whole.today
    spent += stored_since(account.image_versions, begin, account.now)
    return month_end(account.now, spent, whole.per_hour, _storage(account) or ZERO)


def _dated(account: Account, estimate: Estimate) -> Estimate:
    """The estimate with what is to be said of the rates."""
    from mvm_tui.model.cost import rate_assumptions

    notes = [one for rates in account.rates() for one in rate_assumptions(rates, account.now.date())]
    return estimate.assuming(*notes)


def _rates(account: Account) -> dict[str, Any]:
    """Rates by architecture, for those that are in use."""
    return {rates.arch: rates_record(rates) for rates in account.rates()}


def _rates_facts(account: Account) -> Facts:
    return [
        ("rates", f"{one.region}, {one.arch}, of {one.as_of.isoformat()} ({one.source})")
        for one in account.rates()
    ]
