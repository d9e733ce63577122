"""Which headers go on, and how those that name a place are changed on the way."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from multidict import CIMultiDict, CIMultiDictProxy

from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.http_headers import HOP_BY_HOP, connection_options
from mvm_tui.reach.access import PROXY_HEADERS

_OWN = (PROXY_HEADERS, "sec-websocket-")
_ANSWERED_HERE = frozenset({"expect", "host"})
# Subprotocols that the MicroVM's proxy takes for itself, the token among them.
OWN_SUBPROTOCOL = "lambda-microvms"


def to_app(
    headers: CIMultiDictProxy[str], own: Iterable[tuple[str, str]], endpoint: Endpoint, authority: str
) -> CIMultiDict[str]:
    """The request's headers as the app is to see them, with `own` added: the token and the port."""
    passed = _passed(headers)
    for name in ("Origin", "Referer"):
        if name in passed:
            passed[name] = _moved(passed[name], authority, endpoint.url())
    passed.extend(own)
    return passed


def to_client(headers: CIMultiDictProxy[str], endpoint: Endpoint, authority: str) -> CIMultiDict[str]:
    """The answer's headers as the client is to see them: places at the endpoint become ours."""
    passed = _passed(headers)
    for name in ("Location", "Content-Location", "Refresh"):
        if name in passed:
            passed[name] = _moved(passed[name], endpoint.authority, f"http://{authority}")
    cookies = passed.popall("Set-Cookie", [])
    passed.extend(("Set-Cookie", _host_only(cookie)) for cookie in cookies)
    return passed


def subprotocols(headers: CIMultiDictProxy[str]) -> list[str]:
    """What a client offers for a WebSocket, without what would speak to the MicroVM's proxy."""
    offered = (part.strip() for part in headers.get("Sec-WebSocket-Protocol", "").split(","))
    return [part for part in offered if part and not part.startswith(OWN_SUBPROTOCOL)]


def _passed(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    dropped = HOP_BY_HOP | _ANSWERED_HERE | connection_options(headers.getall("Connection", []))
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in dropped and not name.lower().startswith(_OWN)
    )


def _moved(value: str, authority: str, base: str) -> str:
    """A URL at `authority` put at `base`, whatever its scheme; any other text as it is."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return value
    if parts.netloc.lower() != authority:
        return value
    to = urlsplit(base)
    return urlunsplit((to.scheme, to.netloc, parts.path, parts.query, parts.fragment))


def _host_only(cookie: str) -> str:
    """A cookie without its domain: it is for the endpoint's, which a browser would refuse from us."""
    attributes = cookie.split(";")
    kept = [part for part in attributes if part.strip().partition("=")[0].lower() != "domain"]
    return ";".join(kept)
