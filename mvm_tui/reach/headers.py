"""Which headers go on, and how those that name a place are changed on the way."""

from __future__ import annotations

import re
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
# ``5; url=https://…``: what stands before the place, the place, what stands after it.
_REFRESH = re.compile(r"(?P<before>[^=]*=\s*[\"']?)(?P<place>.*?)(?P<after>[\"']?\s*)", re.S)
_DEFAULT_PORT = re.compile(r":(?:80|443)?$")
# Cookies that a browser takes with ``Secure`` only.
_NEED_SECURE = ("__host-", "__secure-")


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
    here = f"http://{authority}"
    for name in ("Location", "Content-Location"):
        if name in passed:
            passed[name] = _moved(passed[name], endpoint.authority, here)
    if refresh := _REFRESH.fullmatch(passed.get("Refresh", "")):
        place = _moved(refresh["place"], endpoint.authority, here)
        passed["Refresh"] = f"{refresh['before']}{place}{refresh['after']}"
    cookies = passed.popall("Set-Cookie", [])
    passed.extend(("Set-Cookie", _for_here(cookie)) for cookie in cookies)
    return passed


def subprotocols(headers: CIMultiDictProxy[str]) -> list[str]:
    """What a client offers for a WebSocket, without what would speak to the MicroVM's proxy."""
    offered = (part.strip() for part in headers.get("Sec-WebSocket-Protocol", "").split(","))
    return [part for part in offered if part and not part.startswith(OWN_SUBPROTOCOL)]


def _passed(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    dropped = HOP_BY_HOP | _ANSWERED_HERE | connection_options(headers.getall("Connection", []))
    return CIMultiDict(
        (name, _text(value))
        for name, value in headers.items()
        if name.lower() not in dropped and not name.lower().startswith(_OWN)
    )


def _moved(value: str, authority: str, base: str) -> str:
    """A URL at `authority` put at `base`, whatever its scheme; any other text as it is."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return value
    if authority not in (parts.netloc.lower(), _DEFAULT_PORT.sub("", parts.netloc.lower())):
        return value
    to = urlsplit(base)
    return urlunsplit((to.scheme, to.netloc, parts.path, parts.query, parts.fragment))


def _for_here(cookie: str) -> str:
    """A cookie as it may be set from ``http://`` on this machine: for our name, without TLS.

    Browsers refuse a domain that is not ours, and not all of them take ``Secure`` from a name under
    ``.localhost``. It stays where the cookie would be refused without it.
    """
    first, *attributes = cookie.split(";")
    words = {_attribute(part): part for part in attributes}
    dropped = {"domain"}
    if not first.strip().lower().startswith(_NEED_SECURE) and not _anywhere(words.get("samesite", "")):
        dropped.add("secure")
    return ";".join([first, *(part for part in attributes if _attribute(part) not in dropped)])


def _attribute(part: str) -> str:
    return part.partition("=")[0].strip().lower()


def _anywhere(same_site: str) -> bool:
    """Whether ``SameSite=None`` is said, which holds together with ``Secure`` only."""
    return same_site.partition("=")[2].strip().lower() == "none"


def _text(value: str) -> str:
    """A header's text with bytes that are no UTF-8 read as Latin-1: as they came they cannot be sent on."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value
