"""The poller: when it reads what, and what it does when the service fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.model.errors import Denied, GatewayFault, RegionUnavailable, SignInExpired, Throttled
from tests.aws.scripted import Answer, Asked, Scripted, error, scripted
from tests.cloud import cloud_process, set_faults
from tests.fleet.listener import Listener, connect, watching
from tests.fleet.rows import ARN, vm


def item(number: int, state: str = "RUNNING") -> dict[str, Any]:
    return {
        "microvmId": vm(number).id,
        "state": state,
        "imageArn": ARN,
        "imageVersion": "1.0",
        "startedAt": 1_790_000_000.5,
    }


class Service:
    """A listing and single readings that a test changes while it is read."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.listing: Callable[[str], Answer] = lambda _: Answer({"items": list(items), "nextToken": None})
        self.single: Callable[[str], Answer] = lambda _: error(404, "ResourceNotFoundException", "not found")

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/microvms"):
            return self.listing(asked.query.get("nextToken", ""))
        if "/microvms/" in asked.path:
            return self.single(asked.path.rpartition("/")[2])
        return error(404, "ResourceNotFoundException", "not here")


def listed(*items: dict[str, Any]) -> Callable[[str], Answer]:
    return lambda _: Answer({"items": list(items), "nextToken": None})


def reads_of(server: Scripted, part: str) -> int:
    return sum(part in asked.path for asked in list(server.asked))


def sweeps_of(server: Scripted) -> int:
    return sum(asked.path.endswith("/microvms") for asked in list(server.asked))


def test_the_first_page_is_told_before_the_second_is_read(tmp_path: Path) -> None:
    service, go_on = Service(), threading.Event()

    def pages(token: str) -> Answer:
        if not token:
            return Answer({"items": [item(1)], "nextToken": "more"})
        assert go_on.wait(20)
        return Answer({"items": [item(2), item(1)], "nextToken": None})

    service.listing = pages
    with scripted(service) as server, watching(server.connect(), tmp_path) as (_, listener):
        listener.wait(lambda: len(listener.rows) == 1)
        assert listener.status.sweeping
        assert not listener.status.complete
        go_on.set()
        listener.wait(lambda: len(listener.rows) == 2)
        listener.wait_for_sweep()
        assert listener.status.pages == 2


def test_what_vanishes_is_confirmed_before_it_goes(tmp_path: Path) -> None:
    service = Service(item(1), item(2))
    with scripted(service) as server, watching(server.connect(), tmp_path) as (_, listener):
        listener.wait_for_sweep()
        service.single = lambda key: Answer(item(int(key[-4:])))
        service.listing = listed()
        listener.wait(lambda: reads_of(server, "/microvm-0001") > 1)
        assert len(listener.rows) == 2
        service.single = lambda _: error(404, "ResourceNotFoundException", "not found")
        listener.wait(lambda: not listener.rows)


def test_the_ended_go_without_a_question(tmp_path: Path) -> None:
    service = Service(item(1, "TERMINATED"))
    with scripted(service) as server, watching(server.connect(), tmp_path) as (_, listener):
        listener.wait(lambda: len(listener.rows) == 1)
        service.listing = listed()
        listener.wait(lambda: not listener.rows)
        assert reads_of(server, "/microvm-0001") == 0


def test_one_in_transition_is_read_by_itself(tmp_path: Path) -> None:
    service = Service(item(1, "PENDING"))
    service.single = lambda _: Answer(item(1, "PENDING"))
    with (
        scripted(service) as server,
        watching(server.connect(), tmp_path, sweep_seconds=60) as (_, listener),
    ):
        listener.wait(lambda: reads_of(server, "/microvm-0001") >= 2)
        service.single = lambda _: Answer(item(1, "RUNNING"))
        listener.wait(lambda: listener.states() == {"RUNNING"})
        assert sweeps_of(server) == 1


def test_watched_ones_are_read_by_themselves(tmp_path: Path) -> None:
    service = Service(item(1))
    service.single = lambda _: Answer(item(1, "SUSPENDED"))
    with (
        scripted(service) as server,
        watching(server.connect(), tmp_path, sweep_seconds=60) as (fleet, listener),
    ):
        listener.wait_for_sweep()
        fleet.watch([vm(1).id])
        listener.wait(lambda: listener.states() == {"SUSPENDED"})


