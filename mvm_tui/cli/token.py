"""`token`: a token for other clients of a MicroVM's endpoint."""

from __future__ import annotations

import sys
from typing import Any

import click

from mvm_tui.cli.choosing import one_row
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_object, say, write
from mvm_tui.cli.reaching import port_option, tokens_of
from mvm_tui.cli.records import timestamp
from mvm_tui.cli.session import Session
from mvm_tui.fleet.actions import BY_ID
from mvm_tui.reach.access import PORT_HEADER


@verb(
    "token",
    help="Print a token that opens a MicroVM's endpoint for some minutes. Whoever has it can use the app: "
    "pipe it to the client that needs it, and keep it out of files and logs.",
    examples="""
    mvm-tui token web-1 --header | curl -H @- https://ENDPOINT/
    mvm-tui token web-1 --shell
    """,
)
@click.argument("microvm", metavar="VM")
@click.option(
    "--header", is_flag=True, help="As HTTP headers, one a line, the port's with --port among them."
)
@click.option("--shell", is_flag=True, help="For the shell instead of the app.")
@port_option
def token_verb(session: Session, microvm: str, **options: Any) -> None:
    port, shell = options["port"], options["shell"]
    if shell and port is not None:
        raise click.UsageError("--shell excludes --port.")
    if shell:
        session.refuse_read_only(BY_ID["microvm.shell"])
    row = one_row(session, microvm)
    tokens = tokens_of(session)
    token = tokens.shell(row.id) if shell else tokens.ports(row.id, port and ((port, port),))
    headers = [*token.headers, *([(PORT_HEADER, str(port))] if port else [])]
    if session.form != TABLE:
        record = {"id": row.id, "headers": dict(headers), "expires_at": timestamp(token.expires_at)}
        emit_object(session.form, record, ())
    else:
        lines = [f"{name}: {value}" for name, value in headers] if options["header"] else [token.secret]
        write("".join(f"{line}\n" for line in lines))
    if sys.stdout.isatty():
        say("Whoever has it can use the MicroVM until it expires.")
