"""One MicroVM: what the service knows of it, and what the proxy and the shell ask of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mvm_tui.model.microvm import ENDED, RUNNING

if TYPE_CHECKING:
    from mvm_tui.local.clock import Handle
    from mvm_tui.local.state.guests import GuestProcess
    from mvm_tui.local.state.lifecycle import Lifecycle
    from mvm_tui.local.state.versions import BuildRecord, VersionRecord

# The port that gets traffic when a request names none (recorded: a token for 8080 alone is enough for it).
DEFAULT_PORT = 8080


@dataclass(frozen=True, slots=True)
class IdleRule:
    """A launch's idle policy, in seconds of the service."""

    max_idle: int
    suspended: int
    auto_resume: bool

    def members(self) -> dict[str, Any]:
        return {
            "maxIdleDurationSeconds": self.max_idle,
            "suspendedDurationSeconds": self.suspended,
            "autoResumeEnabled": self.auto_resume,
        }


@dataclass(frozen=True, slots=True)
class Launch:
    """What a MicroVM was launched with and keeps to its end. ARNs as given, durations in seconds."""

    ingress: tuple[str, ...]
    egress: tuple[str, ...]
    max_duration: int
    idle: IdleRule | None = None
    role: str | None = None
    payload: str = field(default="", repr=False)
    log_group: str | None = None
    log_stream: str | None = None
    logs_off: bool = False


@dataclass(slots=True, eq=False)
class MicrovmRecord:
    """The record of one MicroVM. `lifecycle` drives it; `guest` is None while it has no processes.

    `moving` names the state a request already accepted leads to, while `state` may still be the old one.
    """

    id: str
    uuid: str
    lifecycle: Lifecycle
    version: VersionRecord
    build: BuildRecord
    launch: Launch
    state: str
    started_at: datetime
    state_reason: str | None = None
    terminated_at: datetime | None = None
    guest: GuestProcess | None = None
    moving: str | None = None
    traffic_at: float = 0.0
    work: asyncio.Task[None] | None = None
    timer: Handle | None = None

    @property
    def region_name(self) -> str:
        return self.lifecycle.region_name

    @property
    def memory_mib(self) -> int:
        return self.version.memory_mib

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def ends_at(self) -> datetime:
        """The hard end: suspension does not move it."""
        return self.started_at + timedelta(seconds=self.launch.max_duration)

    @property
    def default_port(self) -> int:
        """The guest port of a request that names none."""
        return DEFAULT_PORT

    @property
    def log_target(self) -> tuple[str, str] | None:
        """Group and stream of its output; None where the service would write nothing (no role, or off)."""
        if self.launch.logs_off or self.launch.role is None:
            return None
        group = self.launch.log_group or f"/aws/lambda-microvms/{self.version.image_name}"
        day = self.started_at.strftime("%Y/%m/%d")
        return group, self.launch.log_stream or f"{day}[{self.version.number}]{self.id}"

    def note_traffic(self) -> None:
        """Traffic went through its proxy: the idle clock starts anew."""
        self.traffic_at = self.lifecycle.timing.monotonic()

    async def touch(self) -> None:
        """Give a running record its processes, if it has none yet (seeded ones start without)."""
        if self.state == RUNNING and self.guest is None:
            await self.lifecycle.wake_record(self)

    async def auto_resume(self) -> bool:
        """Resume it because of traffic, if its policy says so; True once it is RUNNING."""
        return await self.lifecycle.auto_resume(self)
