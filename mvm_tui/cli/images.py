"""`images`: what can be launched."""

from __future__ import annotations

from typing import Any

from mvm_tui.cli.options import verb
from mvm_tui.cli.output import emit_list
from mvm_tui.cli.records import UNKNOWN, timestamp
from mvm_tui.cli.session import Session
from mvm_tui.model.image import Image

_HEADINGS = ("NAME", "STATE", "ACTIVE", "FAILED", "ARN")


@verb(
    "images",
    help="List the images of the account.",
    examples="""
    mvm-tui images
    mvm-tui images -o json | jq -r '.[] | select(.latest_active_version) | .name'
    """,
)
def images_verb(session: Session) -> None:
    from mvm_tui.aws.images import images

    found = sorted(
        (image for page in images(session.connection) for image in page), key=lambda image: image.name
    )
    emit_list(session.form, map(_record, found), _HEADINGS, map(_cells, found))


def _record(image: Image) -> dict[str, Any]:
    return {
        "name": image.name,
        "arn": image.arn,
        "state": image.state,
        "latest_active_version": image.latest_active_version,
        "latest_failed_version": image.latest_failed_version,
        "created_at": timestamp(image.created_at),
        "updated_at": timestamp(image.updated_at),
    }


def _cells(image: Image) -> tuple[str, ...]:
    active, failed = image.latest_active_version, image.latest_failed_version
    return (image.name, image.state.lower(), active or UNKNOWN, failed or UNKNOWN, image.arn)
