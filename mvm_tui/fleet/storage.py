"""What image versions cost: storage of their snapshots, whether anything runs them or not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mvm_tui.fleet.tariffs import Tariffs, Version
from mvm_tui.model.cost import HOUR, WEEK, image_cost
from mvm_tui.model.estimate import ZERO, Estimate
from mvm_tui.model.image import Image, ImageVersion

_BUILT = "SUCCESSFUL"


@dataclass(frozen=True, slots=True)
class VersionCost:
    """One image version that is stored.

    Attributes:
        used: Whether a MicroVM that has not ended runs it.
        superseded: Whether a newer version is the one that launches take.
        per_hour: USD per hour of its storage; None while the size of its snapshots is not known.
        total: What it has cost, a week at least; None likewise.
        saves_per_month: USD that deleting it now saves in 30 days: what is left of its first week is owed
            in any case. None likewise.
        count: How many versions its image has: the last one goes with the image only.
    """

    version: Version
    name: str
    status: str
    created_at: datetime | None
    used: bool
    superseded: bool
    count: int
    image: Image
    built: ImageVersion
    gb: Decimal | None
    per_hour: Decimal | None
    total: Estimate | None
    saves_per_month: Decimal | None

    @property
    def idle(self) -> bool:
        """Whether it only costs: nothing runs it, and no launch takes it by itself."""
        return not self.used and (self.superseded or self.status != "ACTIVE")


def version_costs(
    images: Iterable[tuple[Image, list[ImageVersion]]],
    tariffs: Tariffs,
    running: Collection[Version],
    now: datetime,
) -> list[VersionCost]:
    """All versions that were built, dearest first. `running` are the versions of MicroVMs that live."""
    found = [
        _version_cost(image, version, len(versions), tariffs, running, now)
        for image, versions in images
        for version in versions
        if version.state == _BUILT
    ]
    return sorted(found, key=lambda one: (one.per_hour or ZERO, one.name), reverse=True)


def _version_cost(
    image: Image,
    version: ImageVersion,
    count: int,
    tariffs: Tariffs,
    running: Collection[Version],
    now: datetime,
) -> VersionCost:
    key = (image.arn, version.version)
    stored = tariffs.stored(key)
    rates = tariffs.rates(tariffs.arch(key))
    rate = rates.snapshot_storage_gb_hour.usd
    kept = _microseconds(now - version.created_at) if version.created_at else 0
    total = per_hour = saves = None
    if stored is not None:
        total = image_cost(stored, kept, 1, rates)
        if rate is not None:
            per_hour = stored.gb * rate
            owed = Decimal(max(WEEK - kept, 0)) / HOUR
            saves = per_hour * max(Decimal(30 * 24) - owed, ZERO)
    return VersionCost(
        key,
        f"{image.name}:{version.version}",
        version.status,
        version.created_at,
        key in running,
        version.version != image.latest_active_version,
        count,
        image,
        version,
        None if stored is None else stored.gb,
        per_hour,
        total,
        saves,
    )


def stored_since(versions: Iterable[VersionCost], begin: datetime, now: datetime) -> Decimal:
    """USD of storage between two moments, of all versions that are there and whose size is known."""
    return sum(
        (
            one.per_hour * _microseconds(now - max(begin, one.created_at or begin)) / HOUR
            for one in versions
            if one.per_hour is not None
        ),
        ZERO,
    )


def _microseconds(time: timedelta) -> int:
    return max(time // timedelta(microseconds=1), 0)


def storage_per_hour(versions: Iterable[VersionCost]) -> Decimal:
    """USD per hour of all versions whose size is known."""
    return sum((one.per_hour for one in versions if one.per_hour is not None), ZERO)
