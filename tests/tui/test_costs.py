"""Money on the first screen: the columns, the header, the fact sheet, the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mvm_tui.config.schema import Profile, Settings
from mvm_tui.fleet.spend import day_left
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.money import short
from mvm_tui.tui.costs import alarm, minutes
from mvm_tui.tui.widgets.detail import DetailPane, FactSheet
from mvm_tui.tui.widgets.fleet_columns import BY_ID, UNKNOWN, columns_by_id
from mvm_tui.tui.widgets.header import HeaderFacts, header_line
from tests.tui.driving import filled, header, until
from tests.tui.fakes import NOW, FakeAccounts, make_app, microvm


async def test_the_columns_say_rate_and_cost_so_far(tmp_path: Path) -> None:
    accounts = FakeAccounts([FleetRow(microvm(1, age=timedelta(hours=1)), "web-1", 2_048)])
    app = make_app(accounts, tmp_path)
    async with filled(app, (200, 50)):
        table = app.desk.fleet_screen.table
        (row,) = accounts.rows
        columns = columns_by_id(("rate", "cost"), app.desk.cost_of)
        read = {column.id: column.read(row, NOW) for column in columns}
        assert read["rate"] == ("0.126", "text")
        # An hour at 2 GB and the read of its launch; nobody saw that hour.
        assert read["cost"] == (f"~{short(Decimal('0.12610008') + 2 * Decimal('0.0015467699'))}", "text")
        drawn = "\n".join(table.render_line(y).text for y in range(3))
        assert "$/H" in drawn
        assert "~0.129" in drawn


async def test_what_is_not_known_or_only_a_range_is_not_a_number(tmp_path: Path) -> None:
    unsized = FleetRow(microvm(1, image="unread"), "a", None)
    suspended = FleetRow(microvm(2, "SUSPENDED", age=timedelta(hours=1)), "b", 2_048)
    ended = FleetRow(microvm(3, "TERMINATED"), "c", None)
    accounts = FakeAccounts([unsized, suspended, ended])
    app = make_app(accounts, tmp_path)
    async with filled(app):
        rate, cost = columns_by_id(("rate", "cost"), app.desk.cost_of)
        assert rate.read(unsized, NOW) == cost.read(unsized, NOW) == UNKNOWN
        assert cost.read(suspended, NOW) == ("0.011–0.137", "muted")
        assert rate.read(suspended, NOW)[0] == "0.0002"
        assert rate.read(ended, NOW)[0] == "—"
        assert header(app.desk).endswith("burn ≥$0.0002/h   today ≥$0.291")
    assert BY_ID["rate"].read(unsized, NOW) == UNKNOWN


async def test_the_header_says_burn_and_today(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path, settings=Settings(budget_per_day=0.5))
    async with filled(app, (160, 40)) as pilot:
        text = header(app.desk)
        assert "burn $0.158/h" in text
        assert "today ~$" in text
        accounts.fleet.put(FleetRow(microvm(9, image="large"), "", 8_192))
        await until(pilot, lambda: "burn $0.662/h" in header(app.desk))


async def test_the_fact_sheet_projects_and_says_what_suspending_saves(tmp_path: Path) -> None:
    rows = [FleetRow(microvm(1, age=timedelta(hours=2)), "web-1", 2_048)]
    app = make_app(FakeAccounts(rows), tmp_path)
    async with filled(app, (140, 40)) as pilot:
        sheet = app.desk.fleet_screen.query_one(DetailPane).query_one(FactSheet)

        def text() -> str:
            return " ".join(f"{label} {value.plain}" for label, value in sheet.facts)

        await until(pilot, lambda: "so far" in text())
        assert "cost $0.126/h  so far ~$0.255" in text()
        assert "running $0.252, launch $0.0031" in text()
        assert "$0.757 more to its end, as it is" in text()
        assert "$0.040 more if no traffic comes: suspends in 15m or sooner" in text()
        assert "Suspend now saves $0.126/h, pays back after 5 min 6 s." in text()


@pytest.mark.parametrize(("seconds", "text"), [("305.7", "5 min 6 s"), ("59.4", "59 s"), ("60", "1 min 0 s")])
def test_minutes_and_seconds(seconds: str, text: str) -> None:
    assert minutes(Decimal(seconds)) == text


async def test_the_budget_of_a_profile_warns_before_it_is_spent(tmp_path: Path) -> None:
    settings = Settings(budget_per_day=1000.0, profiles={"default": Profile(budget_per_day=2.0)})
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path, settings=settings)
    async with filled(app):
        figures = accounts.fleet.spend.figures
        assert figures is not None
        assert app.desk.budget == 2
        spent = figures.cost.today
        assert day_left(NOW) == Decimal(9) + (Decimal(38 * 60 + 53) / 3600)
        assert alarm(figures, Decimal(1000), NOW) == ""
        assert alarm(figures, spent * 2, NOW) == "warning"
        assert alarm(figures, spent, NOW) == "error"
        assert alarm(figures, None, NOW) == alarm(None, spent, NOW) == ""
        quiet = replace(figures, cost=replace(figures.cost, per_hour=Decimal(0)))
        assert alarm(quiet, spent * 2, NOW) == ""
        assert alarm(quiet, spent * Decimal("1.2"), NOW) == "warning"


def test_an_alarm_is_the_last_to_leave_the_header() -> None:
    facts = HeaderFacts(region="us-east-1", running=4, burn="$0.25/h", today="~$9.10", alarm="error")
    assert "today ~$9.10" in header_line(facts, NOW, 50).plain
    line = header_line(facts, NOW, 100)
    styles = {line.plain[span.start : span.end].strip(): str(span.style) for span in line.spans}
    assert "$text-error" in styles["~$9.10"]
    calm = replace(facts, alarm="")
    assert "$9.10" not in header_line(calm, NOW, 34).plain
