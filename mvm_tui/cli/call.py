"""`call`: one request to a MicroVM's app, as with curl, without a token to handle."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import click

import mvm_tui
from mvm_tui.cli import exits
from mvm_tui.cli.durations import Duration
from mvm_tui.cli.options import verb
from mvm_tui.cli.output import TABLE, emit_object, say, write, write_bytes
from mvm_tui.cli.reaching import Reached, checked_path, port_option, reached, resume_option
from mvm_tui.cli.session import Session
from mvm_tui.model.text import clean, clean_block
from mvm_tui.reach.call import Answer, Caller, Request

_EXITS = {401: exits.SIGN_IN, 403: exits.SIGN_IN} | dict.fromkeys((429, 502, 503), exits.TEMPORARY)
_FORM = "application/x-www-form-urlencoded"
# These say where a body ends, which the body itself does.
_FRAMING = frozenset({"content-length", "transfer-encoding"})


@verb(
    "call",
    help="Send one request to a MicroVM's app. The body goes to stdout. Exit code 0 below status 400, "
    "3 for 401 and 403, 4 for 429, 502 and 503, else 1.",
    examples="""
    mvm-tui call web-1 /items
    mvm-tui call web-1 /items -d '{"name": "x"}' -H 'Content-Type: application/json'
    mvm-tui call web-1 / -i --resume
    """,
)
@click.argument("microvm", metavar="VM")
@click.argument("path", metavar="PATH", default="/")
@click.option("-X", "--request", "method", metavar="METHOD", help="Method; GET, with -d POST.")
@click.option(
    "-d", "--data", multiple=True, metavar="TEXT|@FILE", help="Body; repeated ones are joined by &."
)
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Header; repeatable. 'NAME:' sends none of that name, 'NAME;' an empty one.",
)
@click.option("-i", "--include", is_flag=True, help="Print status and headers before the body.")
@click.option(
    "--timeout", type=Duration(), default="60s", metavar="TIME", help="Longest time for it all: 60s."
)
@port_option
@resume_option
def call_verb(session: Session, microvm: str, path: str, **options: Any) -> None:
    import asyncio

    request = _request(path, options)
    target = reached(session, microvm, options["port"], resume=options["resume"])
    code = asyncio.run(_call(session, target, request, include=options["include"]))
    click.get_current_context().exit(code)


def _request(path: str, options: dict[str, Any]) -> Request:
    headers: list[tuple[str, str | None]] = [_header(text) for text in options["headers"]]
    given = {name.lower() for name, _ in headers}
    body = _body(options["data"])
    headers += [] if "accept" in given else [("Accept", "*/*")]
    headers += [] if "user-agent" in given else [("User-Agent", f"mvm-tui/{mvm_tui.__version__}")]
    if body is not None and "content-type" not in given:
        headers.append(("Content-Type", _FORM))
    sent = tuple((name, value) for name, value in headers if value is not None)
    method = options["method"] or ("GET" if body is None else "POST")
    if not method.isascii() or not method.replace("-", "").isalnum():
        raise click.UsageError(f"{clean(method, 40)!r} is no method.")
    return Request(checked_path(path), method, sent, body, options["timeout"])


def _header(text: str) -> tuple[str, str | None]:
    """Name and value as with curl: none for ``NAME:``, an empty one for ``NAME;``."""
    empty = ":" not in text and text.endswith(";")
    name, colon, value = (text[:-1], ";", "") if empty else text.partition(":")
    token = name.strip()
    if not colon or not token or any(not "!" <= character <= "~" for character in token):
        raise click.UsageError("Write a header as 'Name: value'.")
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise click.UsageError(f"The value of {token} holds control characters.")
    if token.lower() in _FRAMING:
        raise click.UsageError(f"{token} is set by what is sent: leave it out.")
    return token, value.strip() or ("" if empty else None)


def _body(parts: tuple[str, ...]) -> bytes | None:
    if not parts:
        return None
    return b"&".join(map(_part, parts))


def _part(text: str) -> bytes:
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    if text == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(text[1:]).expanduser().read_bytes()
    except OSError as error:
        raise click.UsageError(f"{clean(text[1:])} cannot be read: {error.strerror}.") from None


async def _call(session: Session, to: Reached, request: Request, *, include: bool) -> int:
    async with Caller(to.target, to.access, session.clock) as caller:
        await caller.waking.awake()
        async with caller.send(request) as answer:
            if session.form == TABLE:
                await _print(answer, include=include)
            else:
                emit_object(session.form, _record(answer, await _whole(answer)), ())
            if answer.refusal is not None:
                say(str(answer.refusal))
            return exits.DONE if answer.status < 400 else _EXITS.get(answer.status, exits.FAILED)


async def _print(answer: Answer, *, include: bool) -> None:
    """The body as it comes; on a terminal without what would steer it."""
    if include:
        lines = [
            f"HTTP {answer.status} {answer.reason}",
            *(f"{name}: {value}" for name, value in answer.headers),
        ]
        write("".join(f"{clean(line)}\n" for line in lines) + "\n")
    if sys.stdout.isatty():
        text = (await _whole(answer)).decode("utf-8", "replace")
        if text:
            write(clean_block(text, len(text)).rstrip("\n") + "\n")
        return
    async for piece in answer.pieces:
        write_bytes(piece)


async def _whole(answer: Answer) -> bytes:
    return b"".join([piece async for piece in answer.pieces])


def _record(answer: Answer, body: bytes) -> dict[str, Any]:
    """`body` is text where the bytes are UTF-8, else null; `body_base64` the other way round."""
    try:
        text, encoded = body.decode(), None
    except UnicodeDecodeError:
        text, encoded = None, base64.b64encode(body).decode()
    refusal = answer.refusal
    return {
        "status": answer.status,
        "reason": answer.reason,
        "headers": [{"name": name, "value": value} for name, value in answer.headers],
        "body": text,
        "body_base64": encoded,
        "seconds": round(answer.seconds, 6),
        "refusal": refusal and {"what": refusal.what, "why": refusal.why, "fix": refusal.fix},
    }
