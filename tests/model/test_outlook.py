"""Both projections of a MicroVM, and what is not projected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mvm_tui.model.cost import Snapshot
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.microvm import Details, Microvm
from mvm_tui.model.outlook import Outlook, outlook
from mvm_tui.model.rates import shipped
from mvm_tui.model.tariff import Tariff, tariff

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
POLICY = IdlePolicy(900, 3_600, True)


def of(region: str) -> Tariff:
    return tariff(2_048, Snapshot.of_baseline(2_048), shipped(region))


def microvm(state: str, policy: IdlePolicy | None = POLICY) -> Microvm:
    """Four hours before its hard end."""
    started = NOON - timedelta(hours=4)
    details = Details("host.example.test", 28_800, policy)
    return Microvm(
        "microvm-1", state, "arn:aws:lambda:us-east-1:0:microvm-image:web", "1.0", started, details
    )


def test_it_runs_to_its_end_or_suspends_itself() -> None:
    found = outlook(microvm("RUNNING"), of("us-east-1"), NOON)
    assert found.to_end is not None
    assert abs(found.to_end - 4 * Decimal("0.12610008")) < Decimal("1e-15")
    idle = Decimal("0.12610008") / 4 + 2 * Decimal("0.0037977138") + 2 * Decimal("0.0001111111")
    assert found.if_idle is not None
    assert abs(found.if_idle - idle) < Decimal("1e-15")
    assert found.suspends_in == 900
    assert outlook(microvm("RUNNING", None), of("us-east-1"), NOON).if_idle is None


def test_what_has_no_rate_is_not_projected() -> None:
    nothing = Outlook(None, None, None)
    assert outlook(microvm("RUNNING"), of("ap-east-1"), NOON) == nothing
    assert outlook(microvm("SUSPENDED"), of("eu-central-1"), NOON) == nothing
    runs = outlook(microvm("RUNNING"), of("eu-central-1"), NOON)
    assert runs.to_end is not None
    assert runs.if_idle is None
