"""Costs as a file: CSV for spreadsheets, JSON for programs, put in place whole and never over another."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from mvm_tui.fleet.figures import Figures
from mvm_tui.fleet.spend import VmCost
from mvm_tui.fleet.storage import VersionCost
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.money import exact, exact_or_none
from mvm_tui.model.text import clean

FIELDS = (
    "kind",
    "id",
    "name",
    "image",
    "version",
    "state",
    "memory_mib",
    "gb",
    "usd_per_hour",
    "total_usd",
    "low_usd",
    "high_usd",
    "observed",
    "range_only",
)
# A spreadsheet takes a cell that begins so for a formula, which may call out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AlreadyThere(Unexpected):
    """There is such a file: it is replaced only if the user says so."""


def records(
    figures: Figures, rows: Iterable[FleetRow], cost_of: Callable[[str], VmCost | None]
) -> list[dict[str, Any]]:
    """One record for each MicroVM and each stored image version; unknown is None."""
    found = [_vm(row, cost_of(row.id)) for row in rows]
    versions = (figures.details.versions if figures.details else None) or ()
    return found + [_version(one) for one in versions]


def as_json(figures: Figures, found: list[dict[str, Any]], region: str) -> str:
    """The records with the sums over them."""
    cost, details = figures.cost, figures.details
    month = details.month if details else None
    content = {
        "at": _stamp(cost.at),
        "region": region,
        "usd_per_hour": exact(cost.per_hour),
        "today_usd": exact(cost.today),
        "month": None
        if month is None
        else {
            "month": f"{month.month:%Y-%m}",
            "spent_usd": exact(month.spent),
            "low_usd": exact(month.low),
            "high_usd": exact(month.high),
        },
        "last_24_hours_usd": [exact(amount) for amount in details.hours] if details else None,
        "costs": found,
    }
    return json.dumps(content, indent=2) + "\n"


def as_csv(found: Iterable[Mapping[str, Any]]) -> str:
    """The records under the names of `FIELDS`; what a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for record in found:
        writer.writerow([_cell(record[name]) for name in FIELDS])
    return text.getvalue()


def put(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file whole, readable by its user only; either all of it is there or nothing.

    Raises:
        AlreadyThere: There is a file of that name, and `replace` was not given.
        Unexpected: It cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            if replace:
                part.replace(path)
            else:
                # Fails where there is a file, even one that came this moment.
                path.hardlink_to(part)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except FileExistsError:
        raise AlreadyThere("There is such a file already.", clean(path), "Name another.") from None
    except OSError as error:
        why = f"{clean(path)}: {error.strerror or 'it cannot be written'}."
        raise Unexpected("The file could not be written.", why, "Name another place.") from None


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _vm(row: FleetRow, cost: VmCost | None) -> dict[str, Any]:
    vm = row.vm
    return {
        "kind": "microvm",
        "id": clean(vm.id),
        "name": clean(row.name) or None,
        "image": clean(vm.image_name),
        "version": clean(vm.image_version) or None,
        "state": clean(vm.state),
        "memory_mib": row.memory_mib,
        "gb": None,
        "usd_per_hour": exact_or_none(cost.per_hour if cost else None),
        "total_usd": exact_or_none(cost.total if cost else None),
        "low_usd": exact_or_none(cost.low if cost else None),
        "high_usd": exact_or_none(cost.high if cost else None),
        "observed": None if cost is None else not cost.assumed,
        "range_only": None if cost is None else cost.doubtful,
    }


def _version(one: VersionCost) -> dict[str, Any]:
    image, _, version = one.name.rpartition(":")
    total = one.total
    return {
        "kind": "image version",
        "id": clean(one.version[0]),
        "name": None,
        "image": clean(image),
        "version": clean(version),
        "state": clean(one.status),
        "memory_mib": None,
        "gb": exact_or_none(one.gb),
        "usd_per_hour": exact_or_none(one.per_hour),
        "total_usd": exact_or_none(total.total if total else None),
        "low_usd": exact_or_none(total.low if total else None),
        "high_usd": exact_or_none(total.high if total else None),
        "observed": None,
        "range_only": None,
    }


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
