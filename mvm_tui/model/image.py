"""Images and image versions, as far as the fleet needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mvm_tui.model.launch import Logging


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


@dataclass(frozen=True, slots=True)
class ImageVersion:
    """One version of an image. `state` is how its build went, `status` whether it may be launched."""

    image_arn: str
    version: str
    state: str
    status: str
    memory_mib: int | None = None
    created_at: datetime | None = None
    state_reason: str | None = None
    hook_port: int | None = None
    updated_at: datetime | None = None
    # Where its build logged; None is the default place.
    logging: Logging | None = None

    @property
    def launchable(self) -> bool:
        return self.state == "SUCCESSFUL" and self.status == "ACTIVE"
