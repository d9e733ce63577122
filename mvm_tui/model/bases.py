"""Where an image version stands with its managed base image: on its newest version, or on an old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mvm_tui.model.image import BaseImage, BaseImageVersion, ImageVersion, same_version, version_key


@dataclass(frozen=True, slots=True)
class Base:
    """A managed base image with its versions, as the service lists them."""

    image: BaseImage
    versions: tuple[BaseImageVersion, ...]

    @property
    def newest(self) -> BaseImageVersion | None:
        """The newest version that may be built on; None if there is none."""
        current = [one for one in self.versions if one.current]
        return max(current, key=lambda one: version_key(one.version), default=None)

    def version(self, number: str) -> BaseImageVersion | None:
        """The version of this number, however it is written."""
        return next((one for one in self.versions if same_version(one.version, number)), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands.

    Attributes:
        status: That of the base's version in the service's words; empty if the service does not list it.
        newer: The base's newest version; empty if the version is on it, or that is not known.
    """

    status: str = ""
    newer: str = ""

    @property
    def old(self) -> bool:
        """Whether it should be built anew: on something newer, or because its base is no good any more."""
        return bool(self.newer) or self.status not in ("", "AVAILABLE")


def standing(version: ImageVersion, bases: Sequence[Base]) -> Standing:
    """Where a version stands; nothing is said of a base that is not among these, or of no known version."""
    base = next((one for one in bases if one.image.arn == version.base_arn), None)
    if base is None or not version.base_version:
        return Standing()
    own, newest = base.version(version.base_version), base.newest
    newer = newest.version if newest is not None else ""
    return Standing(
        own.status if own is not None else "",
        "" if not newer or _at_least(version.base_version, newer) else newer,
    )


def _at_least(one: str, other: str) -> bool:
    return same_version(one, other) or version_key(one) > version_key(other)
