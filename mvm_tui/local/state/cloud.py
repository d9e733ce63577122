"""The whole cloud: its options, its regions, and what all regions share."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mvm_tui.local.clock import Timing
from mvm_tui.local.faults import Faults
from mvm_tui.local.live_tail import LiveTail
from mvm_tui.local.log_settings import LogSettings
from mvm_tui.local.log_store import LogStore
from mvm_tui.local.object_store import ObjectStore
from mvm_tui.local.state.connectors import ConnectorStore
from mvm_tui.local.state.fleet import Fleet
from mvm_tui.local.state.guests import GuestStarter, start_process
from mvm_tui.local.state.idempotency import Answers
from mvm_tui.local.state.images import ImageStore
from mvm_tui.local.state.microvms import MicrovmRecord
from mvm_tui.local.state.paging import Cursors
from mvm_tui.local.state.tokens import Tokens
from mvm_tui.local.wire.errors import ServiceError

# The 14 regions that had the service on 24 October 2026 (AWS's launch posts; prices listed for all of them).
REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-west-1",
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-north-1",
    "ap-east-1",
    "ap-southeast-5",
    "ap-southeast-7",
    "eu-south-2",
)


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """How a local cloud behaves. Memory in MiB; `root` is the run's own 0700 folder.

    `log_delay`: see `LogSettings.delay`.
    """

    root: Path
    account: str = "000000000000"
    region: str = "us-east-1"
    speed: float = 1.0
    seed: str = "demo"
    endpoint_form: Literal["localhost", "aws"] = "localhost"
    port: int = 0
    strict_artifacts: bool = False
    run_steps: bool = False
    memory_quota_mib: int = 8192
    log_delay: float | None = None


@dataclass(slots=True)
class Quotas:
    """What the account is allowed in one region."""

    memory_mib: int


class Region:
    """The state of the account in one region."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        self.account = cloud.options.account
        self.quotas = Quotas(cloud.options.memory_quota_mib)
        self.logs = LogStore(cloud.timing, settings=cloud.log_settings, lateness=cloud.faults.lateness)
        self.live_tail = LiveTail(self.logs, cloud.timing)
        self.objects = cloud.objects
        self.images = ImageStore(self)
        self.microvms = Fleet(self)
        self.connectors = ConnectorStore(self)
        self.answers = Answers()


class Cloud:
    """Everything of one run. Lives on one event loop; `close` ends its processes."""

    def __init__(
        self,
        options: CloudOptions,
        timing: Timing | None = None,
        *,
        start_guest: GuestStarter = start_process,
        faults: Faults | None = None,
    ) -> None:
        self.options = options
        self.faults = faults or Faults()
        self.log_settings = LogSettings(options.log_delay)
        self.timing = timing or Timing(options.speed)
        self.start_guest = start_guest
        self.objects = ObjectStore(options.root / "objects")
        self.tokens = Tokens(self.timing)
        self.regions: dict[str, Region] = {}
        self.cursors = Cursors(secrets.token_bytes(16))
        self._tasks: set[asyncio.Task[None]] = set()

    def region(self, name: str) -> Region:
        """The state behind a credential scope's region.

        Raises:
            ServiceError: AccessDeniedException without a message, as a region without the service answers.
        """
        if name not in REGIONS:
            raise ServiceError("AccessDeniedException", 403, None)
        if name not in self.regions:
            self.regions[name] = Region(self, name)
        return self.regions[name]

    def bind(self, port: int) -> None:
        """Tell the cloud the port it is served on: endpoints of MicroVMs carry it."""
        self.options = replace(self.options, port=port)

    def endpoint(self, uuid: str, region: str) -> str:
        """A MicroVM's endpoint: a bare host name, or one under `.localhost` with this cloud's port."""
        host = f"{uuid}.lambda-microvm.{region}"
        if self.options.endpoint_form == "aws":
            return f"{host}.on.aws"
        return f"{host}.localhost:{self.options.port}"

    def vm_by_host(self, uuid: str, region: str) -> MicrovmRecord | None:
        """The MicroVM behind the host name ``<uuid>.lambda-microvm.<region>.…``, ended ones included."""
        known = self.regions.get(region)
        return known.microvms.by_uuid(uuid) if known else None

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine that belongs to the cloud; `close` waits for it or ends it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End all work under way and every MicroVM's processes."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for region in self.regions.values():
            await region.microvms.close()
