"""Asks AWS what the costs depend on, in a thread of its own: prices, snapshot sizes, image versions."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable

from mvm_tui.aws import images
from mvm_tui.aws.session import Connection
from mvm_tui.aws.snapshots import BuildSnapshot
from mvm_tui.fleet.prices import Prices
from mvm_tui.fleet.tariffs import Snapshots, Version
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Problem
from mvm_tui.model.image import Image, ImageVersion

# Image versions come and go by builds: so often they are listed while somebody looks at them.
_IMAGES_SECONDS = 300.0
_PAUSE_SECONDS = 1.0
# Versions whose builds could not be read are asked for again after this.
_AGAIN_SECONDS = 600.0

ImageVersions = list[tuple[Image, list[ImageVersion]]]
_log = logging.getLogger(__name__)


class CostReader:
    """Makes one call after the other at the pace of the background, and keeps what it learned.

    Attributes:
        builds: What was read, to be taken over and removed by `take_builds`.
        images: All images with their versions; None until they were read.
        problem: Why they could not be read.
        prices_changed: Whether prices were read since somebody took note of it.
    """

    def __init__(self, connection: Connection, prices: Prices, snapshots: Snapshots, clock: Clock) -> None:
        self.images: ImageVersions | None = None
        self.problem: Problem | None = None
        self.prices_changed = False
        self._connection = connection
        self._prices = prices
        self._snapshots = snapshots
        self._clock = clock
        self._read: deque[tuple[Version, list[BuildSnapshot]]] = deque()
        self._wanted: deque[Version] = deque()
        self._known: set[Version] = set()
        self._not_before: dict[Version, float] = {}
        self._images_wanted = False
        self._images_at: float | None = None
        self._stop = threading.Event()
        self._wake = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="costs-read", daemon=True).start()

    def stop(self) -> None:
        """The thread ends after the call it is in."""
        self._stop.set()
        self._wake.set()

    def want_builds(self, versions: Iterable[Version]) -> None:
        """Read the snapshots of these versions if they were not read yet."""
        now = self._clock.monotonic()
        for version in versions:
            if version not in self._known and self._not_before.get(version, 0.0) <= now:
                self._known.add(version)
                self._wanted.append(version)
                self._wake.set()

    def want_images(self, wanted: bool) -> None:
        """Whether somebody looks at image versions."""
        if wanted and not self._images_wanted:
            self._wake.set()
        self._images_wanted = wanted

    def reread_images(self) -> None:
        """Read image versions anew: one was deleted, or the user asked."""
        self._images_at = None
        self._wake.set()

    @property
    def unread(self) -> int:
        """How many versions are still to be read."""
        return len(self._wanted)

    def take_builds(self) -> dict[Version, list[BuildSnapshot]]:
        """What was read since the last call."""
        found: dict[Version, list[BuildSnapshot]] = {}
        while self._read:
            version, builds = self._read.popleft()
            found[version] = builds
        return found

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self._step()
            except Exception:  # noqa: BLE001 - a mistake must neither end the reading nor pass unseen
                _log.exception("costs could not be read")
                busy = False
            if not busy:
                self._wake.wait(_PAUSE_SECONDS)
                self._wake.clear()

    def _step(self) -> bool:
        """Do one thing; whether there may be more."""
        connection = self._connection
        if self._prices.due(connection.region, connection.endpoint):
            self.prices_changed |= self._prices.refresh(connection)
            return True
        if self._wanted:
            self._read_builds(self._wanted.popleft())
            return True
        if self._images_wanted and self._images_due():
            self._read_images()
            return True
        return False

    def _images_due(self) -> bool:
        return self._images_at is None or self._clock.monotonic() - self._images_at > _IMAGES_SECONDS

    def _pace(self, operation: str) -> None:
        self._stop.wait(self._connection.budget.reserve(operation, background=True))

    def _read_builds(self, version: Version) -> None:
        self._pace("GetMicrovmImageBuild")
        try:
            self._read.append((version, self._snapshots.read(self._connection, version)))
        except Problem:
            self._known.discard(version)
            self._not_before[version] = self._clock.monotonic() + _AGAIN_SECONDS

    def _read_images(self) -> None:
        found: ImageVersions = []
        try:
            self._pace("ListMicrovmImages")
            listed = [image for page in images.images(self._connection) for image in page]
            for image in listed:
                self._pace("ListMicrovmImageVersions")
                if self._stop.is_set():
                    return
                pages = images.versions(self._connection, image.arn)
                found.append((image, [version for page in pages for version in page]))
        except Problem as problem:
            self.problem = problem
        else:
            self.images, self.problem = found, None
        self._images_at = self._clock.monotonic()
