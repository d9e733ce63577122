"""Durations as people write and read them."""

from __future__ import annotations

import re

from mvm_tui.model.text import clean

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
# Twelve digits are more than any duration needs and keep the arithmetic exact.
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)([smhd])")
_WHOLE = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,12})?[smhd])+")


def parse_duration(text: str) -> int:
    """Seconds of ``90``, ``90s``, ``15m``, ``1h30m``, ``7d``.

    Raises:
        ValueError: The text is no duration; the message says how one is written.
    """
    compact = re.sub(r"\s+", "", text.lower())
    if compact.isascii() and compact.isdigit() and len(compact) <= 12:
        return int(compact)
    if not _WHOLE.fullmatch(compact):
        raise ValueError(f"{clean(text, 40)!r} is not a duration: write 90s, 15m, 1h30m or 7d")
    return round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(compact)))


def short_duration(seconds: float) -> str:
    """Two units at most: ``8s``, ``22m``, ``1h12m``, ``8h00m``, ``3d04h``. Negative counts as zero."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole}s"
    if whole < 3_600:
        return f"{whole // 60}m"
    if whole < 86_400:
        return f"{whole // 3_600}h{whole % 3_600 // 60:02d}m"
    return f"{whole // 86_400}d{whole % 86_400 // 3_600:02d}h"


def plain_duration(seconds: int) -> str:
    """Exact, for sentences and round trips: ``15m``, ``1h30m``, ``8h``, ``90s`` as ``1m30s``."""
    parts = []
    rest = seconds
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
