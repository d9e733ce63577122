"""The images of one region: created, updated, retired and deleted as the service does it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mvm_tui.local.state.arns import base_image_arn, image_arn
from mvm_tui.local.state.building import Builder
from mvm_tui.local.state.errors import conflict, invalid, not_found, quota_exceeded
from mvm_tui.local.state.managed import base_version
from mvm_tui.local.state.versions import (
    DELETING,
    FAILED,
    SPEC_MEMBERS,
    SUCCESSFUL,
    BuildRecord,
    VersionRecord,
)
from mvm_tui.model.size import DEFAULT_MEMORY_MIB, SIZES

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region

CREATING = "CREATING"
CREATED = "CREATED"
CREATE_FAILED = "CREATE_FAILED"
UPDATING = "UPDATING"
UPDATED = "UPDATED"
UPDATE_FAILED = "UPDATE_FAILED"

# Limits page of the developer guide.
MAX_IMAGES = 100
MAX_VERSIONS = 50
# The build hosts' generations, in the order of the recorded listing.
GENERATIONS = ("4", "3")
# Deleting a version took 5.4 s (measured by rayito); an image is taken to need as long.
DELETE_SECONDS = 5.4

_BUSY = frozenset({CREATING, UPDATING, DELETING})


@dataclass(slots=True, eq=False)
class ImageRecord:
    """An image and its versions, oldest first. `number` orders the listing."""

    id: str
    arn: str
    name: str
    state: str
    created_at: datetime
    updated_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, VersionRecord] = field(default_factory=dict)
    next_major: int = 1
    number: int = 0

    @property
    def latest_active(self) -> VersionRecord | None:
        """The newest version that can be launched."""
        return next((version for version in reversed(self.versions.values()) if version.launchable), None)

    @property
    def latest_failed(self) -> VersionRecord | None:
        return next((one for one in reversed(self.versions.values()) if one.state == FAILED), None)

    def add_version(self, spec: dict[str, Any], builds: list[BuildRecord], now: datetime) -> VersionRecord:
        """Put in the next version, PENDING; numbers are not used again."""
        version = VersionRecord(self.arn, self.name, f"{self.next_major}.0", spec, now, now, builds)
        self.next_major += 1
        self.versions[version.number] = version
        return version

    def move(self, state: str, now: datetime) -> None:
        self.state = state
        self.updated_at = now


class ImageStore:
    """All images of a region, by ARN."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._timing = region.cloud.timing
        self._images: dict[str, ImageRecord] = {}
        self._numbers = itertools.count()
        self._builder = Builder(region)

    def __iter__(self) -> Iterator[ImageRecord]:
        """In the order of their numbers."""
        return iter(self._images.values())

    def find(self, arn: str) -> ImageRecord | None:
        return self._images.get(arn)

    def get(self, arn: str) -> ImageRecord:
        """Raises ResourceNotFoundException."""
        image = self._images.get(arn)
        if image is None:
            raise not_found(f"MicroVMImage not found for MicroVMImageID: {arn}")
        return image

    def version(self, arn: str, number: str) -> VersionRecord:
        """Raises ResourceNotFoundException, with the text for versions."""
        image = self._images.get(arn)
        version = image.versions.get(number) if image else None
        if version is None:
            raise not_found(f"MicroVMImage not found for MicroVMImage: {arn}, Version: {number}")
        return version

    def launchable(self, arn: str, number: str | None) -> VersionRecord:
        """The version a launch gets: the one named, or the newest active one.

        Raises:
            ServiceError: ResourceNotFoundException, for a retired version as for an unknown image.
        """
        image = self._images.get(arn)
        version = None
        if image is not None and image.state != DELETING:
            version = image.latest_active if number is None else image.versions.get(number)
        if version is None or not version.launchable:
            asked = f", Version: {number}" if number else ""
            raise not_found(f"No active version found for MicroVM image {arn}{asked}")
        return version

    def create(self, params: Mapping[str, Any]) -> VersionRecord:
        """Start the first version of a new image; the name of one being deleted is still taken."""
        name = params["name"]
        arn = image_arn(self._region, name)
        if arn in self._images:
            raise invalid(f"A MicroVM image with the name '{name}' already exists in this account")
        if len(self._images) >= MAX_IMAGES:
            raise quota_exceeded("The maximum number of MicroVM images has been reached for this account.")
        spec = self._checked_spec(params)
        self._builder.reserve()
        now = self._timing.now()
        image = ImageRecord(str(uuid.uuid4()), arn, name, CREATING, now, now, dict(params.get("tags") or {}))
        self.put(image)
        return self._start_version(image, spec)

    def update(self, arn: str, params: Mapping[str, Any]) -> VersionRecord:
        """Start the next version of an image; every update is a whole new specification."""
        image = self.get(arn)
        self._refuse_busy(image)
        if len(image.versions) >= MAX_VERSIONS:
            raise quota_exceeded("The maximum number of versions has been reached for this MicroVM image.")
        spec = self._checked_spec(params)
        self._builder.reserve()
        image.move(UPDATING, self._timing.now())
        return self._start_version(image, spec)

    def set_status(self, arn: str, number: str, status: str) -> VersionRecord:
        """Activate or retire a version."""
        version = self.version(arn, number)
        version.status = status
        version.updated_at = self._timing.now()
        return version

    def delete(self, arn: str) -> ImageRecord:
        """Start deleting an image; one that is being deleted already stays so."""
        image = self.get(arn)
        if image.state == DELETING:
            return image
        self._refuse_busy(image)
        if self._region.microvms.uses(image.versions.values()):
            raise invalid("Cannot delete microvm image with running microvms.")
        image.move(DELETING, self._timing.now())
        self._timing.call_later(DELETE_SECONDS, self._deleted, image)
        return image

    def delete_version(self, arn: str, number: str) -> VersionRecord:
        """Start deleting a version; the image is UPDATING meanwhile."""
        version = self.version(arn, number)
        image = self.get(arn)
        self._refuse_busy(image)
        if len(image.versions) == 1:
            raise invalid("Cannot delete the last version of a microvm image. Delete the image instead.")
        if self._region.microvms.uses((version,)):
            raise invalid("Cannot delete microvm image version with running microvms.")
        now = self._timing.now()
        version.move(DELETING, now)
        image.move(UPDATING, now)
        self._timing.call_later(DELETE_SECONDS, self._version_deleted, image, version)
        return version

    def put(self, image: ImageRecord) -> None:
        """Put in an image as it stands; it is listed after those that are there."""
        image.number = next(self._numbers)
        self._images[image.arn] = image

    def _start_version(self, image: ImageRecord, spec: dict[str, Any]) -> VersionRecord:
        now = self._timing.now()
        builds = [BuildRecord(str(uuid.uuid4()), one, now, str(uuid.uuid4())) for one in GENERATIONS]
        version = image.add_version(spec, builds, now)
        self._region.cloud.spawn(self._build(image, version))
        return version

    async def _build(self, image: ImageRecord, version: VersionRecord) -> None:
        await self._builder.build(version)
        good = version.state == SUCCESSFUL
        if image.state == CREATING:
            image.move(CREATED if good else CREATE_FAILED, self._timing.now())
        elif image.state == UPDATING:
            image.move(UPDATED if good else UPDATE_FAILED, self._timing.now())

    def _deleted(self, image: ImageRecord) -> None:
        self._images.pop(image.arn, None)
        for version in image.versions.values():
            self._builder.discard(version)

    def _version_deleted(self, image: ImageRecord, version: VersionRecord) -> None:
        image.versions.pop(version.number, None)
        self._builder.discard(version)
        if image.state == UPDATING:
            image.move(UPDATED, self._timing.now())

    def _refuse_busy(self, image: ImageRecord) -> None:
        if image.state in _BUSY:
            raise conflict(f"MicroVM image {image.arn} is already in state: {image.state}")

    def _checked_spec(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The members a version keeps, with the service's defaults for those it fills in."""
        spec: dict[str, Any] = {member: params.get(member) for member in SPEC_MEMBERS}
        spec["baseImageVersion"] = base_version(
            base_image_arn(self._region), params["baseImageArn"], params.get("baseImageVersion")
        )
        egress = self._region.connectors.egress(params.get("egressNetworkConnectors"))
        spec["egressNetworkConnectors"] = list(egress)
        resources = params.get("resources") or [{"minimumMemoryInMiB": DEFAULT_MEMORY_MIB}]
        _check_memory(resources[0]["minimumMemoryInMiB"])
        spec["resources"] = resources
        if "AWS_REGION" in (spec["environmentVariables"] or {}):
            raise invalid("Environment variable key AWS_REGION is reserved.")
        return spec


def _check_memory(memory_mib: int) -> None:
    sizes = [size.memory_mib for size in SIZES]
    if memory_mib not in sizes:
        shown = ", ".join(map(str, sizes))
        raise invalid(f"Invalid minimumMemoryInMiB {memory_mib}. Supported values: [{shown}]")
