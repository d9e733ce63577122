"""Opens one websocket to a MicroVM's shell, in the form that its endpoint accepts."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    NegotiationError,
    WebSocketException,
)
from websockets.typing import Subprotocol

from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.errors import Problem, Unreachable
from mvm_tui.model.text import clean
from mvm_tui.model.token import AccessToken
from mvm_tui.shell.protocol import Form
from mvm_tui.shell.refusals import ERROR_HEADER, Refusal, for_refusal

OPEN_SECONDS = 10.0
# No largest frame is published; 4 MiB is what a script that ran against the service allows.
LARGEST_FRAME = 4 * 1024 * 1024
# Frames that may wait before the socket is no longer read. The session's own queue comes after it.
FRAMES_WAITING = 16
# Answers after which another form of the upgrade may be accepted.
_OTHER_FORM = frozenset({400, 401, 403, 404, 405, 426, 501})
# The proxy read the token and does not accept it: it will not in any other form.
_WRONG_TOKEN = "Token authentication failed"  # noqa: S105 - the service's text
_BODY_SHOWN = 400
_UNTRUSTED = "No trusted connection to the MicroVM could be made."


def _silent() -> logging.Logger:
    """A logger that writes nothing anywhere: websockets logs request headers, which hold the token."""
    logger = logging.Logger("websockets, silent", logging.CRITICAL + 1)
    logger.disabled = True
    return logger


_SILENT = _silent()


class _Connect(connect):
    """Never follows a redirect: a token goes only to the endpoint that the API returned."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def dial(
    endpoint: Endpoint, token: AccessToken, ways: Sequence[Form], ca_file: str = ""
) -> tuple[ClientConnection, Form]:
    """An open websocket, and the form that was accepted. The forms are tried in their order.

    Args:
        ca_file: A file of certificates to trust instead of the system's; empty for those.

    Raises:
        TokenRefused, ConnectionsUsedUp, NotReady, Unexpected: Refused; see `mvm_tui.shell.refusals`.
        Unreachable: No answer, or no trusted connection.
    """
    refusals: list[Refusal] = []
    odd: Problem | None = None
    for way in ways:
        try:
            return await _open(endpoint, token, way, ca_file), way
        except InvalidStatus as error:
            refusals.append(_read(error))
            if refusals[-1].status not in _OTHER_FORM or _WRONG_TOKEN in refusals[-1].text:
                break
        except NegotiationError as error:
            # It agreed to a subprotocol that was not offered, which it does not with another form.
            odd = _unreachable(error)
        except (OSError, WebSocketException, ValueError, EOFError) as error:
            raise _unreachable(error) from None
    raise for_refusal(_telling(refusals)) if refusals or odd is None else odd


async def _open(endpoint: Endpoint, token: AccessToken, way: Form, ca_file: str) -> ClientConnection:
    options: dict[str, Any] = {}
    if endpoint.plain:
        # The machine's proxy is meant for the network, not for a server on loopback.
        options["proxy"] = None
    else:
        options["ssl"] = _tls(ca_file)
    if endpoint.destination is not None:
        options |= {"host": endpoint.destination, "port": endpoint.port or (80 if endpoint.plain else 443)}
    offered = way.subprotocols(token)
    return await _Connect(
        endpoint.socket_url(way.path),
        subprotocols=None if offered is None else [Subprotocol(name) for name in offered],
        additional_headers=way.extra_headers(token),
        compression=None,
        open_timeout=OPEN_SECONDS,
        close_timeout=1,
        # The session sends its own pings: it knows when it is the one that does not read.
        ping_interval=None,
        max_size=LARGEST_FRAME,
        max_queue=FRAMES_WAITING,
        logger=_SILENT,
        **options,
    )


def _tls(ca_file: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as error:
        why = f"{clean(ca_file, 200)}: {_words(error)}"
        raise Unreachable(_UNTRUSTED, why, "Correct AWS_CA_BUNDLE, or ca_bundle in the profile.") from None
    # An upgrade exists in HTTP/1.1 only; what negotiated HTTP/2 was seen to break.
    context.set_alpn_protocols(["http/1.1"])
    return context


def _read(error: InvalidStatus) -> Refusal:
    response = error.response
    body = response.body or b""
    text = bytes(body[:_BODY_SHOWN]).decode("utf-8", "replace").strip()
    # A page of HTML, as gateways send, tells a user nothing.
    shown = "" if text.startswith("<") else text
    # Headers may be repeated; the first counts, and none is an error of ours.
    proxy_error = next(iter(response.headers.get_all(ERROR_HEADER)), "")
    wait = next(iter(response.headers.get_all("Retry-After")), "")
    seconds = min(float(wait), 60.0) if wait.isascii() and wait.isdigit() and len(wait) < 6 else None
    return Refusal(response.status_code, proxy_error, shown, seconds)


def _telling(refusals: Sequence[Refusal]) -> Refusal:
    """The refusal that tells most: what ended the search, else one about the token, else the first."""
    if refusals[-1].status not in _OTHER_FORM:
        return refusals[-1]
    return next((one for one in refusals if one.status in (401, 403)), refusals[0])


def _unreachable(error: Exception) -> Problem:
    """Without the error's own text where it may quote what was sent or answered."""
    if isinstance(error, ssl.SSLError):
        fix = "Check what stands on the way; AWS_CA_BUNDLE names a file of certificates to trust."
        return Unreachable(_UNTRUSTED, _words(error), fix)
    if isinstance(error, TimeoutError):
        why = f"Nothing was answered in {OPEN_SECONDS:g} seconds."
    elif isinstance(error, InvalidMessage | EOFError):
        why = "The connection was closed instead of answered."
    elif isinstance(error, InvalidHandshake | WebSocketException):
        why = f"The answer to the upgrade is none ({type(error).__name__})."
    else:
        why = _words(error)
    return Unreachable("The MicroVM's shell could not be reached.", why, "Check the network, and retry.")


def _words(error: Exception) -> str:
    """The system's own words where it has some: asyncio's name the address instead."""
    number = error.errno if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    said = os.strerror(number) if number and number > 0 else getattr(error, "strerror", None) or error
    return clean(said) or type(error).__name__
