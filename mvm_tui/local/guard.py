"""Who may talk to the local cloud: the hosts it answers for and the origins it refuses.

A page in the user's browser can make the browser send requests to loopback, under a name of its
own that resolves to 127.0.0.1 or as a cross-site request. Neither gets past this module.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_VM_HOST = re.compile(
    r"(?P<uuid>[a-z0-9-]{1,63})\.lambda-microvm\.(?P<region>[a-z0-9-]{1,32})\.(?:localhost|on\.aws)"
)
_BUCKET_HOST = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.localhost")
_API_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, slots=True)
class Destination:
    """What a Host header names: the API, a bucket (S3's virtual-host style), or a MicroVM."""

    kind: Literal["api", "bucket", "vm"]
    bucket: str = ""
    uuid: str = ""
    region: str = ""


_API = Destination("api")


def destination(hosts: Sequence[str], port: int) -> Destination | None:
    """What the Host headers of a request name on a server at `port`; None: answer 403.

    The API and buckets are reached with the server's own port. A MicroVM's name may come without
    one, as it does when a client was given the service's own form of the name.
    """
    if len(hosts) != 1:
        return None
    host, own_port = _split(hosts[0].lower(), port)
    if host in _API_HOSTS:
        return _API if own_port == "own" else None
    if found := _VM_HOST.fullmatch(host):
        return Destination("vm", uuid=found["uuid"], region=found["region"]) if own_port else None
    if own_port == "own" and (found := _BUCKET_HOST.fullmatch(host)):
        return Destination("bucket", bucket=found["bucket"])
    return None


def origin_allowed(origins: Sequence[str], host: str) -> bool:
    """Whether a browser's request comes from a page of this very host; other clients send no Origin."""
    return all(origin.lower() == f"http://{host.lower()}" for origin in origins)


def _split(host: str, port: int) -> tuple[str, Literal["own", "default", ""]]:
    """A host header's name, and whether its port is the server's own, left out, or somebody else's."""
    if host.endswith(f":{port}"):
        return host[: -len(f":{port}")], "own"
    if ":" in host.rpartition("]")[2]:
        return host, ""
    return host, "own" if port == 80 else "default"
