"""`ls` and `get`: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mvm_tui.cli.choosing import Selection, image_and_state
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import emit_list, emit_object
from mvm_tui.cli.records import cells, facts, headings, microvm_record
from mvm_tui.cli.session import Session
from mvm_tui.model.microvm import TERMINATED
from mvm_tui.model.sorting import DETAIL_COLUMNS, SORTABLE, sort_rows

if TYPE_CHECKING:
    from mvm_tui.model.query import Query


@verb(
    "ls",
    help="List MicroVMs. Those that were terminated are left out without --all or --state.",
    examples="""
    mvm-tui ls
    mvm-tui ls --state running,suspended --sort -age
    mvm-tui ls --filter 'web size>=2g age>2h' -o ndjson
    mvm-tui ls --details -o json | jq '.[].endpoint'
    """,
)
@image_and_state
@click.option("--all", "everything", is_flag=True, help="Those that were terminated, too.")
@click.option("--sort", default="state", metavar="[-]COLUMN", help="Order; a leading - turns it round.")
@click.option(
    "--filter", "text", default="", metavar="TERMS", help="As in the UI: web state:suspended age>2h."
)
@click.option("--details", is_flag=True, help="Read each MicroVM: end, endpoint, shell, idle policy, size.")
def ls_verb(
    session: Session,
    states: tuple[str, ...],
    images: tuple[str, ...],
    everything: bool,
    sort: str,
    text: str,
    details: bool,
) -> None:
    from mvm_tui.cli.reading import listed_rows, with_details

    column, reverse = _sort_column(sort, details)
    query = _query(text, details)
    selection = Selection(images, states)
    now = session.clock.now()
    listing = listed_rows(session)
    selection.doubt(listing)
    rows = [
        row
        for row in listing
        if selection.matches(row, now) and (everything or states or row.vm.state != TERMINATED)
    ]
    if details:
        rows = with_details(session, rows)
    if query is not None:
        rows = [row for row in rows if query.matches(row, now)]
    rows = sort_rows(rows, column, reverse)
    table = (cells(row, now, details) for row in rows)
    emit_list(session.form, map(microvm_record, rows), headings(details), table)


def _sort_column(sort: str, details: bool) -> tuple[str, bool]:
    column = sort.removeprefix("-")
    if column not in SORTABLE:
        raise click.UsageError(f"There is no column {column!r} to sort by: use {', '.join(SORTABLE)}.")
    if column in DETAIL_COLUMNS and not details:
        raise click.UsageError(f"The column {column} is known only with --details.")
    return column, sort.startswith("-")


def _query(text: str, details: bool) -> Query | None:
    if not text:
        return None
    from mvm_tui.model.query import parse_query

    try:
        query = parse_query(text)
    except ValueError as error:
        raise click.UsageError(f"--filter: {error}") from None
    if query.needs_details and not details:
        raise click.UsageError("--filter asks for what is known only with --details.")
    return query


@verb(
    "get",
    help="Show one MicroVM, complete.",
    examples="""
    mvm-tui get web-1
    mvm-tui get 9c1f -o json
    """,
)
@click.argument("microvm", metavar="VM")
def get_verb(session: Session, microvm: str) -> None:
    from mvm_tui.cli.choosing import one_row
    from mvm_tui.cli.reading import complete

    row = complete(session, one_row(session, microvm))
    emit_object(session.form, microvm_record(row), facts(row, session.clock.now()))
