"""USD as text: exact for programs, short for people."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")
_SMALL = Decimal("0.0001")


def exact(amount: Decimal) -> str:
    """All digits, no exponent, no trailing zeros: ``0.12610008``. The JSON contract's form."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_or_none(amount: Decimal | None) -> str | None:
    """`exact`, None for unknown."""
    return None if amount is None else exact(amount)


def short(amount: Decimal) -> str:
    """For a cell, without the sign of the currency: ``12,345``, ``12.30``, ``0.126``, ``<0.0001``, ``0``."""
    if amount == 0:
        return "0"
    if abs(amount) >= 1_000:
        return f"{amount:,.0f}"
    if abs(amount) >= 1:
        return f"{amount:.2f}"
    if abs(amount) >= _CENT:
        return f"{amount:.3f}"
    return f"{amount:.4f}" if abs(amount) >= _SMALL else "<0.0001"


def dollars(amount: Decimal) -> str:
    """``$12.30``; for sentences."""
    text = short(amount)
    return f"<${text[1:]}" if text.startswith("<") else f"${text}"


def span(low: Decimal, high: Decimal) -> str:
    """A range in short form: ``0.126``, or ``0.05–0.13`` where the ends differ as shown."""
    first, last = short(low), short(high)
    return last if first == last else f"{first}–{last}"
