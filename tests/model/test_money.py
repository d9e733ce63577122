"""Amounts as text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.money import dollars, exact, exact_or_none, short, span


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6))
def test_exact_text_is_the_amount_without_exponent(amount: Decimal) -> None:
    text = exact(amount)
    assert Decimal(text) == amount
    assert "E" not in text.upper()


def test_exact_has_no_zeros_at_its_end() -> None:
    assert exact(Decimal("0.1261000800")) == "0.12610008"
    assert exact(Decimal("10.00")) == "10"
    assert exact(Decimal("100")) == "100"
    assert exact_or_none(None) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0"), ("12345.6", "12,346"), ("12.3", "12.30"), ("0.12610008", "0.126"), ("0.0031", "0.0031")],
)
def test_short(amount: str, text: str) -> None:
    assert short(Decimal(amount)) == text


def test_tiny_amounts_are_not_nothing() -> None:
    assert short(Decimal("0.00001")) == "<0.0001"
    assert dollars(Decimal("0.00001")) == "<$0.0001"
    assert dollars(Decimal("1.5")) == "$1.50"


def test_a_span_whose_ends_look_alike_is_one_figure() -> None:
    assert span(Decimal("0.05"), Decimal("0.1261")) == "0.050–0.126"
    assert span(Decimal("0.12610"), Decimal("0.12611")) == "0.126"
