"""Image versions and their builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mvm_tui.local.container.app import BuiltApp
from mvm_tui.local.state.samples import HELLO_WEB, Sample

PENDING = "PENDING"
IN_PROGRESS = "IN_PROGRESS"
SUCCESSFUL = "SUCCESSFUL"
FAILED = "FAILED"
DELETING = "DELETING"
ACTIVE = "ACTIVE"
INACTIVE = "INACTIVE"

# Recorded for 2,048 MiB; the memory snapshot grows with the memory.
CODE_INSTALL_BYTES = 186_400_768
DISK_SNAPSHOT_BYTES = 25_600_000
MEMORY_SNAPSHOT_BYTES_PER_MIB = 609_087_488 // 2048

# The members of a version that its creator chose, in the order in which the service answers them.
SPEC_MEMBERS = (
    "additionalOsCapabilities",
    "baseImageArn",
    "baseImageVersion",
    "buildRoleArn",
    "codeArtifact",
    "cpuConfigurations",
    "description",
    "egressNetworkConnectors",
    "environmentVariables",
    "hooks",
    "logging",
    "resources",
)


@dataclass(slots=True, eq=False)
class BuildRecord:
    """The build of a version for one Graviton generation. Sizes in bytes, None until that far."""

    id: str
    generation: str
    created_at: datetime
    boot_id: str
    state: str = PENDING
    reason: str | None = None
    code_bytes: int | None = None
    disk_bytes: int | None = None
    memory_bytes: int | None = None

    def succeed(self, memory_mib: int, code_bytes: int) -> None:
        """All three sizes tell a success."""
        self.state = SUCCESSFUL
        self.code_bytes = code_bytes
        self.disk_bytes = DISK_SNAPSHOT_BYTES
        self.memory_bytes = memory_mib * MEMORY_SNAPSHOT_BYTES_PER_MIB

    def fail(self, reason: str, code_bytes: int | None) -> None:
        """With the size of the code where it was installed, but the app never got ready."""
        self.state = FAILED
        self.reason = reason
        self.code_bytes = code_bytes

    def snapshot_members(self) -> dict[str, int | None] | None:
        """`snapshotBuild`: absent when the build broke before anything was installed."""
        if self.code_bytes is None:
            return None
        return {
            "codeInstallSizeInBytes": self.code_bytes,
            "diskSnapshotSizeInBytes": self.disk_bytes,
            "memorySnapshotSizeInBytes": self.memory_bytes,
        }


@dataclass(slots=True, eq=False)
class VersionRecord:
    """One version of an image. `spec` holds the members of `SPEC_MEMBERS`, unset ones as None.

    MicroVMs run what was `built`, or the `sample` where nothing was.
    """

    image_arn: str
    image_name: str
    number: str
    spec: dict[str, Any] = field(repr=False)
    created_at: datetime
    updated_at: datetime
    builds: list[BuildRecord]
    state: str = PENDING
    status: str = ACTIVE
    tags: dict[str, str] | None = None
    sample: Sample = HELLO_WEB
    built: BuiltApp | None = None

    @property
    def memory_mib(self) -> int:
        memory: int = self.spec["resources"][0]["minimumMemoryInMiB"]
        return memory

    @property
    def launchable(self) -> bool:
        return self.state == SUCCESSFUL and self.status == ACTIVE

    @property
    def order(self) -> tuple[int, ...]:
        """For sorting: ``10.0`` comes after ``9.0``."""
        return tuple(int(part) for part in self.number.split("."))

    @property
    def port(self) -> int | None:
        """The port its app listens on, as the guest sees it."""
        return self.built.port if self.built else self.sample.port

    @property
    def awaited_ports(self) -> tuple[int, ...]:
        """Where the app should listen before anybody turns to it; a sample has one port for everything."""
        hooks = self.spec["hooks"] or {}
        known = (self.port, hooks.get("port") if self.built else None)
        return tuple(dict.fromkeys(port for port in known if port))

    @property
    def code_bytes(self) -> int:
        """What is installed: the base, and what was built on it."""
        return CODE_INSTALL_BYTES + (self.built.bytes if self.built else 0)

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.spec["environmentVariables"] or {})

    def move(self, state: str, now: datetime) -> None:
        self.state = state
        self.updated_at = now

    def fail(self, reason: str, now: datetime, *, installed: bool = False) -> None:
        """The sentence is on each build; the version itself gives none."""
        for build in self.builds:
            build.fail(reason, self.code_bytes if installed else None)
        self.move(FAILED, now)

    def succeed(self, now: datetime) -> None:
        for build in self.builds:
            build.succeed(self.memory_mib, self.code_bytes)
        self.move(SUCCESSFUL, now)

    def hook(self, name: str) -> tuple[int, float] | None:
        """Port and timeout in seconds of a lifecycle hook; None unless this version enables it.

        Defaults of the timeouts (1 s at run time, 30 s in a build): the service's limits page.
        """
        hooks = self.spec["hooks"] or {}
        for group, default in (("microvmHooks", 1), ("microvmImageHooks", 30)):
            members = hooks.get(group) or {}
            if members.get(name) == "ENABLED":
                port = hooks.get("port") or self.port or 0
                return port, float(members.get(f"{name}TimeoutInSeconds") or default)
        return None

    def time_bucket(self) -> str:
        """``SUCCESSFUL#26073006``: the state and the UTC hour of the last change."""
        return f"{self.state}#{self.updated_at.astimezone(UTC):%y%m%d%H}"
