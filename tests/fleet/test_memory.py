"""What the ledger remembers reaches the rows, also from another copy of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mvm_tui.aws.session import Connection
from mvm_tui.fleet.errands import Errands
from mvm_tui.fleet.history import History
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.memory import Memory
from mvm_tui.fleet.store import Store
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.errors import GatewayFault
from mvm_tui.model.quota import MemoryQuota
from tests.aws.scripted import Answer, Asked, Scripted, error, scripted
from tests.fleet.rows import ARN, vm


class World:
    """A memory with all it joins, and a second copy's ledger on the same file."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.connection = connection
        self.clock = ManualClock()
        self.store = Store(self.clock)
        self.ledger = Ledger(folder / "ledger.sqlite")
        self.other = Ledger(folder / "ledger.sqlite")
        self.memory = Memory(connection, self.ledger, self.store, self.clock)
        self.scope = connection.scope_of(ARN)

    def see(self, *states: str) -> None:
        page = [vm(number, state) for number, state in enumerate(states, start=1)]
        self.store.apply_page(page, self.store.ticket())
        self.memory.recall(page)
        self.memory.record(self.store.take_changes().moved)

    def name(self) -> str:
        row = self.store.row(vm(1).id)
        assert row is not None
        return row.name


def sizes(asked: Asked) -> Answer:
    if "/versions/1.0" in asked.path:
        return Answer({"imageArn": ARN, "imageVersion": "1.0", "resources": [{"minimumMemoryInMiB": 512}]})
    return Answer({"Quota": {"Value": 8.0}})


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(sizes) as server:
        yield server


@pytest.fixture
def world(server: Scripted, tmp_path: Path) -> Iterator[World]:
    world = World(server.connect(), tmp_path)
    yield world
    world.ledger.close()
    world.other.close()


def test_names_of_another_copy_arrive_and_go(world: World) -> None:
    world.other.set_name(world.scope, vm(1).id, "web")
    world.see("RUNNING")
    assert world.name() == "web"
    world.other.set_name(world.scope, vm(1).id, "")
    world.see("RUNNING")
    assert world.name() == "web"
    world.clock.advance(60)
    world.see("RUNNING")
    assert world.name() == ""


def test_a_name_given_here_is_kept(world: World) -> None:
    world.see("RUNNING")
    world.memory.name(vm(1), "mine")
    assert world.name() == "mine"
    assert world.other.names(world.scope) == {vm(1).id: "mine"}
    world.clock.advance(60)
    world.see("RUNNING")
    assert world.name() == "mine"


def test_states_are_recorded_but_not_ends_that_nobody_saw(world: World) -> None:
    world.see("RUNNING", "TERMINATED")
    world.clock.advance(1)
    world.see("TERMINATED", "TERMINATED")
    assert [one.state for one in History(world.other).transitions(world.scope, vm(1).id)] == [
        "RUNNING",
        "TERMINATED",
    ]
    assert History(world.other).transitions(world.scope, vm(2).id) == []


def test_a_ledger_that_fails_disturbs_nothing(world: World) -> None:
    world.ledger.close()
    world.see("RUNNING")
    assert world.name() == ""
    world.memory.read_size(ARN, "1.0")
    assert world.store.allocated() == (512, 0)


def test_errands_find_sizes_and_the_limit(world: World) -> None:
    errands = Errands(world.connection, world.store, world.memory)
    assert errands.due_at(0.0) is None
    world.see("RUNNING", "SUSPENDED", "TERMINATED")
    errands.count(0.0)
    assert errands.quota == MemoryQuota(0, None, unknown=2)
    errands.step(0.0)
    errands.step(0.0)
    assert errands.quota == MemoryQuota(1024, 8192)
    assert world.other.sizes(world.scope) == {(ARN, "1.0"): 512}
    due = errands.due_at(1.0)
    assert due is not None
    assert due > 300


def test_errands_that_fail_are_tried_again_later(tmp_path: Path) -> None:
    with scripted(lambda _: error(404, "ResourceNotFoundException", "gone")) as server:
        world = World(server.connect(), tmp_path)
        errands = Errands(world.connection, world.store, world.memory)
        world.see("RUNNING")
        errands.count(0.0)
        errands.step(0.0)
        asked = len(server.asked)
        errands.count(1.0)
        errands.step(1.0)
        assert not any("/versions/" in one.path for one in server.asked[asked:])
        errands.count(100.0)
        errands.step(100.0)
        assert "/versions/" in server.asked[-1].path
        assert errands.quota == MemoryQuota(0, None, unknown=1)
        world.ledger.close()
        world.other.close()


def test_a_size_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    with scripted(lambda _: Answer(b"<html>", 200)) as server:
        world = World(server.connect(), tmp_path)
        with pytest.raises(GatewayFault):
            world.memory.read_size(ARN, "1.0")
        world.ledger.close()
        world.other.close()
