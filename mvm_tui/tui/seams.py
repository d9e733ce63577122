"""What the UI needs of the parts below it, as protocols: the fleet, and a way to open one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mvm_tui.aws.session import Target
    from mvm_tui.fleet.changes import ChangeSet
    from mvm_tui.fleet.figures import Figures
    from mvm_tui.fleet.perform import Result
    from mvm_tui.fleet.spend import VmCost
    from mvm_tui.model.bases import Base
    from mvm_tui.model.connectors import NetworkConnector
    from mvm_tui.model.estimate import Estimate
    from mvm_tui.model.fleet_row import FleetRow
    from mvm_tui.model.image import Image, ImageBuild, ImageVersion
    from mvm_tui.model.launch import Launched, LaunchRequest
    from mvm_tui.model.quota import MemoryQuota, Quota
    from mvm_tui.model.rates import Rates
    from mvm_tui.model.tariff import Tariff
    from mvm_tui.reach.access import Access as PortAccess
    from mvm_tui.shell.session import Access as ShellAccess
    from mvm_tui.tui.build_jobs import BuilderLike
    from mvm_tui.tui.log_reading import LogsLike


class SpendLike(Protocol):
    """`mvm_tui.fleet.bookkeeper.Bookkeeper` as the UI uses it. Nothing of it blocks."""

    @property
    def figures(self) -> Figures | None: ...
    def of(self, microvm_id: str) -> VmCost | None: ...
    def estimate(self, microvm_id: str) -> Estimate | None: ...
    def tariff(self, version: tuple[str, str], memory_mib: int | None = None) -> Tariff | None: ...
    def want_details(self, wanted: bool) -> None: ...
    def reread_images(self) -> None: ...
    def rates(self, arch: str = ...) -> Rates: ...


class FleetLike(Protocol):
    """`mvm_tui.fleet.service.Fleet` as the UI uses it.

    `rename`, `perform`, `launch`, `images`, `versions`, `connectors`, `raw` and `quotas` block and raise
    `Problem`; the UI calls them in threads only.
    """

    @property
    def generation(self) -> int: ...
    @property
    def spend(self) -> SpendLike: ...
    def start(self, on_change: Callable[[ChangeSet], None]) -> None: ...
    def stop(self) -> None: ...
    def refresh(self) -> None: ...
    def rows(self) -> dict[str, FleetRow]: ...
    def row(self, microvm_id: str) -> FleetRow | None: ...
    def want_details(self, ids: Sequence[str], *, on_screen: bool = True) -> None: ...
    def details_progress(self) -> tuple[int, int]: ...
    def watch(self, ids: Sequence[str]) -> None: ...
    def set_hidden(self, hidden: bool) -> None: ...
    def rename(self, microvm_id: str, name: str) -> None: ...
    def quota(self) -> MemoryQuota | None: ...
    def perform(
        self,
        action_id: str,
        ids: Sequence[str],
        on_result: Callable[[Result], None],
        cancelled: Callable[[], bool] = ...,
    ) -> list[Result]: ...
    def launch(self, request: LaunchRequest, name: str = "") -> Launched: ...
    def images(self) -> Sequence[Image]: ...
    def versions(self, image_arn: str) -> Sequence[ImageVersion]: ...
    def connectors(self) -> Sequence[NetworkConnector]: ...
    def raw(self, microvm_id: str) -> dict[str, Any]: ...
    def quotas(self) -> Sequence[Quota]: ...


class ImagesLike(Protocol):
    """`mvm_tui.fleet.images.Images` as the UI uses it: everything blocks and raises `Problem`."""

    def images(self) -> Sequence[Image]: ...
    def versions(self, image_arn: str) -> Sequence[ImageVersion]: ...
    def builds(self, image_arn: str, version: str) -> Sequence[ImageBuild]: ...
    def tags(self, image_arn: str) -> Mapping[str, str]: ...
    def bases(self) -> Sequence[Base]: ...
    def raw(self, image_arn: str, version: str = "") -> dict[str, Any]: ...
    def set_status(self, image_arn: str, version: str, status: str) -> None: ...
    def delete_version(self, image_arn: str, version: str) -> str: ...
    def delete(self, image_arn: str) -> str: ...
    def set_tags(self, image_arn: str, tags: Mapping[str, str], removed: Sequence[str] = ()) -> None: ...


class ShellAccessor(Protocol):
    """Gives a shell's session what it needs of the service."""

    def __call__(self, resume: bool, say: Callable[[str], None]) -> ShellAccess:
        """`resume`: the user agreed to a resumption. `say` is told, from a thread, what to tell the user."""


class PortAccessor(Protocol):
    """Gives a forwarded port what it needs of the service."""

    def __call__(self, vm_id: str, port: int | None, resume: bool, say: Callable[[str], None]) -> PortAccess:
        """`port` None is the app's; `resume` and `say` as for a shell."""


@dataclass(frozen=True, slots=True)
class Account:
    """One opened connection with its fleet.

    Attributes:
        profile: The AWS profile in use; empty for the default credentials.
        endpoint: The custom endpoint's URL; empty for AWS itself.
        identify: Asks for the account's number. Blocks; raises `Problem`.
        expires_at: Asks when the credentials end; None for those that do not.
        shell_access: What sessions of shells are handed.
        port_access: What forwarded ports are handed.
        logs: Gives the logs, loading what reads them the first time.
        images: Gives the images, likewise; for threads.
        builder: Gives what builds, likewise; for threads.
    """

    fleet: FleetLike
    profile: str
    region: str
    partition: str
    endpoint: str
    identify: Callable[[], str]
    expires_at: Callable[[], datetime | None]
    shell_access: ShellAccessor
    port_access: PortAccessor
    logs: Callable[[], LogsLike]
    images: Callable[[], ImagesLike]
    builder: Callable[[], BuilderLike]


class Opener(Protocol):
    """Opens a connection and makes its fleet. Blocks; raises `Problem`."""

    def __call__(self, target: Target, generation: int, read_only: bool) -> Account: ...
