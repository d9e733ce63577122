"""The HTTP client for MicroVMs' endpoints: it adds nothing, keeps nothing, follows nothing.

A token goes only to the endpoint that the API returned: redirects are handed on, never followed.
"""

from __future__ import annotations

import socket
import ssl
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.errors import Problem, Unreachable
from mvm_tui.model.text import clean

CONNECT_SECONDS = 10.0
# Of one MicroVM; the largest size takes 128 (Lambda Developer Guide, MicroVM limits).
CONNECTIONS = 128
# Of one header's value, or of the first line: apps' cookies are larger than the client's own 8 kB.
HEADER_BYTES = 65_536
# What the client would add by itself and a forwarded or a typed request did not ask for.
AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class _Resolver(AbstractResolver):
    """Names under ``.localhost`` are this machine (RFC 6761), whether or not a resolver knows them."""

    def __init__(self) -> None:
        self._others = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host == "localhost" or host.endswith(".localhost"):
            loopback = ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
            return [loopback]
        return await self._others.resolve(host, port, family)

    async def close(self) -> None:
        await self._others.close()


def open_client(ca_file: str = "") -> aiohttp.ClientSession:
    """A client to be closed by the caller. `ca_file` holds certificates to trust instead of the system's."""
    stay = aiohttp.TraceConfig()
    stay.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=_Resolver(), limit=CONNECTIONS, ssl=ssl.create_default_context(cafile=ca_file or None)
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
        trust_env=False,
        trace_configs=[stay],
        skip_auto_headers=AUTOMATIC,
    )


def machine_proxy(endpoint: Endpoint) -> str | None:
    """The proxy that the environment names for an endpoint; None for this machine and where there is none."""
    if endpoint.plain or proxy_bypass(endpoint.host):
        return None
    return getproxies().get("https")


def unreachable(error: Exception) -> Problem:
    """Why there was no answer, without the error's own text where it may quote what was sent."""
    what = "The MicroVM's endpoint could not be reached."
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        fix = "Check what stands on the way; AWS_CA_BUNDLE names a file of certificates to trust."
        return Unreachable("No trusted connection to the MicroVM could be made.", type(error).__name__, fix)
    if isinstance(error, TimeoutError):
        return Unreachable(what, "Nothing was answered in time.", "Check the network, and retry.")
    if isinstance(error, aiohttp.ClientConnectorError):
        why = clean(error.os_error.strerror or type(error).__name__)
        return Unreachable(what, why, "Check the network, and retry.")
    return Unreachable(
        "The connection to the MicroVM broke off.", type(error).__name__, "Retry; see mvm-tui get."
    )


async def _refuse_redirect(
    _session: aiohttp.ClientSession, _context: object, redirect: aiohttp.TraceRequestRedirectParams
) -> None:
    """Hand a redirect of a WebSocket on: the client follows those, and has no switch for it."""
    answer = redirect.response
    raise aiohttp.WSServerHandshakeError(
        answer.request_info, answer.history, status=answer.status, headers=answer.headers
    )
