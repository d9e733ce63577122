"""Who may use a forwarded port: only those who know its name, and no other site's page.

The name is random: a page that guesses ports on this machine does not have it, and a name that an attacker
points here by DNS is none of ours.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

NAME_BYTES = 16


def random_name() -> str:
    """``<128 random bits>.localhost``: a name under ``.localhost`` is this machine (RFC 6761)."""
    return f"{secrets.token_hex(NAME_BYTES)}.localhost"


def refusal(authority: str, target: str, headers: Mapping[str, str]) -> str:
    """Why a request may not pass, as a sentence; empty if it may.

    Args:
        authority: Our own name and port.
        target: What the request asks for: a path and a query, as browsers send it.
        headers: Its headers, case-insensitive.
    """
    if headers.get("Host", "").lower() != authority or not target.startswith("/"):
        return "This port answers to its own name only."
    site = headers.get("Sec-Fetch-Site", "").lower()
    if site == "cross-site":
        return "Another site's page asked for this, and is refused."
    origin = headers.get("Origin")
    if origin is not None and origin.lower() != f"http://{authority}":
        return "Another origin's page asked for this, and is refused."
    return ""
