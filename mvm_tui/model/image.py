"""Images, their versions, and the builds of these, as the service shows them. Every enum is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mvm_tui.model.launch import Logging

# States of a build and of a version (Lambda Developer Guide, how MicroVMs work).
PENDING = "PENDING"
IN_PROGRESS = "IN_PROGRESS"
SUCCESSFUL = "SUCCESSFUL"
FAILED = "FAILED"
BUILDING = frozenset({PENDING, IN_PROGRESS})
# Whether a version may be launched.
ACTIVE = "ACTIVE"
INACTIVE = "INACTIVE"
# States of an image in which the service works on it.
IMAGE_BUSY = frozenset({"CREATING", "UPDATING", "DELETING"})


@dataclass(frozen=True, slots=True)
class Image:
    """A MicroVM image. Versions are strings such as ``2.0``; an emulator's may be ``2``."""

    arn: str
    name: str
    state: str
    latest_active_version: str | None = None
    latest_failed_version: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def managed(self) -> bool:
        """Whether AWS owns it."""
        parts = self.arn.split(":")
        return len(parts) > 4 and parts[4] == "aws"


@dataclass(frozen=True, slots=True)
class HookSetting:
    """One lifecycle hook of a version that is switched on, and its time in seconds if it was given."""

    name: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ImageVersion:
    """One version of an image. `state` is how its build went, `status` whether it may be launched.

    Attributes:
        base_version: As the service reads it back: ``1`` given comes as ``1.0`` (measured by agentd).
        environment: Names and values of variables; the values may be secret.
        logging: Where its build logged; None is the default place.
    """

    image_arn: str
    version: str
    state: str
    status: str
    memory_mib: int | None = None
    created_at: datetime | None = None
    state_reason: str | None = None
    hook_port: int | None = None
    updated_at: datetime | None = None
    base_arn: str = ""
    base_version: str = ""
    build_role: str = ""
    artifact: str = ""
    description: str = ""
    hooks: tuple[HookSetting, ...] = ()
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    egress: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    logging: Logging | None = None

    @property
    def launchable(self) -> bool:
        return self.state == SUCCESSFUL and self.status == ACTIVE

    @property
    def building(self) -> bool:
        return self.state in BUILDING


@dataclass(frozen=True, slots=True)
class SnapshotSizes:
    """Bytes of what a build left. None is what it did not come to: see `mvm_tui.builds.diagnose`."""

    code_install: int | None = None
    disk: int | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """One build of a version: there is one for each generation of chips.

    Attributes:
        snapshot: What it left; None where it left nothing, or was not asked for one by one.
    """

    image_arn: str
    version: str
    id: str
    state: str
    architecture: str = ""
    chipset: str = ""
    generation: str = ""
    state_reason: str | None = None
    created_at: datetime | None = None
    snapshot: SnapshotSizes | None = None

    @property
    def label(self) -> str:
        """``Graviton 4``, or what is known of it."""
        parts = (self.chipset.capitalize(), self.generation)
        return " ".join(part for part in parts if part) or self.architecture or "build"


@dataclass(frozen=True, slots=True)
class BaseImage:
    """A managed base image."""

    arn: str
    name: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BaseImageVersion:
    """One version of a managed base image. `status`: ``AVAILABLE``, ``DEPRECATED``, ``RECALLED`` or newer."""

    image_arn: str
    version: str
    status: str
    created_at: datetime | None = None

    @property
    def current(self) -> bool:
        return self.status == "AVAILABLE"


def same_version(one: str, other: str) -> bool:
    """Whether two ways to write a version mean the same: ``1`` and ``1.0``."""
    return one.removesuffix(".0") == other.removesuffix(".0")


def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """Sorts versions by their numbers; a part that is no number comes after those that are."""
    parts = version.split(".")
    return tuple((int(part), "") if part.isascii() and part.isdigit() else (1 << 62, part) for part in parts)
