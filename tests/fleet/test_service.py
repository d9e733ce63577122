"""The fleet on the local cloud: what it shows and what its actions do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvm_tui.fleet.history import History
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.perform import Result
from mvm_tui.fleet.service import Fleet
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Cancelled, Conflict, Gone, Invalid, QuotaReached, ReadOnly
from mvm_tui.model.launch import LaunchRequest, Logging
from mvm_tui.model.quota import MemoryQuota
from tests.cloud import client, cloud_process, set_faults
from tests.fleet.listener import Listener, connect, watching

UNKNOWN = "microvm-00000000-0000-0000-0000-000000000000"


@pytest.fixture
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=10) as facts:
        yield facts


@pytest.fixture
def fleet(facts: Facts, tmp_path: Path) -> Iterator[tuple[Fleet, Listener]]:
    with watching(connect(facts), tmp_path) as (fleet, listener):
        listener.wait_for_sweep()
        yield fleet, listener


def ids_in(fleet: Fleet, state: str) -> list[str]:
    return sorted(key for key, row in fleet.rows().items() if row.vm.state == state)


def perform(fleet: Fleet, verb: str, ids: list[str]) -> dict[str, Result]:
    told: list[Result] = []
    results = fleet.perform(f"microvm.{verb}", ids, told.append)
    assert told == results
    return {result.id: result for result in results}


def test_rows_sizes_and_quota_come_by_themselves(fleet: tuple[Fleet, Listener]) -> None:
    service, listener = fleet
    assert listener.states() == {"RUNNING", "SUSPENDED", "TERMINATED"}
    listener.wait(lambda: all(row.memory_mib for row in listener.rows.values()))
    listener.wait(lambda: service.quota() == MemoryQuota(5120, 8192))
    assert service.rows() == listener.rows
    assert not service.details_progress()[1]


def test_details_are_read_for_what_is_wanted(fleet: tuple[Fleet, Listener]) -> None:
    service, listener = fleet
    on_screen = ids_in(service, "RUNNING")[:2]
    service.want_details(on_screen)
    listener.wait(lambda: all(listener.rows[key].vm.details for key in on_screen))
    assert sum(row.vm.details is not None for row in listener.rows.values()) == 2
    service.want_details(list(service.rows()), on_screen=False)
    listener.wait(lambda: all(row.vm.details for row in listener.rows.values()))
    count = len(listener.rows)
    assert service.details_progress() == (count, count)


def test_names_and_sizes_are_remembered(facts: Facts, tmp_path: Path) -> None:
    with watching(connect(facts), tmp_path) as (fleet, listener):
        listener.wait_for_sweep()
        key = ids_in(fleet, "SUSPENDED")[0]
        fleet.rename(key, "  my \x1b[31mbox ")
        listener.wait(lambda: listener.rows[key].name == "my box")
        listener.wait(lambda: all(row.memory_mib for row in listener.rows.values()))
    set_faults(facts, "error@GetMicrovmImageVersion")
    with watching(connect(facts), tmp_path) as (fleet, listener):
        listener.wait_for_sweep()
        assert all(row.memory_mib for row in listener.rows.values())
        assert listener.rows[key].name == "my box"
        fleet.rename(key, "")
        listener.wait(lambda: listener.rows[key].name == "")
        with pytest.raises(Gone):
            fleet.rename(UNKNOWN, "nobody")


def test_one_goes_through_its_life(fleet: tuple[Fleet, Listener], tmp_path: Path) -> None:
    service, listener = fleet
    arn = next(image.arn for image in service.images() if image.name == "worker")
    chosen = Logging(group="team", stream="fresh")
    vm = service.launch(LaunchRequest(arn, version="2.0", logging=chosen), name="fresh").vm
    assert service.logging_of(vm) == chosen
    assert service.settle(vm.id, 20).state == "RUNNING"
    listener.wait(lambda: listener.rows[vm.id].vm.state == "RUNNING")
    assert listener.rows[vm.id].name == "fresh"
    for verb, done in (("suspend", "SUSPENDED"), ("resume", "RUNNING"), ("terminate", "TERMINATED")):
        result = perform(service, verb, [vm.id])[vm.id]
        assert (result.ok, result.problem) == (True, None)
        assert result.request_id
        assert listener.rows[vm.id].vm.state == done
        assert listener.rows[vm.id].pending == ""
    again = perform(service, "suspend", [vm.id])[vm.id]
    assert not again.ok
    assert isinstance(again.problem, Conflict)
    assert service.raw(vm.id)["state"] == "TERMINATED"
    ledger = Ledger(tmp_path / "ledger.sqlite")
    scope = service.connection.scope_of(arn)
    listener.wait(lambda: History(ledger).transitions(scope, vm.id)[-1].state == "TERMINATED")
    assert [one.state for one in History(ledger).transitions(scope, vm.id)][:2] == ["PENDING", "RUNNING"]
    ledger.close()


def test_the_pending_state_is_shown_at_once(fleet: tuple[Fleet, Listener], facts: Facts) -> None:
    service, listener = fleet
    key = ids_in(service, "RUNNING")[0]
    set_faults(facts, "latency=1@SuspendMicrovm")
    worker = threading.Thread(target=perform, args=(service, "suspend", [key]))
    worker.start()
    listener.wait(lambda: listener.rows[key].state_word == "suspending")
    assert listener.rows[key].vm.state == "RUNNING"
    worker.join()
    assert listener.rows[key].state_word == "suspended"


def test_done_already_counts_as_done(fleet: tuple[Fleet, Listener]) -> None:
    service, _ = fleet
    suspended, ended = ids_in(service, "SUSPENDED")[0], ids_in(service, "TERMINATED")[0]
    running = ids_in(service, "RUNNING")[0]
    assert perform(service, "suspend", [suspended])[suspended].ok
    assert perform(service, "resume", [running])[running].ok
    assert perform(service, "terminate", [ended])[ended].ok
    assert perform(service, "terminate", [UNKNOWN])[UNKNOWN].message == "already gone"
    missing = perform(service, "resume", [UNKNOWN])[UNKNOWN]
    assert isinstance(missing.problem, Gone)


def test_none_of_many_is_lost_to_throttling(fleet: tuple[Fleet, Listener], facts: Facts) -> None:
    service, listener = fleet
    ids = [*ids_in(service, "RUNNING"), *ids_in(service, "SUSPENDED")]
    set_faults(facts, "throttle@TerminateMicrovm*3", "error@GetMicrovm/4")
    results = perform(service, "terminate", [*ids, ids[0]])
    assert sorted(results) == sorted(ids)
    assert all(result.ok for result in results.values())
    assert {listener.rows[key].vm.state for key in ids} == {"TERMINATED"}


def test_a_conflict_is_waited_out_and_asked_again(fleet: tuple[Fleet, Listener], facts: Facts) -> None:
    service, _ = fleet
    key = ids_in(service, "RUNNING")[0]
    client(facts).suspend_microvm(microvmIdentifier=key)
    assert perform(service, "resume", [key])[key].ok


def test_an_action_that_fails_says_why(fleet: tuple[Fleet, Listener], facts: Facts) -> None:
    service, listener = fleet
    keys = ids_in(service, "RUNNING")[:2]
    set_faults(facts, "expired@SuspendMicrovm")
    results = perform(service, "suspend", keys)
    assert [result.ok for result in results.values()] == [False, False]
    assert all("expired" in result.message for result in results.values())
    assert {listener.rows[key].state_word for key in keys} == {"running"}


def test_a_stopped_action_reports_the_rest(fleet: tuple[Fleet, Listener]) -> None:
    service, _ = fleet
    ids = ids_in(service, "RUNNING")
    told: list[Result] = []
    results = service.perform("microvm.suspend", ids, told.append, cancelled=lambda: bool(told))
    assert told == results
    assert sorted(result.id for result in results) == ids
    assert results[0].ok
    called_off = [result for result in results if isinstance(result.problem, Cancelled)]
    assert called_off
    assert not any(result.ok for result in called_off)
    assert all(row.pending == "" for row in service.rows().values())


def test_read_only_changes_nothing(facts: Facts, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    fleet = Fleet(connect(facts), ledger, SystemClock(), read_only=True)
    with pytest.raises(ReadOnly):
        fleet.perform("microvm.terminate", [UNKNOWN], print)
    with pytest.raises(ReadOnly):
        fleet.launch(LaunchRequest("arn"))
    with pytest.raises(ValueError, match="does nothing"):
        fleet.perform("microvm.rename", [UNKNOWN], print)
    ledger.close()


def test_a_launch_that_fails(fleet: tuple[Fleet, Listener], facts: Facts) -> None:
    service, _ = fleet
    arns = {image.name: image.arn for image in service.images()}
    set_faults(facts, "throttle@RunMicrovm*1", "error=503@RunMicrovm*1")
    assert service.launch(LaunchRequest(arns["hello-web"], version="2.0")).vm.state == "PENDING"
    with pytest.raises(QuotaReached, match="memory"):
        service.launch(LaunchRequest(arns["devbox"], version="1.0"))
    with pytest.raises(Invalid):
        service.launch(LaunchRequest("no arn at all"))


def test_it_works_without_polling(facts: Facts, tmp_path: Path) -> None:
    """As the command line uses it."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    fleet = Fleet(connect(facts), ledger, SystemClock())
    arn = next(image.arn for image in fleet.images() if image.name == "worker")
    assert [one.version for one in fleet.versions(arn)]
    assert [one.name for one in fleet.connectors()] == ["private-vpc"]
    vm = fleet.launch(LaunchRequest(arn, version="2.0"), name="one").vm
    assert fleet.settle(vm.id, 20, cancelled=lambda: True).id == vm.id
    assert perform(fleet, "terminate", [vm.id])[vm.id].ok
    row = fleet.row(vm.id)
    assert row is not None
    assert (row.name, row.vm.state) == ("one", "TERMINATED")
    ledger.close()
