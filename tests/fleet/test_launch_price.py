"""What a launch costs, and whether it asks first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mvm_tui.fleet.launch_price import LaunchPrice, over_budget
from mvm_tui.fleet.spend import FleetCost
from mvm_tui.model.cost import Snapshot
from mvm_tui.model.rates import shipped
from mvm_tui.model.tariff import tariff

NINE = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
SPENT = FleetCost(
    NINE,
    (),
    Decimal("0.5"),
    Decimal(2),
    Decimal(9),
    Decimal(9),
    Decimal(9),
    assumed=False,
    unsized=0,
    complete=True,
)
# Three hours of 2 GB with the read of the launch, beside 2.0 that is spent and 3 h at 0.5.
WITH_IT = Decimal("3.5") + 3 * Decimal("0.12610008") + 2 * Decimal("0.0015467699")


def price(region: str = "us-east-1", maximum: int | None = None) -> LaunchPrice:
    return LaunchPrice(tariff(2_048, Snapshot.of_baseline(2_048), shipped(region)), None, maximum)


def test_it_asks_where_the_day_would_pass_the_budget() -> None:
    assert over_budget(SPENT, price(), WITH_IT, NINE) == ""
    asked = over_budget(SPENT, price(), WITH_IT - Decimal("0.0001"), NINE)
    assert asked == (
        "Launch past the budget? $2.00 of $3.88 is spent today, and with this one it will be $3.88 by "
        "midnight UTC if all goes on running."
    )
    assert over_budget(SPENT, price(maximum=60), WITH_IT - Decimal("0.3"), NINE) == ""


@pytest.mark.parametrize("budget", [None, Decimal(0)])
def test_without_a_budget_it_never_asks(budget: Decimal | None) -> None:
    assert over_budget(SPENT, price(), budget, NINE) == over_budget(None, None, budget, NINE) == ""


def test_what_is_not_known_is_not_nothing() -> None:
    plenty = Decimal(1000)
    assert "Whether this passes the budget of $1,000 a day is not known" in over_budget(
        None, price(), plenty, NINE
    )
    assert over_budget(None, price(), plenty, NINE, "Nobody tells.").startswith("Nobody tells. ")
    for unknown in (None, price("ap-east-1")):
        asked = over_budget(SPENT, unknown, plenty, NINE)
        assert asked.startswith("What this costs is not known. $2.00 of $1,000 is spent today, and it")
        assert "$3.50 by midnight UTC without this one" in asked
    # The launch's read has no rate there, but what runs has.
    assert over_budget(SPENT, price("eu-central-1"), plenty, NINE) == ""
    assert over_budget(replace(SPENT, per_hour=Decimal(0)), price(), plenty, NINE) == ""


def test_a_price_that_no_rate_gives_is_said_to_be_unknown() -> None:
    assert price("ap-east-1").words() == "What it costs is not known: no rates are for arm64 in ap-east-1."
    assert price("eu-central-1").words().startswith("Costs at least $0.159/h, ")
    assert price().words().startswith("Costs $0.126/h, $0.0031 for the launch, $1.01 if it runs for its 8h")
