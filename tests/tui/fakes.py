"""A fleet that lives in memory: the UI's own seam, with nothing behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mvm_tui.aws.session import Target
from mvm_tui.config.schema import Settings
from mvm_tui.fleet.bookkeeping import seen_of
from mvm_tui.fleet.books import Books
from mvm_tui.fleet.changes import ChangeSet, PollStatus
from mvm_tui.fleet.figures import Details as CostDetails
from mvm_tui.fleet.figures import Figures
from mvm_tui.fleet.perform import Result
from mvm_tui.fleet.prices import Prices
from mvm_tui.fleet.quotas import Values
from mvm_tui.fleet.quotas import quotas as list_quotas
from mvm_tui.fleet.spend import (
    Forgotten,
    Hours,
    Ranking,
    VmCost,
    fleet_cost,
    hours,
    month_end,
    vm_cost,
    vm_estimate,
)
from mvm_tui.fleet.tariffs import Place, Tariffs
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.connectors import NetworkConnector, managed_arn
from mvm_tui.model.cost import HOUR
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.estimate import Estimate
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.intervals import microseconds
from mvm_tui.model.launch import Launched, LaunchRequest
from mvm_tui.model.microvm import Details, Microvm
from mvm_tui.model.quota import MemoryQuota, Quota
from mvm_tui.model.rates import ARM64, Rates
from mvm_tui.model.tariff import Tariff
from mvm_tui.reach.access import Access as PortAccess
from mvm_tui.shell.session import Access
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.seams import Account, PortAccessor, ShellAccessor
from mvm_tui.tui.start import StartOptions

if TYPE_CHECKING:
    from tests.tui.fake_builder import FakeBuilder
    from tests.tui.fake_images import FakeImages
    from tests.tui.fake_logs import FakeLogs

NOW = datetime(2026, 11, 23, 14, 21, 7, tzinfo=UTC)
REGION = "us-east-1"
ACCOUNT = "000000000000"
IDLE = IdlePolicy(900, 7_200, True)
_AFTER = {
    "microvm.suspend": "SUSPENDED",
    "microvm.resume": "RUNNING",
    "microvm.terminate": "TERMINATED",
}


def image_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:microvm-image:{name}"


def microvm(
    number: int,
    state: str = "RUNNING",
    image: str = "hello-web",
    *,
    age: timedelta = timedelta(minutes=72),
    shell: bool = True,
    idle: IdlePolicy | None = IDLE,
    reason: str | None = None,
) -> Microvm:
    """A MicroVM with its details read."""
    ingress = [managed_arn("HTTP_INGRESS", REGION)]
    if shell:
        ingress.append(managed_arn("SHELL_INGRESS", REGION))
    details = Details(
        endpoint=f"https://{number:08x}.lambda-microvm.{REGION}.on.aws",
        maximum_duration=28_800,
        idle_policy=idle,
        ingress=tuple(ingress),
        egress=(managed_arn("INTERNET_EGRESS", REGION),),
        execution_role=f"arn:aws:iam::{ACCOUNT}:role/microvm-logs",
        state_reason=reason,
    )
    microvm_id = f"microvm-{number:08x}-0000-4000-8000-{number:012x}"
    return Microvm(microvm_id, state, image_arn(image), "2.0", NOW - age, details)


def sample_rows() -> list[FleetRow]:
    """Six MicroVMs in different states; the youngest is still starting."""
    return [
        FleetRow(microvm(1), "web-1", 2_048),
        FleetRow(
            microvm(2, image="worker", age=timedelta(minutes=22), idle=None, shell=False), "batch", 1_024
        ),
        FleetRow(microvm(3, "SUSPENDED", "devbox", age=timedelta(hours=3, minutes=5)), "dev", 1_024),
        FleetRow(microvm(4, "PENDING", age=timedelta(seconds=2)), "", 2_048),
        FleetRow(microvm(5, age=timedelta(hours=7, minutes=20)), "old-web", 512),
        FleetRow(
            microvm(
                6, "TERMINATED", "worker", age=timedelta(hours=9), reason="MicroVM exceeded maximum lifetime."
            ),
            "",
            1_024,
        ),
    ]


class FakeSpend:
    """Real books over the rows of a fake fleet: all that started is assumed to have run since.

    Attributes:
        figures: What the header shows; None until `refresh` or with `silent`.
        wanted: Whether the cost screen is open.
    """

    def __init__(self, rows: Callable[[], dict[str, FleetRow]], folder: Path = Path("/nonexistent")) -> None:
        self.figures: Figures | None = None
        self.wanted = False
        self.reread = 0
        self._rows = rows
        self._tariffs = Tariffs(Prices(folder, ManualClock(NOW)), Place(REGION))
        self.books = Books(self._tariffs.of)

    def refresh(self) -> None:
        """Work everything out for the rows as they are."""
        at = microseconds(NOW)
        rows = self._rows()
        self._tariffs.learn({_version(row): row.memory_mib for row in rows.values() if row.memory_mib})
        self.books.look(at)
        self.books.see(map(seen_of, rows.values()), at)
        ranking, spread, left = Ranking(50), Hours(at), Forgotten(2 * HOUR)
        for work in (
            self.books.rebuild(at),
            ranking.fill(self.books, self._tariffs, at),
            hours(self.books, self._tariffs, at, spread),
            left.fill(self.books, self._tariffs, at, {}),
        ):
            for _ in work:
                pass
        cost = fleet_cost(self.books, self._tariffs, at)
        rates = (self._tariffs.rates(),)
        month = month_end(NOW, cost.today, cost.per_hour, Decimal("0.001"))
        details = CostDetails(
            tuple(ranking.found), tuple(left.found), tuple(spread.amounts), month, (), None, 0, rates
        )
        self.figures = Figures(cost, details)

    def of(self, microvm_id: str) -> VmCost | None:
        account = self.books.accounts.get(microvm_id)
        if account is None:
            return None
        return vm_cost(account, self._tariffs.of(account.version), microseconds(NOW))

    def estimate(self, microvm_id: str) -> Estimate | None:
        account = self.books.accounts.get(microvm_id)
        found = None if account is None else self._tariffs.of(account.version)
        return (
            None if found is None else vm_estimate(self.books.timeline(microvm_id, microseconds(NOW)), found)
        )

    def tariff(self, version: tuple[str, str], memory_mib: int | None = None) -> Tariff | None:
        if memory_mib is not None:
            self._tariffs.learn({version: memory_mib})
        return self._tariffs.of(version)

    def want_details(self, wanted: bool) -> None:
        self.wanted = wanted

    def reread_images(self) -> None:
        self.reread += 1

    def rates(self, arch: str = ARM64) -> Rates:
        return self._tariffs.rates(arch)


def _version(row: FleetRow) -> tuple[str, str]:
    return row.vm.image_arn, row.vm.image_version


class FakeFleet:
    """Holds rows, does what it is asked, and remembers that it was.

    Attributes:
        performed: (action id, ids) of every call of `perform`.
        failing: Ids whose actions fail.
        hold: `perform` waits for this; set from the start.
    """

    def __init__(self, rows: Sequence[FleetRow], generation: int = 0) -> None:
        self.generation = generation
        self.performed: list[tuple[str, tuple[str, ...]]] = []
        self.launched: list[tuple[LaunchRequest, str]] = []
        self.refreshed = 0
        self.stopped = False
        self.failing: set[str] = set()
        self.launch_problem: Problem | None = None
        self.hold = threading.Event()
        self.hold.set()
        self.wanted: list[str] = []
        self._rows = {row.id: row for row in rows}
        self.spend = FakeSpend(self.rows)
        self._on_change: Callable[[ChangeSet], None] | None = None

    def start(self, on_change: Callable[[ChangeSet], None]) -> None:
        self._on_change = on_change
        self.spend.refresh()
        self.send(added=tuple(self._rows.values()))

    def send(self, *, problem: Problem | None = None, **differences: Any) -> None:
        """Tell the UI of differences, as the poller does."""
        status = PollStatus(pages=1, complete=problem is None, problem=problem)
        if self._on_change is not None:
            self._on_change(ChangeSet(self.generation, status=status, **differences))

    def put(self, row: FleetRow) -> None:
        """Change or add a row and tell the UI."""
        known = row.id in self._rows
        self._rows[row.id] = row
        self.spend.refresh()
        if known:
            self.send(changed=(row,))
        else:
            self.send(added=(row,))

    def stop(self) -> None:
        self.stopped = True

    def refresh(self) -> None:
        self.refreshed += 1

    def rows(self) -> dict[str, FleetRow]:
        return dict(self._rows)

    def row(self, microvm_id: str) -> FleetRow | None:
        return self._rows.get(microvm_id)

    def want_details(self, ids: Sequence[str], *, on_screen: bool = True) -> None:
        self.wanted = list(ids)

    def details_progress(self) -> tuple[int, int]:
        return len(self.wanted), len(self.wanted)

    def watch(self, ids: Sequence[str]) -> None:
        self.wanted = list(ids)

    def set_hidden(self, hidden: bool) -> None:
        self.hidden = hidden

    def rename(self, microvm_id: str, name: str) -> None:
        self.put(replace(self._rows[microvm_id], name=name))

    def quota(self) -> MemoryQuota | None:
        counted = (row for row in self._rows.values() if row.vm.state != "TERMINATED")
        return MemoryQuota(sum(row.memory_mib or 0 for row in counted), 8_192)

    def perform(
        self,
        action_id: str,
        ids: Sequence[str],
        on_result: Callable[[Result], None],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[Result]:
        self.performed.append((action_id, tuple(ids)))
        results = []
        for microvm_id in ids:
            self.hold.wait(10)
            if cancelled():
                break
            results.append(self._perform_one(action_id, microvm_id))
            on_result(results[-1])
        return results

    def _perform_one(self, action_id: str, microvm_id: str) -> Result:
        if microvm_id in self.failing:
            problem = Gone("The MicroVM does not exist.", "It ended.", "Refresh.", request_id="req-failed")
            return Result(microvm_id, False, "does not exist", problem, "req-failed")
        row = self._rows[microvm_id]
        state = _AFTER[action_id]
        self.put(replace(row, vm=row.vm.with_state(state)))
        return Result(microvm_id, True, state.lower(), request_id=f"req-{microvm_id[8:16]}")

    def launch(self, request: LaunchRequest, name: str = "") -> Launched:
        self.launched.append((request, name))
        if self.launch_problem is not None:
            raise self.launch_problem
        vm = replace(microvm(99, "PENDING", age=timedelta()), image_arn=request.image_arn)
        self.put(FleetRow(vm, name, 2_048))
        return Launched(vm, "request-of-the-launch")

    def images(self) -> list[Image]:
        return [
            Image(image_arn("devbox"), "devbox", "CREATED", "1.0"),
            Image(image_arn("hello-web"), "hello-web", "CREATED", "2.0"),
            Image(image_arn("worker"), "worker", "CREATED", "2.0"),
            Image(image_arn("broken"), "broken", "CREATE_FAILED", None, "1.0"),
        ]

    def versions(self, image_arn: str) -> list[ImageVersion]:
        return [
            ImageVersion(image_arn, "2.0", "SUCCESSFUL", "ACTIVE", 2_048),
            ImageVersion(image_arn, "1.0", "SUCCESSFUL", "ACTIVE", 1_024),
            ImageVersion(image_arn, "1.1", "FAILED", "INACTIVE", 1_024),
        ]

    def connectors(self) -> list[NetworkConnector]:
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:network-connector:nc-0f00"
        return [
            NetworkConnector(arn, "nc-0f00", "vpc-main", "ACTIVE"),
            NetworkConnector(arn + "1", "nc-0f001", "vpc-old", "FAILED"),
        ]

    def quotas(self) -> list[Quota]:
        return list_quotas(Values({"L-CD1C0CC4": 8.0, "L-535CA9B6": 1.0}), {}, {"memory": 7_680}, REGION)

    def raw(self, microvm_id: str) -> dict[str, Any]:
        vm = self._rows[microvm_id].vm
        return {
            "microvmId": vm.id,
            "state": vm.state,
            "runHookPayload": "secret-payload",
            "terminatedAt": None,
        }


def no_shells(resume: bool, say: Callable[[str], None]) -> Access:
    """Of an account whose shells a test does not open."""
    raise AssertionError("no shell was to be opened")


def no_ports(vm_id: str, port: int | None, resume: bool, say: Callable[[str], None]) -> PortAccess:
    """Of an account whose ports a test does not forward."""
    raise AssertionError("no port was to be forwarded")


class FakeAccounts:
    """Opens fake fleets and remembers with what it was asked.

    Attributes:
        problem: Raised by the next openings, if set.
        fleets: What was opened, in order.
    """

    def __init__(self, rows: Sequence[FleetRow] | None = None) -> None:
        self.rows = sample_rows() if rows is None else list(rows)
        self.problem: Problem | None = None
        self.targets: list[Target] = []
        self.fleets: list[FakeFleet] = []
        self.expires_at: datetime | None = None
        self.hold = threading.Event()
        self.hold.set()
        self.shell_access: ShellAccessor = no_shells
        self.port_access: PortAccessor = no_ports
        self._logs: FakeLogs | None = None
        self._images: FakeImages | None = None
        self._builder: FakeBuilder | None = None

    @property
    def logs(self) -> FakeLogs:
        """The logs, made when they are first asked for."""
        from tests.tui.fake_logs import FakeLogs

        if self._logs is None:
            self._logs = FakeLogs()
        return self._logs

    @property
    def images(self) -> FakeImages:
        """The images, made when they are first asked for."""
        from tests.tui.fake_images import FakeImages

        if self._images is None:
            self._images = FakeImages()
        return self._images

    @property
    def builder(self) -> FakeBuilder:
        """What builds, made when it is first asked for."""
        from tests.tui.fake_builder import FakeBuilder

        if self._builder is None:
            self._builder = FakeBuilder()
        return self._builder

    @property
    def fleet(self) -> FakeFleet:
        return self.fleets[-1]

    def open(self, target: Target, generation: int, read_only: bool) -> Account:
        self.targets.append(target)
        self.hold.wait(10)
        if self.problem is not None:
            raise self.problem
        region = target.region or REGION
        fleet = FakeFleet(self.rows, generation)
        self.fleets.append(fleet)
        profile = target.profile or "default"
        return Account(
            fleet,
            profile,
            region,
            "aws",
            "",
            lambda: ACCOUNT,
            lambda: self.expires_at,
            self.shell_access,
            self.port_access,
            lambda: self.logs,
            lambda: self.images,
            lambda: self.builder,
        )


def make_app(accounts: FakeAccounts, state_dir: Path, **options: Any) -> MvmApp:
    """The app on fake accounts; unless it is given a clock, its own stands at `NOW`."""
    settings = options.pop("settings", Settings())
    target = options.pop("target", Target(region=REGION))
    clock = options.pop("clock", None) or ManualClock(NOW)
    start = StartOptions(target, state_dir, settings, clock=clock, **options)
    return MvmApp(start, accounts.open)
