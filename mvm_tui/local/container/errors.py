"""Why a build fails, with the code the service documents for it."""

from __future__ import annotations

ARCHIVE_INVALID = "ARCHIVE_INVALID"
NO_DOCKERFILE = "ARCHIVE_DOCKERFILE_NOT_FOUND"
BUILD_FAILED = "CONTAINER_BUILD_FAILED"
DISK_FULL = "DISK_STORAGE_FULL"


class BuildError(Exception):
    """A build that fails. `code` is a documented `stateReason`; the text is for the build's log."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def broken(text: str) -> BuildError:
    """The Dockerfile cannot be built."""
    return BuildError(BUILD_FAILED, text)
