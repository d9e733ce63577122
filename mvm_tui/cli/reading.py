"""Reads MicroVMs for the verbs: listings, details, names and sizes, with as few calls as can be."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mvm_tui.aws import images, microvms
from mvm_tui.cli.output import progress
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import Microvm
from mvm_tui.model.scope import Scope

READERS = 8
_ACCOUNT = re.compile(r"\d{12}")


def listed_rows(session: Session) -> list[FleetRow]:
    """The whole listing, by List calls and nothing else, with names and sizes that are remembered."""
    connection = session.connection
    vms = [vm for page in microvms.pages(connection) for vm in page]
    return remembered(session, vms)


def remembered(session: Session, vms: Sequence[Microvm]) -> list[FleetRow]:
    """Rows with the names and sizes of earlier runs. No call is made and no ledger begun for it."""
    scope = scope_of(session, vms)
    if scope is None or not session.paths.ledger_file.exists():
        return [FleetRow(vm) for vm in vms]
    names, sizes = session.ledger.names(scope), session.ledger.sizes(scope)
    return [FleetRow(vm, names.get(vm.id, ""), sizes.get((vm.image_arn, vm.image_version))) for vm in vms]


def scope_of(session: Session, vms: Iterable[Microvm]) -> Scope | None:
    """Whose MicroVMs these are, by their images' ARNs; None if none names an account."""
    for vm in vms:
        scope = session.connection.scope_of(vm.image_arn)
        if _ACCOUNT.fullmatch(scope.account):
            return scope
    return None


def complete_row(session: Session, microvm_id: str) -> FleetRow:
    """One MicroVM with details and size. Raises Gone if the service does not know it."""
    return complete(session, microvms.get(session.connection, microvm_id))


def complete(session: Session, vm: Microvm) -> FleetRow:
    """A MicroVM that has its details, with its name and its size."""
    return with_sizes(session, remembered(session, [vm]))[0]


def with_sizes(session: Session, rows: Sequence[FleetRow]) -> list[FleetRow]:
    """Read the sizes of the versions that are not remembered, one call each, and remember them."""
    wanted = {(row.vm.image_arn, row.vm.image_version) for row in rows if row.memory_mib is None}
    read = {version: size for version in wanted if (size := _size(session, *version)) is not None}
    return [
        replace(row, memory_mib=read.get((row.vm.image_arn, row.vm.image_version), row.memory_mib))
        for row in rows
    ]


def _size(session: Session, image_arn: str, version: str) -> int | None:
    """The size of an image version; None where nobody tells, such as for a version that was deleted."""
    try:
        size = images.version(session.connection, image_arn, version).memory_mib
    except Problem:
        return None
    scope = session.connection.scope_of(image_arn)
    if size is not None and _ACCOUNT.fullmatch(scope.account):
        session.ledger.set_size(scope, image_arn, version, size)
    return size


def with_details(session: Session, rows: Sequence[FleetRow]) -> list[FleetRow]:
    """Read every row's details and size, telling the progress on stderr.

    A MicroVM that is gone meanwhile stays as it was listed. Raises Problem.
    """
    from concurrent.futures import ThreadPoolExecutor

    detailed: list[FleetRow] = []
    with ThreadPoolExecutor(READERS) as readers:
        futures = [readers.submit(_detailed, session, row) for row in rows]
        try:
            for future in futures:
                detailed.append(future.result())
                progress(f"details of {len(detailed)} of {len(rows)} MicroVMs")
        finally:
            for future in futures:
                future.cancel()
            progress("")
    return with_sizes(session, detailed)


def _detailed(session: Session, row: FleetRow) -> FleetRow:
    time.sleep(session.connection.budget.reserve("GetMicrovm", background=False))
    try:
        return replace(row, vm=microvms.get(session.connection, row.id))
    except Gone:
        return row
