"""MicroVMs as the command line shows them: members of the JSON contract, cells of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from mvm_tui.model.connectors import connector_name
from mvm_tui.model.durations import plain_duration, short_duration
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.size import memory_label

UNKNOWN = "—"


def microvm_record(row: FleetRow) -> dict[str, Any]:
    """The members of one MicroVM in ``-o json``, always all and in this order; unknown is None."""
    vm = row.vm
    details = vm.details
    return {
        "id": vm.id,
        "name": row.name or None,
        "state": vm.state,
        "image": vm.image_name,
        "version": vm.image_version or None,
        "memory_mib": row.memory_mib,
        "started_at": timestamp(vm.started_at),
        "ends_at": timestamp(vm.ends_at),
        "endpoint": (details.endpoint or None) if details else None,
        "shell": vm.shell,
        "idle_policy": _policy_record(details.idle_policy) if details and details.idle_policy else None,
    }


def _policy_record(policy: IdlePolicy) -> dict[str, Any]:
    return {
        "max_idle_seconds": policy.max_idle_seconds,
        "suspended_seconds": policy.suspended_seconds,
        "auto_resume": policy.auto_resume,
    }


def timestamp(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds: ``2026-11-01T12:00:00.000Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Cell = Callable[[FleetRow, datetime], str]


def _left(row: FleetRow, now: datetime) -> str:
    ends = row.vm.ends_at
    return UNKNOWN if ends is None or row.vm.ended else short_duration((ends - now).total_seconds())


def _age(row: FleetRow, now: datetime) -> str:
    started = row.vm.started_at
    return UNKNOWN if started is None or row.vm.ended else short_duration((now - started).total_seconds())


def _idle(row: FleetRow, now: datetime) -> str:
    if row.vm.details is None:
        return UNKNOWN
    policy = row.vm.details.idle_policy
    return policy.label if policy else "none"


def yes_no(value: bool | None) -> str:
    """``yes``, ``no``, or the dash for unknown."""
    return UNKNOWN if value is None else "yes" if value else "no"


_LISTED: dict[str, _Cell] = {
    "STATE": lambda row, now: row.state_word,
    "NAME": lambda row, now: row.name or UNKNOWN,
    "ID": lambda row, now: row.id,
    "IMAGE": lambda row, now: row.vm.image_label,
    "SIZE": lambda row, now: UNKNOWN if row.memory_mib is None else memory_label(row.memory_mib),
    "AGE": _age,
}
_DETAILED: dict[str, _Cell] = {
    "LEFT": _left,
    "IDLE": _idle,
    "SHELL": lambda row, now: yes_no(row.vm.shell),
    "ENDPOINT": lambda row, now: (row.vm.details and row.vm.details.endpoint) or UNKNOWN,
}


def headings(details: bool) -> list[str]:
    """The table's headings; with `details` those that cost a call for each MicroVM as well."""
    return [*_LISTED, *(_DETAILED if details else ())]


def cells(row: FleetRow, now: datetime, details: bool) -> list[str]:
    """The cells under `headings`."""
    return [cell(row, now) for cell in (*_LISTED.values(), *(_DETAILED.values() if details else ()))]


def facts(row: FleetRow, now: datetime) -> list[tuple[str, str]]:
    """Everything known of one MicroVM, as name and text."""
    vm, details = row.vm, row.vm.details
    pairs = list(zip([heading.lower() for heading in headings(True)], cells(row, now, True), strict=True))
    pairs += [("image arn", vm.image_arn), ("started", timestamp(vm.started_at) or UNKNOWN)]
    if details is None:
        return pairs
    maximum = details.maximum_duration
    return [
        *pairs,
        ("ends", timestamp(vm.ends_at) or UNKNOWN),
        ("maximum", UNKNOWN if maximum is None else plain_duration(maximum)),
        ("ingress", _connectors(details.ingress)),
        ("egress", _connectors(details.egress)),
        ("role", details.execution_role or "none: the MicroVM writes no logs"),
        ("reason", details.state_reason or UNKNOWN),
        ("terminated", timestamp(details.terminated_at) or UNKNOWN),
    ]


def _connectors(arns: Sequence[str]) -> str:
    return ", ".join(connector_name(arn) for arn in arns) or UNKNOWN
