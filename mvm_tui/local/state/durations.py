"""Durations as the service writes them in its reasons."""

from __future__ import annotations


def iso_duration(seconds: float) -> str:
    """ISO 8601, as in ``PT5M``, ``PT1H30S``, ``PT0S``; fractions of a second are cut off."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if value]
    return "PT" + ("".join(parts) or "0S")
