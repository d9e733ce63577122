"""`name`: names of your own, kept on this machine."""

from __future__ import annotations

import click

from mvm_tui.cli.options import verb
from mvm_tui.cli.output import emit_object
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.text import clean

LONGEST = 64


def checked_name(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A name as it may be kept: one line of plain text that cannot be taken for an option or for stdin."""
    if value is None or value == "":
        return value
    if value != clean(value, LONGEST) or value != value.strip():
        raise click.BadParameter(f"at most {LONGEST} characters on one line, no spaces at the ends")
    if value.startswith("-"):
        raise click.BadParameter("it cannot begin with -")
    return value


@verb(
    "name",
    help="Give a MicroVM a name of your own; an empty one takes it away. AWS knows nothing of it.",
    examples="""
    mvm-tui name 9c1f web-1
    mvm-tui name web-1 ""
    """,
)
@click.argument("microvm", metavar="VM")
@click.argument("name", callback=checked_name)
def name_verb(session: Session, microvm: str, name: str) -> None:
    from mvm_tui.cli.choosing import one_row

    row = one_row(session, microvm)
    if not session.ledger.lasting:
        raise Unexpected("The name was not kept.", fix="Set XDG_STATE_HOME to a folder that can be written.")
    session.ledger.set_name(session.connection.scope_of(row.vm.image_arn), row.id, name)
    emit_object(session.form, {"id": row.id, "name": name or None}, [(row.id, name or "has no name now")])
