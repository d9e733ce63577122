"""What a MicroVM of an image version costs by: its size, its build's architecture and snapshot, the rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mvm_tui.aws.session import Connection
from mvm_tui.aws.snapshots import BuildSnapshot, build_snapshots
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.prices import Prices
from mvm_tui.model.cost import Snapshot, Stored
from mvm_tui.model.rates import ARM64, Rates, architecture
from mvm_tui.model.scope import Scope
from mvm_tui.model.tariff import Tariff, tariff

# (image ARN, version)
Version = tuple[str, str]


class Snapshots:
    """Snapshot sizes of image versions: kept for good, for a build does not change. May raise Problem."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def known(self, scope: Scope) -> dict[Version, list[BuildSnapshot]]:
        """All that were ever read in this scope."""
        with self._ledger.using(scope) as (database, number):
            rows = database.execute(
                "SELECT image, version, build, architecture, memory_bytes, disk_bytes FROM snapshots"
                " WHERE scope = ? ORDER BY image, version, build",
                (number,),
            ).fetchall()
        found: dict[Version, list[BuildSnapshot]] = {}
        for image, version, *build in rows:
            found.setdefault((image, version), []).append(BuildSnapshot(*build))
        return found

    def read(self, connection: Connection, version: Version) -> list[BuildSnapshot]:
        """Ask the service, one call for the version and one for each of its builds, and keep the answer."""
        found = build_snapshots(connection, *version)
        with self._ledger.using(connection.scope_of(version[0])) as (database, number):
            database.executemany(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (number, *version, one.build_id, one.architecture, one.memory_bytes, one.disk_bytes)
                    for one in found
                ],
            )
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where rates hold: a region, and the endpoint if it is not AWS's own."""

    region: str
    endpoint: str = ""


class Tariffs:
    """Tariffs by image version. For one thread at a time."""

    def __init__(self, prices: Prices, place: Place) -> None:
        self._prices = prices
        self._place = place
        self._sizes: dict[Version, int] = {}
        self._builds: dict[Version, list[BuildSnapshot]] = {}
        self._made: dict[Version, Tariff | None] = {}

    def learn(
        self,
        sizes: Mapping[Version, int] | None = None,
        builds: Mapping[Version, list[BuildSnapshot]] | None = None,
    ) -> set[Version]:
        """Take over sizes and builds; the versions whose tariff is another by it."""
        news = {key for key, size in (sizes or {}).items() if self._sizes.get(key) != size}
        news |= {key for key, found in (builds or {}).items() if self._builds.get(key) != found}
        self._sizes.update(sizes or {})
        self._builds.update(builds or {})
        for key in news:
            self._made.pop(key, None)
        return news

    def forget_rates(self) -> None:
        """New prices were read."""
        self._made.clear()

    def rates(self, arch: str = ARM64) -> Rates:
        return self._prices.rates(self._place.region, arch, self._place.endpoint)

    def of(self, version: Version) -> Tariff | None:
        """The tariff of a version; None while its size is not known."""
        if version not in self._made:
            self._made[version] = self._make(version)
        return self._made[version]

    def without_builds(self, versions: Iterable[Version]) -> list[Version]:
        """Those whose builds were not read yet."""
        return [version for version in versions if version not in self._builds and all(version)]

    def stored(self, version: Version) -> Stored | None:
        """What storage keeps for a version; None while its builds are not known or stored nothing."""
        builds = self._builds.get(version)
        return Stored.of_builds([(one.memory_bytes, one.disk_bytes) for one in builds]) if builds else None

    def arch(self, version: Version) -> str:
        """The architecture of a version's builds; ARM while it is not known, as all documented ones are."""
        builds = self._builds.get(version)
        return architecture(builds[0].architecture) if builds and builds[0].architecture else ARM64

    def _make(self, version: Version) -> Tariff | None:
        memory = self._sizes.get(version)
        if memory is None:
            return None
        builds = self._builds.get(version)
        # A MicroVM runs one of the builds; which one is not told.
        largest = max(builds, key=lambda one: one.memory_bytes) if builds else None
        if largest is None:
            snapshot = Snapshot.of_baseline(memory)
        else:
            snapshot = Snapshot.of_build(largest.memory_bytes, largest.disk_bytes)
        return tariff(memory, snapshot, self.rates(self.arch(version)))
