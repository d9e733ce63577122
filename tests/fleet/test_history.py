"""History in the ledger: states, looks, days, what was learned; older files, two copies."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mvm_tui.fleet.history import LOOK_GAP, DaySpend, History, Learned, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.ledger_file import STEPS
from mvm_tui.model.intervals import Sighting, microseconds
from mvm_tui.model.scope import Scope

HOME = Scope("aws", "000000000000", "us-east-1")
ELSEWHERE = Scope("aws", "000000000000", "eu-west-1")
NOON = datetime(2026, 11, 1, 12, 0, 0, 250000, tzinfo=UTC)
ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"


def seen(state: str, minutes: float, vm: str = "microvm-1", ended: datetime | None = None) -> Transition:
    started = NOON - timedelta(minutes=5)
    return Transition(vm, state, NOON + timedelta(minutes=minutes), ARN, "1.0", started, ended)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def test_a_state_seen_again_is_recorded_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first, second = Ledger(path), Ledger(path)
    history, other = History(first), History(second)
    history.observe(HOME, [seen("PENDING", 0), seen("RUNNING", 1), seen("RUNNING", 2)])
    other.observe(HOME, [seen("RUNNING", 3), seen("SUSPENDED", 4)])
    # A reading that arrives late does not turn the order round.
    history.observe(HOME, [seen("RUNNING", 1.5), seen("RUNNING", 5)])
    found = history.transitions(HOME, "microvm-1")
    assert [(one.state, one.seen_at) for one in found] == [
        ("PENDING", NOON),
        ("RUNNING", NOON + timedelta(minutes=1)),
        ("SUSPENDED", NOON + timedelta(minutes=4)),
        ("RUNNING", NOON + timedelta(minutes=5)),
    ]
    assert found[0] == seen("PENDING", 0)
    first.close()
    second.close()


def test_lives_are_told_with_what_the_service_states(ledger: Ledger) -> None:
    history = History(ledger)
    end = NOON + timedelta(minutes=7)
    history.observe(HOME, [seen("RUNNING", 0), seen("RUNNING", 0, "microvm-2")])
    history.observe(HOME, [seen("TERMINATED", 8, ended=end)])
    history.observe(ELSEWHERE, [seen("RUNNING", 0, "microvm-3")])
    one, two = history.lives(HOME, microseconds(NOON))
    assert (one.microvm_id, one.image_arn, one.image_version) == ("microvm-1", ARN, "1.0")
    assert one.started == microseconds(NOON - timedelta(minutes=5))
    assert one.ended == microseconds(end)
    assert one.sightings == [
        Sighting("RUNNING", microseconds(NOON)),
        Sighting("TERMINATED", microseconds(NOON + timedelta(minutes=8))),
    ]
    assert two.ended is None
    assert list(history.lives(HOME, microseconds(NOON + timedelta(days=3)))) == []


def test_many_lives_are_read_page_by_page(ledger: Ledger) -> None:
    history = History(ledger)
    history.observe(HOME, [seen("RUNNING", 0, f"microvm-{number}") for number in range(1_000)])
    history.observe(HOME, [seen("SUSPENDED", 1, f"microvm-{number}") for number in range(1_000)])
    lives = list(history.lives(HOME, microseconds(NOON)))
    assert len({life.microvm_id for life in lives}) == len(lives) == 1_000
    assert all([one.state for one in life.sightings] == ["RUNNING", "SUSPENDED"] for life in lives)


def test_looks_close_together_are_one_period(ledger: Ledger) -> None:
    history = History(ledger)
    gap = LOOK_GAP / 1e6
    for seconds in (0, 5, 10, 10 + gap, 3600, 3605):
        history.looked(HOME, NOON + timedelta(seconds=seconds))
    start = microseconds(NOON)
    assert history.looks(HOME, 0) == [
        (start, start + 10_000_000 + LOOK_GAP),
        (start + 3_600_000_000, start + 3_605_000_000),
    ]
    assert len(history.looks(HOME, start + 3_600_000_000)) == 1
    assert history.looks(ELSEWHERE, 0) == []


def test_seeing_a_change_is_looking(ledger: Ledger) -> None:
    history = History(ledger)
    history.observe(HOME, [seen("RUNNING", 0), seen("SUSPENDED", 1)])
    assert history.looks(HOME, 0) == [(microseconds(NOON + timedelta(minutes=1)),) * 2]


def test_days_and_what_was_learned_are_kept_and_replaced(ledger: Ledger) -> None:
    history = History(ledger)
    first = DaySpend(date(2026, 11, 1), Decimal("1.10"), Decimal("1.00"), Decimal("1.25"))
    second = DaySpend(date(2026, 11, 2), Decimal("0.123456789012345678"), Decimal(0), Decimal(2))
    history.keep_days(HOME, [first, DaySpend(second.day, Decimal(9), Decimal(9), Decimal(9))])
    history.keep_days(HOME, [second])
    assert history.days(HOME, date(2026, 11, 1)) == [first, second]
    assert history.days(HOME, date(2026, 11, 2)) == [second]
    history.learn(HOME, "memory", 8192, NOON)
    history.learn(HOME, "memory", 4096, NOON + timedelta(hours=1))
    assert history.learned(HOME) == {"memory": Learned(4096, NOON + timedelta(hours=1))}
    assert history.learned(ELSEWHERE) == {}


def test_a_file_of_the_first_version_becomes_the_newest_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    database = sqlite3.connect(path)
    for statement in STEPS[0].split(";"):
        database.execute(statement)
    database.execute("INSERT INTO scopes VALUES (3, 'aws', '000000000000', 'us-east-1', '')")
    database.execute("INSERT INTO names VALUES (3, 'microvm-1', 'web')")
    database.execute("INSERT INTO sizes VALUES (3, ?, '1.0', 2048)", (ARN,))
    for vm in ("microvm-1", "microvm-2"):
        for state, minutes in (("RUNNING", 0), ("SUSPENDED", 3)):
            at = (NOON + timedelta(minutes=minutes)).isoformat(timespec="microseconds")
            database.execute("INSERT INTO transitions VALUES (3, ?, ?, ?, ?, '1.0')", (vm, at, state, ARN))
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    ledger = Ledger(path)
    assert ledger.complaint == ""
    assert ledger.names(HOME) == {"microvm-1": "web"}
    assert ledger.sizes(HOME) == {(ARN, "1.0"): 2048}
    for vm in ("microvm-1", "microvm-2"):
        assert History(ledger).transitions(HOME, vm) == [
            Transition(vm, "RUNNING", NOON, ARN, "1.0"),
            Transition(vm, "SUSPENDED", NOON + timedelta(minutes=3), ARN, "1.0"),
        ]
    ledger.close()


def test_a_reader_waits_for_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first, second = Ledger(path), Ledger(path)
    History(first).observe(HOME, [seen("RUNNING", 0)])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("DELETE FROM sightings")
    started = time.monotonic()
    (life,) = History(second).lives(HOME, 0)
    assert time.monotonic() - started < 1
    assert life.sightings[0].state == "RUNNING"
    holder.execute("ROLLBACK")
    holder.close()
    first.close()
    second.close()
