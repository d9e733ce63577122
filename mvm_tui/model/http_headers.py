"""Headers of HTTP that whoever passes messages on has to know."""

from __future__ import annotations

# RFC 9110 section 7.6.1: these concern one connection, not the message.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def connection_options(values: list[str]) -> frozenset[str]:
    """Names of headers that the ``Connection`` headers declare to be of one connection too, in lower case."""
    return frozenset(name.strip().lower() for value in values for name in value.split(","))
