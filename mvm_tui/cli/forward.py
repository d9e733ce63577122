"""`forward`: a port of this machine that leads to a MicroVM's app."""

from __future__ import annotations

import asyncio
import gc
from datetime import datetime
from typing import Any

import click

from mvm_tui.cli.options import verb
from mvm_tui.cli.output import NDJSON, TABLE, emit_line, emit_object, say
from mvm_tui.cli.reaching import Reached, port_option, reached, resume_option
from mvm_tui.cli.records import timestamp
from mvm_tui.cli.session import Session
from mvm_tui.model.text import clean
from mvm_tui.reach.forward import Forward
from mvm_tui.reach.traffic import Exchange, Traffic

_PATH_SHOWN = 100


@verb(
    "forward",
    help="Forward a port of this machine to a MicroVM's app, until ctrl-c. Prints a URL with a random name: "
    "whoever has it can use the app, and nothing else is answered. Requests are told on stderr, with "
    "-o ndjson on stdout.",
    examples="""
    mvm-tui forward web-1
    mvm-tui forward web-1 --port 3000 --local-port 9000 --open
    mvm-tui forward web-1 -o ndjson              the URL, then each request as a record
    """,
)
@click.argument("microvm", metavar="VM")
@click.option(
    "--local-port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="PORT",
    help="Port of this machine; without it, one that is free.",
)
@click.option("--open", "browse", is_flag=True, help="Open it in the browser.")
@port_option
@resume_option
def forward_verb(session: Session, microvm: str, **options: Any) -> None:
    to = reached(session, microvm, options["port"], resume=options["resume"])
    # It stays for hours, unlike other verbs.
    gc.enable()
    asyncio.run(_forward(session, to, options["local_port"], browse=options["browse"]))


async def _forward(session: Session, to: Reached, local_port: int, *, browse: bool) -> None:
    teller = _Teller(session)
    traffic = Traffic(on_exchange=teller.tell)
    async with Forward(
        to.target, to.access, session.clock, local_port=local_port, traffic=traffic
    ) as forward:
        record = {
            "id": to.row.id,
            "url": forward.url,
            "port": to.target.port,
            "local_port": forward.port,
            "requests_per_second": forward.rate.allowed,
        }
        if session.form == TABLE:
            emit_line(TABLE, record, [forward.url])
            name = clean(to.row.name or to.row.id)
            say(f"Leads to {name}. Sent at most {forward.rate.words}. ctrl-c ends it.")
        else:
            emit_object(NDJSON, record, ())
        if browse:
            click.launch(forward.url)
        await asyncio.Event().wait()


class _Teller:
    """Says what goes through, one line for each request."""

    def __init__(self, session: Session) -> None:
        self._form = session.form

    def tell(self, exchange: Exchange) -> None:
        if self._form == NDJSON:
            emit_line(NDJSON, exchange_record(exchange), ())
        else:
            say(exchange_line(exchange))


def exchange_record(exchange: Exchange) -> dict[str, Any]:
    """One request in the words of the contract; times in seconds, sizes in bytes."""
    problem = exchange.problem
    return {
        "at": timestamp(exchange.at),
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "seconds": round(exchange.seconds, 6),
        "waited_seconds": round(exchange.waited, 6),
        "received_bytes": exchange.received,
        "sent_bytes": exchange.sent,
        "problem": None if problem is None else str(problem),
    }


def exchange_line(exchange: Exchange) -> str:
    """``14:21:07  GET /items  200  3 ms``; safe to show."""
    at: datetime = exchange.at.astimezone()
    status = "broken off" if exchange.status is None else str(exchange.status)
    waited = f" after {exchange.waited * 1000:.0f} ms held back" if exchange.waited >= 0.001 else ""
    parts = [
        f"{at:%H:%M:%S}",
        clean(exchange.method, 20),
        clean(exchange.path, _PATH_SHOWN),
        status,
        f"{(exchange.seconds - exchange.waited) * 1000:.0f} ms{waited}",
    ]
    if exchange.problem is not None:
        parts.append(clean(exchange.problem.what))
    return "  ".join(parts)
