"""The comparison of ways to do the same work, with rates and without."""

from __future__ import annotations

import pytest

from mvm_tui.model.rates import shipped
from mvm_tui.tui.dialogs.what_if import WhatIfForm, comparison


def test_the_cheapest_way_is_marked() -> None:
    said = comparison(WhatIfForm(2_048), shipped("us-east-1")).plain
    assert said.count("▸") == 1
    assert "▸ terminate and relaunch" in said
    # As wide as the dialog is on 80 columns.
    assert max(map(len, said.splitlines()[:3])) <= 71
    assert "Suspending pays from a pause of 5 min 6 s on." in said


@pytest.mark.parametrize("region", ["eu-central-1", "ap-east-1"])
def test_where_rates_are_missing_none_is_called_the_cheapest(region: str) -> None:
    said = comparison(WhatIfForm(2_048), shipped(region)).plain
    assert "▸" not in said
    assert said.count("≥$") == 3
    assert "the figures are the least it costs" in said
