"""Where a forwarded port listens: on this machine's loopback, both of its addresses."""

from __future__ import annotations

import errno
import socket

_LOOPBACK = "127.0.0.1"
_LOOPBACK_6 = "::1"
# Ports that are free for one address and taken for the other are rare: a few tries find one for both.
_TRIES = 8
_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def loopback_sockets(port: int) -> list[socket.socket]:
    """Sockets bound to a port of both loopback addresses; to that of IPv4 alone where there is no IPv6.

    A name under ``.localhost`` is both, and browsers dial ``::1`` first: another user of this machine who
    listened there would be sent what is meant for us. `port` 0 takes one that is free.

    Raises:
        OSError: It is taken, or may not be listened on.
    """
    for attempt in range(_TRIES):
        first = _bound(socket.AF_INET, _LOOPBACK, port)
        try:
            return [first, _bound(socket.AF_INET6, _LOOPBACK_6, first.getsockname()[1])]
        except OSError as error:
            if error.errno in _NO_IPV6:
                return [first]
            first.close()
            if port or attempt == _TRIES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((address, port))
    except BaseException:
        opened.close()
        raise
    return opened
