"""Opaque, URL-safe cursors, and pages of lists that do not change while they are read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class BadCursor(ValueError):
    """The text is no cursor that `page_at` gave."""


def encode_cursor(place: str) -> str:
    """Text that names a place, as a cursor."""
    return base64.urlsafe_b64encode(place.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def decode_cursor(cursor: str) -> str | None:
    """What `encode_cursor` was given; None for a text that it cannot have made."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return raw.decode("utf-8", "surrogatepass")
    except (ValueError, binascii.Error):
        return None


def page_at(items: Sequence[Item], cursor: str | None, limit: int) -> tuple[Sequence[Item], str | None]:
    """Up to `limit` items from the cursor on, and the next cursor, None at the end. Raises BadCursor."""
    start = 0 if cursor is None else _offset(cursor)
    end = start + limit
    return items[start:end], encode_cursor(f"at:{end}") if end < len(items) else None


def _offset(cursor: str) -> int:
    kind, _, digits = (decode_cursor(cursor) or "").partition(":")
    if kind != "at" or not digits.isdecimal() or len(digits) > 9:
        raise BadCursor(cursor)
    return int(digits)
