"""The bookkeeper on the local cloud: what it hands out, what it keeps, and what a second run makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mvm_tui.fleet.figures import Details
from mvm_tui.fleet.history import History
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.prices import FILE
from mvm_tui.fleet.service import Fleet
from mvm_tui.local.launch import Facts
from mvm_tui.model.errors import Problem
from mvm_tui.model.rates import PRICE_LIST
from mvm_tui.model.scope import Scope
from tests.cli.runs import counted
from tests.cloud import cloud_process, set_faults
from tests.fleet.listener import Listener, connect, watching


@pytest.fixture
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=20, rates=False) as facts:
        yield facts


def details(fleet: Fleet, listener: Listener) -> Details:
    """What is worked out once all is read."""
    fleet.spend.want_details(True)

    def read() -> bool:
        figures = fleet.spend.figures
        found = figures.details if figures else None
        return (
            found is not None
            and found.versions is not None
            and not found.unread
            and all(one.per_hour is not None for one in found.versions)
        )

    listener.wait(read)
    figures = fleet.spend.figures
    assert figures is not None
    assert figures.details is not None
    return figures.details


def rate(fleet: Fleet, microvm_id: str) -> Decimal:
    cost = fleet.spend.of(microvm_id)
    assert cost is not None
    return cost.per_hour


def burn(fleet: Fleet) -> Decimal:
    figures = fleet.spend.figures
    assert figures is not None
    return figures.cost.per_hour


def test_costs_follow_what_happens(facts: Facts, tmp_path: Path) -> None:
    with watching(connect(facts), tmp_path) as (fleet, listener):
        found = details(fleet, listener)
        figures = fleet.spend.figures
        assert figures is not None
        assert figures.cost.unsized == 0
        assert abs(figures.cost.per_hour - Decimal("0.25223")) < Decimal("0.0001")
        assert figures.cost.assumed
        assert len(found.hours) == 24
        assert found.month is not None
        assert found.month.spent <= found.month.low <= found.month.high
        assert {one.name for one in found.versions or () if one.idle} == {"devbox:1.0", "worker:1.0"}
        assert [rates.source for rates in found.rates] == [PRICE_LIST]
        totals = [cost.total for _, cost in found.dearest]
        assert totals == sorted(totals, reverse=True)
        vm = next(key for key, row in fleet.rows().items() if row.vm.state == "RUNNING")
        before = fleet.spend.of(vm)
        assert before is not None
        fleet.perform("microvm.suspend", [vm], lambda _: None)
        listener.wait(lambda: rate(fleet, vm) < before.per_hour / 100)
        after = fleet.spend.of(vm)
        assert after is not None
        assert after.total > before.total
        listener.wait(lambda: burn(fleet) < figures.cost.per_hour)
    assert json.loads((tmp_path / FILE).read_text())["read"]


def test_a_second_run_knows_what_the_first_saw(facts: Facts, tmp_path: Path) -> None:
    with watching(connect(facts), tmp_path) as (fleet, listener):
        details(fleet, listener)
        kept = {key: fleet.spend.of(key) for key in fleet.rows()}
    with counted(facts, "GetMicrovmImageBuild", "GetProducts") as counts:
        with watching(connect(facts), tmp_path) as (fleet, listener):
            listener.wait(lambda: fleet.spend.figures is not None)
            details(fleet, listener)
            for key, cost in kept.items():
                again = fleet.spend.of(key)
                assert (cost is None) == (again is None)
                if cost is not None and again is not None:
                    assert again.total >= cost.total
                    assert again.doubtful == cost.doubtful
        assert counts() == {}
    ledger = Ledger(tmp_path / "ledger.sqlite")
    scope = connect(facts).scope
    days = History(ledger).days(scope, (datetime.now(UTC) - timedelta(days=2)).date())
    assert days
    assert all(day.low <= day.total <= day.high for day in days)
    ledger.close()


def test_who_may_not_read_images_or_prices_still_sees_what_runs(facts: Facts, tmp_path: Path) -> None:
    set_faults(facts, "throttle@ListMicrovmImages*1000", "throttle@GetProducts*1000")
    with watching(connect(facts), tmp_path) as (fleet, listener):
        fleet.spend.want_details(True)
        listener.wait(
            lambda: (
                (figures := fleet.spend.figures) is not None
                and figures.details is not None
                and figures.details.problem is not None
                and figures.cost.per_hour > 0
            )
        )
        figures = fleet.spend.figures
        assert figures is not None
        assert figures.details is not None
        assert figures.details.versions is None
        assert figures.details.month is None
        assert figures.details.dearest


def test_a_closed_ledger_is_no_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    ledger.close()
    with pytest.raises(Problem):
        ledger.names(Scope("aws", "000000000000", "us-east-1"))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
