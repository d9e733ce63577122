"""Opaque cursors into lists that do not change while they are read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class BadCursor(ValueError):
    """The text is no cursor that `page_at` gave."""


def page_at(items: Sequence[Item], cursor: str | None, limit: int) -> tuple[Sequence[Item], str | None]:
    """Up to `limit` items from the cursor on, and the next cursor, None at the end. Raises BadCursor."""
    start = 0 if cursor is None else _offset(cursor)
    end = start + limit
    return items[start:end], _cursor(end) if end < len(items) else None


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"at:{offset}".encode()).decode().rstrip("=")


def _offset(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise BadCursor(cursor) from None
    digits = text.removeprefix("at:")
    if digits == text or not digits.isdecimal() or len(digits) > 9:
        raise BadCursor(cursor)
    return int(digits)
