"""Reads MicroVMs for the verbs: listings, details, names and sizes, with as few calls as can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from mvm_tui.aws import images, microvms
from mvm_tui.cli.output import progress, say, talks_to_terminal
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import Microvm

READERS = 8
_Version = tuple[str, str]
_In = TypeVar("_In")
_Out = TypeVar("_Out")


def listed_rows(session: Session) -> list[FleetRow]:
    """The whole listing, by List calls and nothing else, with names and sizes that are remembered."""
    return remembered(session, [vm for page in microvms.pages(session.connection) for vm in page])


def remembered(session: Session, vms: Sequence[Microvm]) -> list[FleetRow]:
    """Rows with the names and sizes of earlier runs. No call is made and no ledger begun for it."""
    names: dict[str, str] = {}
    sizes: dict[_Version, int] = {}
    if session.paths.ledger_file.exists():
        try:
            for scope in {session.connection.scope_of(arn) for arn in {vm.image_arn for vm in vms}}:
                names |= session.ledger.names(scope)
                sizes |= session.ledger.sizes(scope)
        except Problem as problem:
            say(str(problem))
    return [FleetRow(vm, names.get(vm.id, ""), sizes.get((vm.image_arn, vm.image_version))) for vm in vms]


def read_row(session: Session, microvm_id: str) -> FleetRow:
    """One MicroVM with its details and, where it is remembered, its size. Raises Gone and other problems."""
    return remembered(session, [microvms.get(session.connection, microvm_id)])[0]


def complete(session: Session, row: FleetRow) -> FleetRow:
    """The row with details and size, whatever calls that takes."""
    if row.vm.details is None:
        row = replace(row, vm=microvms.get(session.connection, row.id))
    return with_sizes(session, [row])[0]


def with_sizes(session: Session, rows: Sequence[FleetRow]) -> list[FleetRow]:
    """Read the sizes of the versions that are not remembered, one call each, and remember them."""
    wanted = {(row.vm.image_arn, row.vm.image_version) for row in rows if row.memory_mib is None}
    read = {version: size for version in wanted if (size := size_of(session, version)) is not None}
    return [
        replace(row, memory_mib=read.get((row.vm.image_arn, row.vm.image_version), row.memory_mib))
        for row in rows
    ]


def size_of(session: Session, version: _Version) -> int | None:
    """The size of an image version; None where nobody tells, such as for a version that was deleted."""
    image_arn, number = version
    try:
        size = images.version(session.connection, image_arn, number).memory_mib
        if size is not None:
            session.ledger.set_size(session.connection.scope_of(image_arn), image_arn, number, size)
    except Problem:
        return None
    return size


def with_details(session: Session, rows: Sequence[FleetRow]) -> list[FleetRow]:
    """Read every row's details and size, telling the progress on stderr.

    A MicroVM that is gone meanwhile stays as it was listed. Raises Problem.
    """

    def detailed(row: FleetRow) -> FleetRow:
        try:
            return replace(row, vm=paced_get(session, row.id))
        except Gone:
            return row

    if not talks_to_terminal():
        say(f"Reading the details of {len(rows)} MicroVMs.")
    read: list[FleetRow] = []
    try:
        for row in side_by_side(detailed, rows):
            read.append(row)
            progress(f"details of {len(read)} of {len(rows)} MicroVMs")
    finally:
        progress("")
    return with_sizes(session, read)


def paced_get(session: Session, microvm_id: str) -> Microvm:
    """`GetMicrovm` at the pace of something the user asked for. Raises Problem."""
    time.sleep(session.connection.budget.reserve("GetMicrovm", background=False))
    return microvms.get(session.connection, microvm_id)


def side_by_side(work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
    """The results of `work` in order, several at a time; the first exception ends it."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(READERS) as readers:
        futures = [readers.submit(work, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
