"""The bookkeeper on the local cloud: what it hands out, what it keeps, and what a second run makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mvm_tui.aws.session import Connection
from mvm_tui.fleet.bookkeeper import Bookkeeper
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.fleet.figures import Details
from mvm_tui.fleet.history import DaySpend, History, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.prices import FILE
from mvm_tui.fleet.service import Fleet
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.errors import Problem
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.rates import PRICE_LIST
from mvm_tui.model.scope import Scope
from tests.aws.scripted import Answer, Asked, scripted
from tests.cli.runs import counted, wait_until
from tests.cloud import cloud_process, set_faults
from tests.fleet.listener import Listener, connect, watching
from tests.fleet.rows import ARN, vm


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
    assert cost.per_hour is not None
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
        running = rate(fleet, vm)
        fleet.perform("microvm.suspend", [vm], lambda _: None)
        listener.wait(lambda: rate(fleet, vm) < running / 100)
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


class Kept:
    """A bookkeeper on a service that answers nothing, with a clock that is moved by hand."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.clock = ManualClock(datetime(2026, 11, 10, 22, tzinfo=UTC))
        self.ledger = Ledger(folder / "ledger.sqlite")
        self.rows: dict[str, FleetRow] = {}
        self.scope = connection.scope_of(ARN)
        self.books = Bookkeeper(connection, self.ledger, self.clock, lambda: self.rows)

    def tell(self, *rows: FleetRow, gone: tuple[str, ...] = ()) -> None:
        """A reading of the listing that shows these as new or changed."""
        self.rows |= {row.id: row for row in rows}
        for key in gone:
            del self.rows[key]
        status = PollStatus(complete=True, swept_at=self.clock.monotonic())
        self.books.feed(ChangeSet(0, changed=rows, gone=gone, status=status))

    def look_for(self, minutes: int) -> None:
        """Read the listing every minute without any news."""
        for _ in range(minutes):
            self.clock.advance(60)
            self.tell()
            wait_until(lambda: not self.books._changes)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    denied = Answer({"__type": "AccessDeniedException", "message": "no"}, 400)
    with scripted(lambda _: denied) as server:
        found = Kept(server.connect(), tmp_path)
        found.books.start()
        yield found
        found.books.stop()
        found.ledger.close()


def a_row(kept: Kept, number: int = 1, state: str = "RUNNING") -> FleetRow:
    return FleetRow(vm(number, state, kept.clock.now()), "", 2_048)


def total(kept: Kept, microvm_id: str) -> Decimal:
    cost = kept.books.of(microvm_id)
    assert cost is not None
    return cost.total


def test_time_in_which_nobody_looked_is_assumed(kept: Kept) -> None:
    kept.tell()
    wait_until(lambda: kept.books.figures is not None)
    kept.look_for(2)
    row = a_row(kept)
    kept.tell(row)
    wait_until(lambda: kept.books.of(row.id) is not None)
    kept.look_for(5)
    cost = kept.books.of(row.id)
    assert cost is not None
    assert not cost.assumed
    kept.clock.advance(3_600)
    kept.tell()
    wait_until(lambda: (found := kept.books.of(row.id)) is not None and found.assumed)
    cost = kept.books.of(row.id)
    assert cost is not None
    assert not cost.doubtful
    assert cost.high - cost.low > Decimal("0.1")


def test_another_day_begins_at_nothing_and_the_last_one_is_kept(kept: Kept) -> None:
    row = a_row(kept)
    kept.tell(row)
    wait_until(lambda: kept.books.figures is not None)
    kept.look_for(119)
    figures = kept.books.figures
    assert figures is not None
    wait_until(lambda: burn_today(kept) > Decimal("0.24"))
    kept.look_for(2)
    wait_until(lambda: burn_today(kept) < Decimal("0.01"))
    assert total(kept, row.id) > Decimal("0.25")
    wait_until(lambda: bool(History(kept.ledger).days(kept.scope, date(2026, 11, 10))))
    (day, *_) = History(kept.ledger).days(kept.scope, date(2026, 11, 10))
    assert day.day == date(2026, 11, 10)
    assert Decimal("0.24") < day.total < Decimal("0.27")


def burn_today(kept: Kept) -> Decimal:
    figures = kept.books.figures
    assert figures is not None
    return figures.cost.today


def test_what_is_gone_costs_nothing_more_and_still_counts(kept: Kept) -> None:
    row = a_row(kept)
    kept.tell(row)
    wait_until(lambda: kept.books.of(row.id) is not None)
    kept.look_for(30)
    kept.tell(gone=(row.id,))
    wait_until(lambda: (found := kept.books.of(row.id)) is not None and not found.per_hour)
    spent = total(kept, row.id)
    assert Decimal("0.06") < spent < Decimal("0.07")
    kept.look_for(30)
    assert total(kept, row.id) == spent
    wait_until(lambda: burn_today(kept) == spent)


IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::%s:user/dev</Arn><UserId>U</UserId><Account>%s</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


def test_where_nothing_is_listed_any_more_today_and_the_month_are_still_known(tmp_path: Path) -> None:
    account = ARN.split(":")[4].encode()

    def answer(asked: Asked) -> Answer:
        if b"GetCallerIdentity" in asked.body:
            return Answer(IDENTITY % (account, account))
        return Answer({"__type": "AccessDeniedException", "message": "no"}, 400)

    with scripted(answer) as server:
        kept = Ledger(tmp_path / "ledger.sqlite")
        scope, begin = server.connect().scope_of(ARN), datetime(2026, 11, 10, 21, tzinfo=UTC)
        history = History(kept)
        history.observe(scope, [Transition("gone", "RUNNING", begin, ARN, "1.0", begin)])
        for minute in range(31):
            history.looked(scope, begin + timedelta(minutes=minute))
        history.keep_days(scope, [DaySpend(date(2026, 11, 3), Decimal(7), Decimal(7), Decimal(7))])
        kept.set_size(scope, ARN, "1.0", 2_048)
        kept.close()
        found = Kept(server.connect(), tmp_path)
        found.books.start()
        found.tell()
        wait_until(lambda: found.books.figures is not None)
        assert burn_today(found) > Decimal("0.06")
        wait_until(lambda: [one.day.day for one in found.books._daybook.days] == [3, 10])
        found.books.stop()
        found.ledger.close()
