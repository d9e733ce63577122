"""`quotas`: what the account may use, and how much of it is used."""

from __future__ import annotations

from typing import Any

from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_list, progress, say
from mvm_tui.cli.records import UNKNOWN
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Problem
from mvm_tui.model.microvm import ALLOCATING
from mvm_tui.model.quota import BUILDING, BUILDS, IMAGES, MEMORY, VERSIONS, Quota
from mvm_tui.model.size import memory_label

_HEADINGS = ("QUOTA", "USED", "APPLIED", "DEFAULT", "UNIT", "SOURCE")


@verb(
    "quotas",
    help="Memory, images, versions, builds and API rates: used, applied to the account, published. Memory "
    "used is a lower bound: what is being built counts too and cannot be seen.",
    examples="""
    mvm-tui quotas
    mvm-tui quotas -o json | jq '.[] | select(.id == "memory")'
    """,
)
def quotas_verb(session: Session) -> None:
    from mvm_tui.fleet.quotas import quotas, read_values

    values = read_values(session.connection)
    if values.problem is not None:
        say(str(values.problem))
    learned = _learned(session)
    found = quotas(values, learned, _used(session), session.connection.region)
    emit_list(session.form, map(_record, found), _HEADINGS, map(_cells, found))
    if session.form == TABLE:
        for quota in found:
            if quota.note:
                say(f"{quota.kind.name}: {quota.note}")


def _learned(session: Session) -> dict[str, Any]:
    """What refusals taught, if anything was ever kept."""
    from mvm_tui.fleet.history import History

    if not session.paths.ledger_file.exists():
        return {}
    try:
        return dict(History(session.ledger).learned(session.connection.scope))
    except Problem as problem:
        say(str(problem))
        return {}


def _used(session: Session) -> dict[str, float]:
    """What is used of each quota that can be counted; what may not be read is left out."""
    used: dict[str, float] = {}
    for count in (_count_memory, _count_images):
        try:
            used |= count(session)
        except Problem as problem:
            say(str(problem))
    progress("")
    return used


def _count_memory(session: Session) -> dict[str, float]:
    from mvm_tui.cli.reading import listed_rows, with_sizes

    rows = [row for row in listed_rows(session) if row.vm.state in ALLOCATING]
    rows = with_sizes(session, rows)
    unknown = sum(row.memory_mib is None for row in rows)
    if unknown:
        say(f"The size of {unknown} MicroVMs is not known: their memory is not counted.")
    return {MEMORY: sum(row.memory_mib or 0 for row in rows)}


def _count_images(session: Session) -> dict[str, float]:
    from mvm_tui.aws.images import images, versions

    listed = [image for page in images(session.connection) for image in page]
    most = building = 0
    for number, image in enumerate(listed, start=1):
        progress(f"versions of image {number} of {len(listed)}")
        found = [version for page in versions(session.connection, image.arn) for version in page]
        most = max(most, len(found))
        building += sum(version.state in BUILDING for version in found)
    return {IMAGES: len(listed), VERSIONS: most, BUILDS: building}


def _record(quota: Quota) -> dict[str, Any]:
    return {
        "id": quota.kind.id,
        "name": quota.kind.name,
        "unit": quota.kind.unit,
        "used": _number(quota.used),
        "applied": _number(quota.applied),
        "default": _number(quota.default),
        "source": quota.source or None,
        "code": quota.kind.code or None,
        "note": quota.note or None,
    }


def _number(value: float | None) -> float | int | None:
    """Whole numbers as such: memory is in MiB."""
    return int(value) if value is not None and value == int(value) else value


def _cells(quota: Quota) -> tuple[str, ...]:
    values = (_text(quota, value) for value in (quota.used, quota.applied, quota.default))
    unit = "" if quota.kind.id == MEMORY else quota.kind.unit
    return (quota.kind.name, *values, unit, quota.source or UNKNOWN)


def _text(quota: Quota, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return memory_label(round(value)) if quota.kind.id == MEMORY else f"{value:g}"
