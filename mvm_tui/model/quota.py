"""The memory quota: how much of the account's MicroVM memory is allocated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryQuota:
    """Allocated memory against the limit, in MiB.

    Attributes:
        used_mib: Baselines of all MicroVMs that count, suspended ones too. A lower bound: builds under way
            count as well and are not seen here.
        limit_mib: The applied quota; None while it is not known.
        unknown: How many MicroVMs count but have a size not known yet.
        learned: Whether the limit is not read but learned: a launch was refused when this was allocated.
    """

    used_mib: int
    limit_mib: int | None
    unknown: int = 0
    learned: bool = False

    @property
    def share(self) -> float | None:
        """Used part of the limit, 0 to 1 (or more); None while the limit is not known."""
        return self.used_mib / self.limit_mib if self.limit_mib else None

    def fits(self, memory_mib: int) -> int | None:
        """How many more MicroVMs of this baseline the limit takes at most; None while it is not known."""
        if self.limit_mib is None:
            return None
        return max((self.limit_mib - self.used_mib) // memory_mib, 0)


SERVICE_QUOTAS = "Service Quotas"
LEARNED = "learned from a refusal"
PUBLISHED = "published"

# Regions where the published quotas of memory and builds are higher.
_BIG_REGIONS = frozenset({"us-east-1", "us-east-2", "us-west-2", "ap-northeast-1"})


@dataclass(frozen=True, slots=True)
class QuotaKind:
    """A quota there is. `code` is that of Service Quotas, empty if it is not listed there.

    Published values: Lambda Developer Guide, MicroVM limits (November 2026); codes: microvm-ctl, m80 and
    KubeMicroVM. `published_big` holds in the four regions with more.
    """

    id: str
    name: str
    unit: str
    code: str
    published: float
    published_big: float = 0.0

    def published_in(self, region: str) -> float:
        """The published value in a region."""
        return self.published_big if self.published_big and region in _BIG_REGIONS else self.published


# States of an image version that is being built.
BUILDING = frozenset({"PENDING", "IN_PROGRESS"})

MEMORY, BUILDS, IMAGES, VERSIONS = "memory", "builds", "images", "versions"

QUOTA_KINDS: tuple[QuotaKind, ...] = (
    QuotaKind(MEMORY, "Allocated memory", "MiB", "L-CD1C0CC4", 400 * 1024, 1024 * 1024),
    QuotaKind(BUILDS, "Concurrent image builds", "builds", "L-72E0D058", 5, 10),
    QuotaKind(IMAGES, "Images", "images", "", 100),
    QuotaKind(VERSIONS, "Versions of one image", "versions", "", 50),
    QuotaKind("rate:RunMicrovm", "RunMicrovm", "calls/s", "L-535CA9B6", 5),
    QuotaKind("burst:RunMicrovm", "RunMicrovm burst", "calls", "L-91B95582", 5),
    QuotaKind("rate:ResumeMicrovm", "ResumeMicrovm", "calls/s", "L-118C44B3", 5),
    QuotaKind("burst:ResumeMicrovm", "ResumeMicrovm burst", "calls", "L-25EEC0A4", 5),
    QuotaKind("rate:SuspendMicrovm", "SuspendMicrovm", "calls/s", "L-90045317", 2),
    QuotaKind("burst:SuspendMicrovm", "SuspendMicrovm burst", "calls", "L-139F9A48", 2),
    QuotaKind("rate:TerminateMicrovm", "TerminateMicrovm", "calls/s", "L-74787B8A", 10),
    QuotaKind("burst:TerminateMicrovm", "TerminateMicrovm burst", "calls", "L-2CCA0501", 10),
    QuotaKind("burst:GetMicrovm", "GetMicrovm burst", "calls", "L-C9C2110E", 100),
    QuotaKind("burst:CreateMicrovmAuthToken", "CreateMicrovmAuthToken burst", "calls", "L-D65D9F16", 50),
    QuotaKind(
        "burst:CreateMicrovmShellAuthToken", "CreateMicrovmShellAuthToken burst", "calls", "L-9A5E43A5", 5
    ),
)


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota as it holds for an account in a region.

    Attributes:
        used: What is used of it, a lower bound; None where that is not counted.
        applied: What holds here; None if nobody tells.
        default: What is published for every account.
        source: Who says what is applied: one of `SERVICE_QUOTAS`, `LEARNED`, `PUBLISHED`, or
            empty if nobody does.
        note: A sentence on it, empty if there is nothing to say.
    """

    kind: QuotaKind
    used: float | None
    applied: float | None
    default: float
    source: str
    note: str = ""

    @property
    def share(self) -> float | None:
        """Used part of what is applied; None where either is not known."""
        return None if self.used is None or not self.applied else self.used / self.applied