def test_a_failing_listing_backs_off_visibly_and_recovers(tmp_path: Path) -> None:
    service = Service()
    service.listing = lambda _: error(429, "ThrottlingException", "slow down", Retry_After="2")
    with scripted(service) as server, watching(server.connect(), tmp_path) as (fleet, listener):
        listener.wait(lambda: isinstance(listener.status.problem, Throttled))
        assert listener.status.back_off > 1
        assert not listener.status.complete
        service.listing = listed(item(1))
        fleet.refresh()
        listener.wait_for_sweep()
        assert listener.status.problem is None
        assert listener.status.back_off == 0


def test_a_region_without_the_service(tmp_path: Path) -> None:
    service = Service()
    service.listing = lambda _: error(403, "AccessDeniedException")
    with scripted(service) as server, watching(server.connect(), tmp_path) as (_, listener):
        listener.wait(lambda: isinstance(listener.status.problem, RegionUnavailable))
        assert listener.status.back_off > 20


def test_a_listing_without_end_shows_its_rows_and_says_so(tmp_path: Path) -> None:
    service = Service()
    service.listing = lambda _: Answer({"items": [item(1)], "nextToken": "again"})
    with scripted(service) as server, watching(server.connect(), tmp_path) as (_, listener):
        listener.wait(lambda: isinstance(listener.status.problem, GatewayFault))
        assert len(listener.rows) == 1
        assert not listener.status.complete


def test_readings_that_are_denied_do_not_stop_the_sweeps(tmp_path: Path) -> None:
    service = Service(item(1))
    service.single = lambda _: error(403, "AccessDeniedException", "no GetMicrovm for you")
    with scripted(service) as server, watching(server.connect(), tmp_path) as (fleet, listener):
        listener.wait_for_sweep()
        fleet.want_details([vm(1).id])
        listener.wait(lambda: reads_of(server, "/microvm-0001") == 1)
        service.listing = listed(item(1), item(2))
        listener.wait(lambda: len(listener.rows) == 2)
        assert not isinstance(listener.status.problem, Denied)


def test_an_expired_sign_in_is_told_and_passes(tmp_path: Path) -> None:
    with cloud_process(seed="demo") as facts, watching(connect(facts), tmp_path) as (fleet, listener):
        listener.wait_for_sweep()
        set_faults(facts, "expired")
        listener.wait(lambda: isinstance(listener.status.problem, SignInExpired))
        assert listener.rows
        set_faults(facts)
        fleet.refresh()
        listener.wait(lambda: listener.status.problem is None)


def test_stop_is_prompt_and_late_answers_are_dropped(tmp_path: Path) -> None:
    service, answering, go_on = Service(), threading.Event(), threading.Event()

    def slow(_: str) -> Answer:
        answering.set()
        assert go_on.wait(20)
        return Answer({"items": [item(1)], "nextToken": None})

    service.listing = slow
    with scripted(service) as server, watching(server.connect(), tmp_path, generation=7) as (fleet, listener):
        assert answering.wait(20)
        before = time.monotonic()
        fleet.stop()
        assert time.monotonic() - before < 0.2
        go_on.set()
        thread = next((one for one in threading.enumerate() if one.name == "fleet-7"), None)
        if thread is not None:
            thread.join(10)
            assert not thread.is_alive()
        assert listener.rows == {}
        assert fleet.generation == 7


def test_a_hidden_fleet_is_read_rarely(tmp_path: Path) -> None:
    with scripted(Service(item(1))) as server, watching(server.connect(), tmp_path) as (fleet, listener):
        fleet.set_hidden(True)
        listener.wait_for_sweep()
        listener.wait(lambda: not listener.status.sweeping)
        seen = sweeps_of(server)
        started = time.monotonic()
        listener.wait(lambda: sweeps_of(server) > seen)
        assert time.monotonic() - started > 1.0
        fleet.set_hidden(False)
        seen = sweeps_of(server)
        listener.wait(lambda: sweeps_of(server) > seen + 1, seconds=5)


class Clumsy(Listener):
    """Fails when it is told something for the first time."""

    failed = False

    def __call__(self, changes: ChangeSet) -> None:
        if not self.failed:
            self.failed = True
            raise RuntimeError("a mistake")
        super().__call__(changes)


def test_a_mistake_of_the_listener_does_not_stop_the_fleet(tmp_path: Path) -> None:
    service = Service(item(1))
    with (
        scripted(service) as server,
        watching(server.connect(), tmp_path, listener=Clumsy()) as (_, listener),
    ):
        listener.wait_for_sweep()
        service.listing = listed(item(1), item(2))
        listener.wait(lambda: vm(2).id in listener.rows)
