"""Images and their versions. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator

from mvm_tui.aws.session import Connection
from mvm_tui.model.image import Image, ImageVersion


def images(connection: Connection) -> Iterator[list[Image]]:
    """The account's images, page by page."""
    raise NotImplementedError


def versions(connection: Connection, image_arn: str) -> Iterator[list[ImageVersion]]:
    """The versions of an image, page by page, as the service orders them."""
    raise NotImplementedError


def version(connection: Connection, image_arn: str, number: str) -> ImageVersion:
    """One version, with its size."""
    raise NotImplementedError
