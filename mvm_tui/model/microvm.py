"""A MicroVM as the service shows it, and what follows from its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from mvm_tui.model.connectors import shell_possible
from mvm_tui.model.idle import IdlePolicy

PENDING = "PENDING"
RUNNING = "RUNNING"
SUSPENDING = "SUSPENDING"
SUSPENDED = "SUSPENDED"
TERMINATING = "TERMINATING"
TERMINATED = "TERMINATED"

# In the order in which a table sorted by state shows them; a state unknown to us comes last.
STATES = (RUNNING, PENDING, SUSPENDING, SUSPENDED, TERMINATING, TERMINATED)
TRANSITIONAL = frozenset({PENDING, SUSPENDING, TERMINATING})
ENDED = frozenset({TERMINATING, TERMINATED})
# States whose baseline memory counts against the account's quota (Lambda Developer Guide, limits;
# TERMINATING measured by the authors of microvm-ctl).
ALLOCATING = frozenset({PENDING, RUNNING, SUSPENDING, SUSPENDED, TERMINATING})


# Thousands of MicroVMs share a few images and combinations of connectors.
_shell_possible = lru_cache(1_024)(shell_possible)


@lru_cache(1_024)
def image_name(arn: str) -> str:
    """An image's name, from its ARN (``…:microvm-image:web`` or ``…:microvm-image/web``)."""
    return arn.rpartition(":")[2].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Details:
    """What only `GetMicrovm` and `RunMicrovm` answer. Durations in seconds."""

    endpoint: str
    maximum_duration: int | None
    idle_policy: IdlePolicy | None
    ingress: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()
    execution_role: str | None = None
    state_reason: str | None = None
    terminated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Microvm:
    """One MicroVM. `details` is None until it was asked for one by one."""

    id: str
    state: str
    image_arn: str
    image_version: str
    started_at: datetime | None
    details: Details | None = None

    @property
    def image_name(self) -> str:
        return image_name(self.image_arn)

    @property
    def image_label(self) -> str:
        return f"{self.image_name}:{self.image_version}"

    @property
    def short_id(self) -> str:
        """``9c1f…a04b``: the start and the end of the id without its prefix."""
        bare = self.id.partition("-")[2] or self.id
        return bare if len(bare) <= 9 else f"{bare[:4]}…{bare[-4:]}"

    @property
    def in_transition(self) -> bool:
        return self.state in TRANSITIONAL

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def ends_at(self) -> datetime | None:
        """The hard end, suspension included; None while the duration is not known."""
        if self.started_at is None or self.details is None or self.details.maximum_duration is None:
            return None
        return self.started_at + timedelta(seconds=self.details.maximum_duration)

    @property
    def shell(self) -> bool | None:
        """Whether a shell can be opened; None while the connectors are not known.

        The service names at least one connector; an answer without any, as emulators give, tells nothing.
        """
        ingress = self.details.ingress if self.details else ()
        return _shell_possible(ingress) if ingress else None

    def with_state(self, state: str) -> Microvm:
        return replace(self, state=state)
