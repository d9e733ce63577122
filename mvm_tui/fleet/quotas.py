"""All quotas of an account in one list: what is used, what is applied, what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mvm_tui.aws.quotas import applied_values, default_values
from mvm_tui.aws.session import Connection
from mvm_tui.fleet.history import Learned
from mvm_tui.model.errors import Problem
from mvm_tui.model.quota import (
    BUILDS,
    LEARNED,
    MEMORY,
    PUBLISHED,
    QUOTA_KINDS,
    SERVICE_QUOTAS,
    Quota,
    QuotaKind,
)
from mvm_tui.model.size import MIB_PER_GB

_NOTES = {
    MEMORY: "Running and suspended MicroVMs count; builds under way count too and are not seen here.",
    BUILDS: "Versions that are being built now.",
}


@dataclass(frozen=True, slots=True)
class Values:
    """What Service Quotas says, by code, or why it says nothing."""

    applied: Mapping[str, float] = field(default_factory=dict)
    defaults: Mapping[str, float] = field(default_factory=dict)
    problem: Problem | None = None


def read_values(connection: Connection) -> Values:
    """Applied and default values: two calls. A refusal is part of the answer, not raised."""
    try:
        applied = applied_values(connection)
    except Problem as problem:
        return Values(problem=problem)
    try:
        return Values(applied, default_values(connection))
    except Problem:
        return Values(applied)


def quotas(
    values: Values, learned: Mapping[str, Learned], used: Mapping[str, float], region: str
) -> list[Quota]:
    """One `Quota` for each kind there is. `learned` and `used` are by the id of the kind."""
    return [_quota(kind, values, learned.get(kind.id), used.get(kind.id), region) for kind in QUOTA_KINDS]


def _quota(
    kind: QuotaKind, values: Values, learned: Learned | None, used: float | None, region: str
) -> Quota:
    factor = MIB_PER_GB if kind.id == MEMORY else 1
    published = kind.published_in(region)
    stated = values.defaults.get(kind.code)
    default = published if stated is None else stated * factor
    note = _NOTES.get(kind.id, "")
    applied = values.applied.get(kind.code)
    if applied is not None:
        return Quota(kind, used, applied * factor, default, SERVICE_QUOTAS, note)
    if learned is not None:
        note = f"Refused at this on {learned.at:%Y-%m-%d %H:%M} UTC. {note}".strip()
        return Quota(kind, used, learned.value, default, LEARNED, note)
    # What Service Quotas lists and does not tell may be lower than what is published, as for new accounts.
    known = not kind.code
    return Quota(kind, used, published if known else None, default, PUBLISHED if known else "", note)
