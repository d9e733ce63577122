"""The images of one connection: read for the screen, and changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mvm_tui.aws import base_images, image_builds, image_changes, images
from mvm_tui.aws.session import Connection
from mvm_tui.model.bases import Base
from mvm_tui.model.errors import ReadOnly
from mvm_tui.model.image import Image, ImageBuild, ImageVersion


class Images:
    """Reads images and changes them. Every method blocks and may raise Problem; safe from any thread."""

    def __init__(
        self, connection: Connection, *, read_only: bool = False, changed: Callable[[], None] = lambda: None
    ) -> None:
        """`changed` is called when something was deleted, from the thread that did."""
        self._connection = connection
        self._read_only = read_only
        self._changed = changed

    def images(self) -> list[Image]:
        """All images."""
        return [image for page in images.images(self._connection) for image in page]

    def versions(self, image_arn: str) -> list[ImageVersion]:
        """All versions of an image with their configurations, as the service orders them."""
        return [one for page in images.versions(self._connection, image_arn) for one in page]

    def builds(self, image_arn: str, version: str) -> list[ImageBuild]:
        """The builds of a version with the sizes of what they left."""
        return image_builds.builds(self._connection, image_arn, version)

    def tags(self, image_arn: str) -> dict[str, str]:
        """An image's tags."""
        return images.tags(self._connection, image_arn)

    def bases(self) -> list[Base]:
        """The managed base images with their versions."""
        found = list(base_images.base_images(self._connection))
        return [Base(one, tuple(base_images.base_versions(self._connection, one.arn))) for one in found]

    def raw(self, image_arn: str, version: str = "") -> dict[str, Any]:
        """The service's answer for an image, or for one version of it."""
        return images.raw(self._connection, image_arn, version)

    def set_status(self, image_arn: str, version: str, status: str) -> None:
        """Make a version ``ACTIVE`` or ``INACTIVE``. Raises ReadOnly."""
        self._forbid("UpdateMicrovmImageVersion")
        image_changes.set_status(self._connection, image_arn, version, status)

    def delete_version(self, image_arn: str, version: str) -> str:
        """Delete a version; the request id. Raises ReadOnly."""
        self._forbid("DeleteMicrovmImageVersion")
        request_id = image_changes.delete_version(self._connection, image_arn, version)
        self._changed()
        return request_id

    def delete(self, image_arn: str) -> str:
        """Delete an image with all its versions; the request id. Raises ReadOnly."""
        self._forbid("DeleteMicrovmImage")
        request_id = image_changes.delete_image(self._connection, image_arn)
        self._changed()
        return request_id

    def set_tags(self, image_arn: str, tags: Mapping[str, str], removed: Sequence[str] = ()) -> None:
        """Add or change tags, and take others away. Raises ReadOnly."""
        self._forbid("TagResource")
        image_changes.set_tags(self._connection, image_arn, tags, removed)

    def _forbid(self, operation: str) -> None:
        if self._read_only:
            raise ReadOnly("Read-only mode: nothing was done.", f"{operation} changes something.")
