"""The managed base image: which there is, and which of its versions."""

from __future__ import annotations

from datetime import UTC, datetime

from mvm_tui.local.state.errors import not_found

# Recorded: plain numbers here, newest first, while an image made from it says `1.0`.
BASE_VERSIONS = ("1", "0")
# The day the service was launched; the recordings leave the real moment out.
BASE_CREATED_AT = datetime(2026, 6, 22, tzinfo=UTC)


def base_version(base_arn: str, asked_arn: str, asked: str | None) -> str:
    """The `baseImageVersion` an image reads back: ``1`` and ``1.0`` become ``1.0``, none the newest.

    Raises:
        ServiceError: ResourceNotFoundException for another base image or an unknown version.
    """
    if asked_arn != base_arn:
        raise not_found(f"MicroVMImage not found for MicroVMImageID: {asked_arn}")
    number = (asked or BASE_VERSIONS[0]).removesuffix(".0")
    if number not in BASE_VERSIONS:
        raise not_found(f"MicroVMImage not found for MicroVMImage: {asked_arn}, Version: {asked}")
    return f"{number}.0"
