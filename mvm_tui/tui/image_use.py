"""Which MicroVMs use which image, and what storing versions costs: sorted once, asked often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mvm_tui.model.fleet_row import FleetRow

if TYPE_CHECKING:
    from mvm_tui.fleet.storage import VersionCost
    from mvm_tui.tui.desk import Desk

Version = tuple[str, str]


class ImageUse:
    """The MicroVMs that have not ended by image, and the costs of versions by their keys.

    Attributes:
        revision: Grows whenever any of it may be otherwise than it was.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.revision = 0
        self._rows: dict[str, tuple[FleetRow, ...]] | None = None
        self._counts: Counter[Version] = Counter()
        self._versions: tuple[VersionCost, ...] | None = None
        self._costs: dict[Version, VersionCost] = {}

    def changed(self) -> None:
        """MicroVMs are otherwise than they were."""
        self._rows = None
        self.revision += 1

    def rows(self, image_arn: str) -> tuple[FleetRow, ...]:
        """The MicroVMs of an image that have not ended."""
        return self._sorted().get(image_arn, ())

    def counts(self) -> Mapping[Version, int]:
        """How many MicroVMs that have not ended run a version."""
        self._sorted()
        return self._counts

    def costs(self) -> Mapping[Version, VersionCost]:
        """What storing each version costs, as far as it is known."""
        figures = self._desk.fleet.spend.figures if self._desk.fleet else None
        details = figures.details if figures else None
        versions = details.versions if details else None
        if versions is not self._versions:
            self._versions = versions
            self.revision += 1
            self._costs = {one.version: one for one in versions or ()}
        return self._costs

    def _sorted(self) -> dict[str, tuple[FleetRow, ...]]:
        if self._rows is None:
            found: defaultdict[str, list[FleetRow]] = defaultdict(list)
            for row in self._desk.fleet.rows().values() if self._desk.fleet else ():
                if not row.vm.ended:
                    found[row.vm.image_arn].append(row)
            self._rows = {arn: tuple(rows) for arn, rows in found.items()}
            self._counts = Counter((arn, row.vm.image_version) for arn, rows in found.items() for row in rows)
        return self._rows
