"""Where a MicroVM answers: taken apart from what the API returned, and never anywhere else.

TLS always, but to this machine.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from mvm_tui.model.errors import Invalid
from mvm_tui.model.text import clean

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint, taken apart. `plain` is whether it is on this machine, and so needs no TLS."""

    host: str
    port: int | None
    plain: bool

    @classmethod
    def of(cls, endpoint: str) -> Endpoint:
        """From what the API returned: ``HOST`` or ``HOST:PORT``, a scheme and a final slash left out.

        Raises:
            Invalid: It is not of that form.
        """
        bare = endpoint.partition("://")[2] if "://" in endpoint else endpoint
        bare = bare.removesuffix("/")
        host, colon, port = bare.rpartition(":") if re.search(r":\d{1,5}$", bare) else (bare, "", "")
        if not _HOST.fullmatch(host) or (colon and not 0 < int(port) < 1 << 16):
            raise Invalid(
                "The MicroVM's endpoint cannot be used.",
                f"The service returned {clean(endpoint, 100)!r}, which is no host name.",
                "Check which endpoint answers: see mvm-tui doctor.",
            )
        return cls(host.lower(), int(port) if colon else None, _on_loopback(host.lower()))

    def socket_url(self, path: str) -> str:
        """``wss://…`` for any other machine, ``ws://…`` for this one."""
        return f"{'ws' if self.plain else 'wss'}://{self.authority}{path}"

    def url(self, path: str = "") -> str:
        """``https://…`` for any other machine, ``http://…`` for this one."""
        return f"{'http' if self.plain else 'https'}://{self.authority}{path}"

    @property
    def authority(self) -> str:
        """The host, with its port where it has one of its own."""
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def destination(self) -> str | None:
        """The address to dial instead of asking a resolver; None to ask it.

        Names under ``.localhost`` are this machine (RFC 6761), whether or not a resolver knows them.
        """
        return "127.0.0.1" if self.plain and self.host.endswith("localhost") else None


def _on_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
