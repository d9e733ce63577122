"""Books and what is read from them: sums that stay right change by change, hours, days, storage."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.aws.snapshots import BuildSnapshot
from mvm_tui.fleet.bookkeeping import keep_vanished, remembered, vanished
from mvm_tui.fleet.books import DAY, Books, Seen
from mvm_tui.fleet.history import LOOK_GAP, History, Life, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.prices import Prices
from mvm_tui.fleet.spend import (
    FleetCost,
    Forgotten,
    Hours,
    Ranking,
    VmCost,
    day_spends,
    fleet_cost,
    fleet_estimate,
    hours,
    month_end,
    vm_cost,
    vm_estimate,
)
from mvm_tui.fleet.storage import storage_per_hour, stored_since, version_costs
from mvm_tui.fleet.tariffs import Place, Snapshots, Tariffs, Version
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.cost import HOUR, MICROSECOND, Snapshot, Usage
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.intervals import Sighting, microseconds, timeline
from mvm_tui.model.rates import shipped
from mvm_tui.model.scope import Scope
from mvm_tui.model.tariff import tariff

ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"
SMALL: Version = (ARN, "1.0")
LARGE: Version = (ARN, "2.0")
UNKNOWN: Version = (ARN, "3.0")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
AT = microseconds(NOON)
SECOND = MICROSECOND
SCOPE = Scope("aws", "000000000000", "us-east-1")


@pytest.fixture
def tariffs(tmp_path: Path) -> Tariffs:
    return made_tariffs(tmp_path)


def made_tariffs(folder: Path) -> Tariffs:
    found = Tariffs(Prices(folder, ManualClock()), Place("us-east-1"))
    found.learn({SMALL: 512, LARGE: 2048})
    return found


def seen(number: int, state: str, version: Version = LARGE, started: int | None = AT - HOUR) -> Seen:
    return Seen(f"microvm-{number}", version, state, started, None)


def close(first: Decimal, second: Decimal) -> bool:
    return abs(first - second) < Decimal("1e-15")


def test_an_hour_of_running_and_an_hour_suspended(tariffs: Tariffs) -> None:
    books = Books(tariffs.of)
    books.look(AT - 2 * HOUR)
    for at in range(AT - 2 * HOUR, AT + HOUR, LOOK_GAP):
        books.look(at)
        if at == AT - HOUR:
            books.see([seen(1, "RUNNING", started=at)], at)
        if at == AT:
            books.see([seen(1, "SUSPENDED")], at)
    now = AT + HOUR
    books.look(now)
    cost = vm_cost(books.accounts["microvm-1"], tariffs.of(LARGE), now)
    assert cost is not None
    assert not cost.assumed
    moved = 2 * (Decimal("0.0015467699") + Decimal("0.0037977138"))
    assert close(cost.total, Decimal("0.12610008") + moved + 2 * Decimal("0.0001111111"))
    assert cost.per_hour is not None
    assert close(cost.per_hour, 2 * Decimal("0.0001111111"))
    whole = fleet_cost(books, tariffs, now)
    assert close(whole.total, cost.total)
    assert close(whole.per_hour, cost.per_hour)
    estimate = vm_estimate(books.timeline("microvm-1", now), tariffs.of(LARGE))  # type: ignore[arg-type]
    assert close(estimate.total, cost.total)
    assert "time-not-observed" not in {one.id for one in estimate.assumptions}


def test_first_seen_suspended_is_a_range(tariffs: Tariffs) -> None:
    books = Books(tariffs.of)
    books.look(AT)
    books.see([seen(1, "SUSPENDED")], AT)
    cost = vm_cost(books.accounts["microvm-1"], tariffs.of(LARGE), AT)
    assert cost is not None
    assert cost.doubtful
    assert cost.low < Decimal("0.011") < Decimal("0.13") < cost.high
    whole = fleet_estimate(books, tariffs, AT)
    assert close(whole.low, cost.low)
    assert "time-not-observed" in {one.id for one in whole.assumptions}


def test_what_has_no_rate_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    def costs(region: str) -> tuple[VmCost, VmCost, FleetCost]:
        found = Tariffs(Prices(tmp_path, ManualClock()), Place(region))
        found.learn({LARGE: 2048})
        books = Books(found.of)
        books.look(AT)
        books.see([seen(1, "RUNNING"), seen(2, "SUSPENDED", started=AT)], AT)
        runs, stays = (vm_cost(one, found.of(LARGE), AT) for one in books.accounts.values())
        assert runs is not None
        assert stays is not None
        return runs, stays, fleet_cost(books, found, AT)

    runs, stays, whole = costs("eu-central-1")
    assert runs.per_hour is not None
    assert close(runs.per_hour, Decimal("0.15934824"))
    assert runs.words == "≥$0.159"
    assert stays.per_hour is None
    assert (whole.least, [one.complete for one in whole.groups]) == ("≥", [False, False])
    runs, stays, whole = costs("ap-east-1")
    assert runs.per_hour is stays.per_hour is None
    assert runs.words == "≥$0"
    assert whole.least == "≥"
    assert costs("us-east-1")[2].least == ""


@given(
    st.lists(st.integers(1, 10 * HOUR), min_size=1, max_size=6), st.integers(1, 2**31), st.integers(0, 2**31)
)
def test_no_low_is_negative_however_much_of_a_life_nobody_saw(
    gaps: list[int], memory: int, disk: int
) -> None:
    """What is taken off again may be all there is: not a digit more."""
    at, looks = AT, [(AT - SECOND, AT)]
    for gap in gaps:
        looks.append((at + gap, at + gap))
        at += gap
    found = tariff(2_048, Snapshot.of_build(memory, disk), shipped("us-east-1"))
    line = timeline([Sighting("SUSPENDED", AT), Sighting("TERMINATED", at)], looks, None, None, at)
    estimate = vm_estimate(line, found)
    assert 0 <= estimate.low <= estimate.total <= estimate.high
    books = Books({LARGE: found}.get)
    books.open([Life("microvm-1", *LARGE, None, None, [Sighting("SUSPENDED", AT)])], looks)
    books.see([seen(1, "TERMINATED", started=None)], at)
    cost = vm_cost(books.accounts["microvm-1"], found, at)
    assert cost is not None
    assert 0 <= cost.low <= cost.total <= cost.high


def test_a_clock_that_is_set_back_counts_no_time_twice(tariffs: Tariffs) -> None:
    books = Books(tariffs.of)
    books.look(AT)
    books.see([seen(1, "RUNNING", started=AT - HOUR)], AT)
    books.see([seen(1, "SUSPENDED")], AT - 600 * SECOND)
    now = AT + HOUR
    books.see([seen(1, "SUSPENDED")], now)
    used = books.timeline("microvm-1", now).usage()
    assert (used.running, used.suspended, used.suspends) == (HOUR, HOUR, 1)


def test_sizes_that_are_not_known_are_in_no_sum(tariffs: Tariffs) -> None:
    books = Books(tariffs.of)
    books.look(AT)
    books.see([seen(1, "RUNNING", UNKNOWN), seen(2, "RUNNING")], AT)
    whole = fleet_cost(books, tariffs, AT)
    assert whole.unsized == 1
    assert close(whole.per_hour, Decimal("0.12610008"))
    assert vm_cost(books.accounts["microvm-1"], tariffs.of(UNKNOWN), AT) is None
    assert tariffs.learn({UNKNOWN: 512})
    assert not tariffs.learn({UNKNOWN: 512})
    for _ in books.rebuild(AT):
        pass
    assert fleet_cost(books, tariffs, AT).unsized == 0


STATES = ["PENDING", "RUNNING", "SUSPENDING", "SUSPENDED", "TERMINATING", "TERMINATED"]
steps = st.lists(
    st.tuples(
        st.integers(1, 400), st.integers(0, 5), st.sampled_from(STATES), st.sampled_from([SMALL, LARGE])
    ),
    max_size=40,
)


@given(steps)
def test_sums_stay_those_of_all_microvms_change_by_change(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, str, Version]]
) -> None:
    tariffs = made_tariffs(tmp_path_factory.getbasetemp())
    books = Books(tariffs.of)
    now = AT - DAY // 3
    versions: dict[int, Version] = {}
    for wait, number, state, version in changes:
        now += wait * SECOND
        if books.look(now):
            for _ in books.rebuild(now):
                pass
        version = versions.setdefault(number, version)
        books.see([seen(number, state, version, AT - DAY // 2)], now)
    now += 10 * SECOND
    books.look(now)
    kept = fleet_cost(books, tariffs, now)
    each = [vm_cost(one, tariffs.of(one.version), now) for one in books.accounts.values()]
    assert close(kept.total, sum((one.total for one in each if one), Decimal(0)))
    assert close(kept.low, sum((one.low for one in each if one), Decimal(0)))
    assert close(kept.per_hour, sum((one.per_hour or Decimal(0) for one in each if one), Decimal(0)))
    for _ in books.rebuild(now):
        pass
    anew = fleet_cost(books, tariffs, now)
    assert close(anew.total, kept.total)
    assert close(anew.today, kept.today)
    assert kept.low <= kept.total <= kept.high
    assert sum(group.count for group in books.groups.values()) == len(books.accounts)


def test_hours_and_days_add_up_to_the_whole(tariffs: Tariffs) -> None:
    chance = random.Random(3)
    books = Books(tariffs.of)
    books.open([], [(AT - DAY, AT)])
    for number in range(30):
        begin = AT - chance.randint(1, 23) * HOUR + 1
        sightings = [Sighting("RUNNING", begin), Sighting("SUSPENDED", begin + HOUR // 3)]
        books.open([Life(f"microvm-{number}", *LARGE, begin, None, sightings)], [(AT - DAY, AT)])
    for _ in books.rebuild(AT):
        pass
    total = fleet_cost(books, tariffs, AT).total
    result = Hours(AT)
    for _ in hours(books, tariffs, AT, result):
        pass
    assert len(result.amounts) == 24
    assert close(sum(result.amounts, Decimal(0)), total)
    days = day_spends(books.timelines(AT), tariffs, [date(2026, 11, 9), date(2026, 11, 10)])
    assert close(sum((day.total for day in days), Decimal(0)), total)
    assert all(day.low == day.total == day.high for day in days)
    assert close(days[1].total, fleet_cost(books, tariffs, AT).today)


def test_dearest_and_forgotten(tariffs: Tariffs) -> None:
    books = Books(tariffs.of)
    books.look(AT)
    books.see(
        [
            seen(1, "RUNNING", SMALL, AT - 3 * HOUR),
            seen(2, "RUNNING", LARGE, AT - 3 * HOUR),
            seen(3, "RUNNING", LARGE, AT - HOUR),
            seen(4, "SUSPENDED", LARGE, AT - 7 * HOUR),
            seen(5, "RUNNING", UNKNOWN, AT - 7 * HOUR),
        ],
        AT,
    )
    ranking = Ranking(2)
    for _ in ranking.fill(books, tariffs, AT):
        pass
    assert [key for key, _ in ranking.found] == ["microvm-4", "microvm-2"]
    for watched, left in (({}, ["microvm-2", "microvm-1"]), ({"microvm-2": True}, ["microvm-1"])):
        found = Forgotten(2 * HOUR)
        for _ in found.fill(books, tariffs, AT, watched):
            pass
        assert [key for key, _ in found.found] == left


def test_the_end_of_the_month_is_between_nothing_more_and_all_staying_as_it_is() -> None:
    found = month_end(NOON, Decimal(10), Decimal("0.5"), Decimal("0.01"))
    left = Decimal(20 * 24 + 12)
    assert found.month == date(2026, 11, 1)
    assert found.low == 10 + left * Decimal("0.01")
    assert found.high == found.low + left * Decimal("0.5")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def test_what_vanished_while_nobody_looked_ended_after_its_eight_hours_at_most(
    ledger: Ledger, tariffs: Tariffs
) -> None:
    history = History(ledger)
    start = NOON - timedelta(hours=20)
    late = (NOON - timedelta(hours=1), ARN, "2.0", NOON - timedelta(hours=2))
    history.observe(
        SCOPE,
        [
            Transition("microvm-1", "RUNNING", start + timedelta(hours=1), ARN, "2.0", start),
            Transition("microvm-2", "RUNNING", *late),
            Transition("microvm-3", "RUNNING", *late),
        ],
    )
    books = Books(tariffs.of)
    books.open(*remembered(history, SCOPE, NOON))
    gone = vanished(books, {"microvm-3"}, NOON)
    assert [(one.id, one.state) for one in gone] == [("microvm-1", "TERMINATED"), ("microvm-2", "TERMINATED")]
    assert gone[0].ended == microseconds(start + timedelta(hours=8))
    assert gone[1].ended is None
    keep_vanished(history, SCOPE, gone, NOON)
    books.look(AT)
    books.see(gone, AT)
    assert books.accounts["microvm-1"].used == Usage(running=8 * HOUR, launches=1)
    assert books.accounts["microvm-2"].used.running == 2 * HOUR
    assert books.accounts["microvm-2"].assumed
    again = Books(tariffs.of)
    again.open(*remembered(history, SCOPE, NOON))
    assert vanished(again, {"microvm-3"}, NOON) == []


def test_snapshots_are_kept_and_priced_by(ledger: Ledger, tariffs: Tariffs) -> None:
    builds = [BuildSnapshot("a", "X86_64", 2**30, 2**28), BuildSnapshot("b", "X86_64", 2**30 + 5, 0)]
    with ledger.using(SCOPE) as (database, number):
        for one in builds:
            database.execute(
                "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, *LARGE, one.build_id, one.architecture, one.memory_bytes, one.disk_bytes),
            )
    known = Snapshots(ledger).known(SCOPE)
    assert known == {LARGE: builds}
    assert tariffs.without_builds([LARGE, SMALL]) == [LARGE, SMALL]
    tariffs.learn(builds=known)
    assert tariffs.without_builds([LARGE, SMALL]) == [SMALL]
    found = tariffs.of(LARGE)
    assert found is not None
    assert found.rates.arch == "x86_64"
    assert found.snapshot.gb == Decimal(2**30 + 5) / 2**30
    stored = tariffs.stored(LARGE)
    assert stored is not None
    assert stored.gb == Decimal(2**31 + 2**28 + 5) / 2**30
    assert tariffs.stored(SMALL) is None


def test_image_versions_what_they_cost_and_what_deleting_saves(tariffs: Tariffs) -> None:
    old, new = NOON - timedelta(days=30), NOON - timedelta(days=1)
    versions = [
        ImageVersion(ARN, "1.0", "SUCCESSFUL", "INACTIVE", 512, old),
        ImageVersion(ARN, "2.0", "SUCCESSFUL", "ACTIVE", 2048, new),
        ImageVersion(ARN, "3.0", "SUCCESSFUL", "ACTIVE", 2048, new),
        ImageVersion(ARN, "4.0", "FAILED", "ACTIVE", 2048, new),
    ]
    tariffs.learn(
        builds={SMALL: [BuildSnapshot("a", "ARM_64", 2**30, 0)], LARGE: [BuildSnapshot("b", "", 2**31, 0)]}
    )
    image = Image(ARN, "web", "ACTIVE", latest_active_version="3.0")
    found = {one.version[1]: one for one in version_costs([(image, versions)], tariffs, {LARGE}, NOON)}
    assert set(found) == {"1.0", "2.0", "3.0"}
    rate = Decimal("0.0001111111")
    assert found["1.0"].per_hour == rate
    assert found["1.0"].idle
    assert not found["2.0"].idle
    assert not found["3.0"].idle
    assert found["1.0"].total is not None
    assert found["1.0"].total.total == 30 * 24 * rate
    assert found["1.0"].saves_per_month == 720 * rate
    # Six days of its first week are owed in any case.
    assert found["2.0"].saves_per_month == 2 * rate * (720 - 6 * 24)
    assert found["3.0"].per_hour is None
    assert storage_per_hour(found.values()) == 3 * rate
    month = NOON.replace(day=1, hour=0)
    assert stored_since(found.values(), month, NOON) == rate * (9 * 24 + 12) + 2 * rate * 24
