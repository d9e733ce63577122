"""Rates: the shipped table, prices laid over it, words for architectures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mvm_tui.aws.places import REGIONS
from mvm_tui.model import rates
from mvm_tui.model.cost import rate_assumptions
from mvm_tui.model.rates import ARCHITECTURES, Rate, architecture, group, groups, price, shipped, with_prices

TODAY = date(2026, 11, 25)


def test_the_table_has_every_region_and_says_of_every_figure_where_it_comes_from() -> None:
    assert set(rates.regions()) == set(REGIONS)
    for region in REGIONS:
        for arch in ARCHITECTURES:
            for rate in shipped(region, arch).by_name().values():
                assert rate.source
                assert date.fromisoformat(rate.date) <= shipped(region).as_of
                assert (rate.usd is None) == (rate.confidence == rates.MISSING)
                assert rate.confidence in (rates.EXACT, rates.DERIVED, rates.MISSING)


@pytest.mark.parametrize(
    ("region", "arch", "name", "usd", "confidence"),
    [
        ("us-east-1", "arm64", "vcpu_second", "0.0000276944", "exact"),
        ("us-east-1", "x86_64", "gb_second", "0.0000043235", "exact"),
        ("us-east-1", "x86_64", "snapshot_write_gb", "0.0037977138", "exact"),
        ("ap-northeast-1", "arm64", "snapshot_storage_gb_hour", "0.0001333333", "exact"),
        ("eu-west-1", "arm64", "vcpu_second", "0.0000291572", "exact"),
        ("eu-west-1", "arm64", "gb_second", "0.0000038603", "derived"),
        ("eu-central-1", "arm64", "snapshot_read_gb", None, "missing"),
        ("ap-northeast-1", "x86_64", "vcpu_second", None, "missing"),
        ("eu-south-2", "arm64", "vcpu_second", None, "missing"),
        ("mars-north-1", "arm64", "vcpu_second", None, "missing"),
        ("us-east-1", "riscv", "vcpu_second", None, "missing"),
    ],
)
def test_single_rates(region: str, arch: str, name: str, usd: str | None, confidence: str) -> None:
    rate = shipped(region, arch).by_name()[name]
    assert rate.usd == (None if usd is None else Decimal(usd))
    assert rate.confidence == confidence


def test_compute_is_by_architecture_and_snapshots_are_not() -> None:
    assert group("vcpu_second", "arm64") == "AWS-Lambda-MicroVM-vCPU-Second-ARM"
    assert group("vcpu_second", "x86_64") == "AWS-Lambda-MicroVM-vCPU-Second"
    assert group("snapshot_read_gb", "arm64") == group("snapshot_read_gb", "x86_64")
    assert len(groups()) == 7


def test_prices_go_before_the_table_and_absent_ones_leave_it() -> None:
    base = shipped("eu-central-1")
    found = with_prices(
        base,
        {group("vcpu_second", "arm64"): "0.00004", group("gb_second", "arm64"): "lots", "other": "1"},
        TODAY,
    )
    assert found.vcpu_second == Rate(Decimal("0.00004"), "exact", "the AWS Price List", "2026-11-25")
    assert found.gb_second == base.gb_second
    assert (found.source, found.as_of) == (rates.PRICE_LIST, TODAY)
    assert with_prices(base, {}, TODAY) is base


def test_a_table_is_old_after_ninety_days() -> None:
    table = shipped("us-east-1")
    assert not table.is_old(date(2026, 12, 18))
    assert table.is_old(date(2026, 12, 19))


def test_what_a_list_of_today_leaves_to_an_old_table_is_as_old_as_that() -> None:
    later = date(2027, 3, 1)
    base = shipped("us-east-1")
    part = with_prices(base, {group("vcpu_second", "arm64"): "0.00004"}, later)
    assert part.is_old(later)
    assert part.oldest == date(2026, 9, 15)
    (text,) = (one.text for one in rate_assumptions(part, later) if one.id == "rates-are-old")
    assert "of 2026-09-15" in text
    whole = with_prices(base, dict.fromkeys(groups(), "0.00004"), later)
    assert not whole.is_old(later)
    assert whole.oldest == later


@pytest.mark.parametrize("text", ["", "free", "NaN", "Infinity", "-1", "1e"])
def test_what_is_no_price_is_none(text: str) -> None:
    assert price(text) is None


def test_words_for_architectures() -> None:
    assert architecture("ARM_64") == architecture("arm64") == "arm64"
    assert architecture("X86_64") == architecture("INTEL") == "x86_64"
    assert architecture("RISC_V") == "RISC_V"
