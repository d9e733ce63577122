"""Opaque cursors, and pages cut out of listings that change while they are read."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import TypeVar

from mvm_tui.local.state.errors import invalid

MAX_PAGE = 50
_SEAL_BYTES = 9
_POSITION_BYTES = 6

T = TypeVar("T")


class Cursors:
    """Makes and reads the cursors of one run: URL-safe text that means nothing to a client.

    A cursor belongs to one listing (its `scope`, which holds operation, region and filters).
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, scope: str, position: int) -> str:
        """A cursor for a position from 0; 20 characters of ``A-Z a-z 0-9 - _``."""
        place = position.to_bytes(_POSITION_BYTES, "big")
        return base64.urlsafe_b64encode(self._seal(scope, place) + place).decode()

    def read(self, scope: str, cursor: str | None) -> int:
        """The position of a cursor; 0 without one.

        Raises:
            ServiceError: 400 without a message, as the service answers any token it cannot read.
        """
        if cursor is None:
            return 0
        try:
            raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            raise invalid(None) from None
        seal, place = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
        if len(place) != _POSITION_BYTES or not hmac.compare_digest(seal, self._seal(scope, place)):
            raise invalid(None)
        return int.from_bytes(place, "big")

    def _seal(self, scope: str, place: bytes) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\0" + place, hashlib.sha256)[:_SEAL_BYTES]


def cut_page(entries: Iterable[tuple[int, T]], position: int, size: int) -> tuple[list[T], int | None]:
    """The first `size` entries whose sequence number is at least `position`, and where the next page starts.

    `entries` are in the order of their numbers. The next position is None at the end of the listing.
    """
    page: list[T] = []
    for number, entry in entries:
        if number < position:
            continue
        if len(page) == size:
            return page, number
        page.append(entry)
    return page, None
