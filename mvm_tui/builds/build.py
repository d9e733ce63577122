"""A build from a folder to a version: zipped, uploaded, created, followed, explained.

It is made in steps that the caller puts questions between: `Plan` says what will be done, `begin` does it up
to the accepted build, `mvm_tui.builds.follow` watches that.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from mvm_tui.aws import artifacts, image_changes, images
from mvm_tui.aws.artifacts import Source, Uploaded
from mvm_tui.aws.image_changes import Begun
from mvm_tui.aws.session import Connection
from mvm_tui.builds.archive import archived
from mvm_tui.builds.check import Finding
from mvm_tui.builds.folder import Contents
from mvm_tui.model.backoff import jittered
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Conflict, Problem
from mvm_tui.model.image import IMAGE_BUSY, Image
from mvm_tui.model.image_spec import ImageSpec

_ATTEMPTS = 4
# How long an image that the service works on is waited for; deleting a version takes 5 s (rayito).
_BUSY_SECONDS = 60.0
_BUSY_PAUSE = 2.0


class Step(Enum):
    """What is under way."""

    ZIPPING = "zipping"
    UPLOADING = "uploading"
    ASKING = "asking"


@dataclass(frozen=True, slots=True)
class Report:
    """How a step stands, in bytes; the same figures twice mean that it is done."""

    step: Step
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A build that may be begun.

    Attributes:
        image: The image that gets another version; None for a new one.
        findings: What is to be said of the folder; none of them fatal.
    """

    spec: ImageSpec
    contents: Contents
    bucket: str
    image: Image | None
    findings: tuple[Finding, ...] = ()


def find_image(connection: Connection, name: str) -> Image | None:
    """The account's image of a name; None if there is none, or it is being deleted. Raises Problem."""
    for page in images.images(connection):
        for image in page:
            if image.name == name and image.state not in ("DELETING", "DELETED"):
                return image
    return None


def begin(
    connection: Connection,
    plan: Plan,
    clock: Clock,
    on_report: Callable[[Report], None] = lambda report: None,
    cancelled: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] | None = None,
) -> Begun:
    """Zip, upload and ask for the build. Blocking.

    Args:
        wait: Waits between two tries; the clock's own sleep if None.

    Raises:
        Problem: A step failed.
        Cancelled: `cancelled` said so before the service was asked.
    """
    uploaded = _upload(connection, plan, on_report, cancelled)
    on_report(Report(Step.ASKING))
    spec = replace(plan.spec, artifact=uploaded.uri)
    return _ask(connection, spec, plan.image, clock, wait or _sleep)


def _upload(
    connection: Connection, plan: Plan, on_report: Callable[[Report], None], cancelled: Callable[[], bool]
) -> Uploaded:
    total = plan.contents.bytes

    def zipping(done: int) -> None:
        on_report(Report(Step.ZIPPING, done, total))

    with archived(plan.contents, zipping, cancelled) as archive:

        def uploading(done: int) -> None:
            on_report(Report(Step.UPLOADING, done, archive.size))

        # The digest in the key: other bytes never take the place of what a build is reading.
        key = f"{artifacts.FOLDER}/{plan.spec.name}/{archive.sha256}.zip"
        source = Source(archive.path, archive.size, archive.sha256)
        return artifacts.upload(connection, plan.bucket, key, source, uploading, cancelled)


def _ask(
    connection: Connection, spec: ImageSpec, image: Image | None, clock: Clock, wait: Callable[[float], None]
) -> Begun:
    """Create the image or its next version. The token is fresh, and the same for each try of this build."""
    token = str(uuid.uuid4())
    began = clock.monotonic()
    for attempt in range(_ATTEMPTS):
        try:
            if image is None:
                return image_changes.create(connection, spec, token)
            return image_changes.update(connection, image.arn, spec, token)
        except Conflict:
            if image is None or attempt == _ATTEMPTS - 1:
                raise
            if not _at_rest(connection, image.arn, clock, began, wait):
                raise
            # It rests and yet there is a conflict: the service may need a moment to know, or it is another.
            wait(jittered(2.0**attempt))
        except Problem as problem:
            if not problem.temporary or attempt == _ATTEMPTS - 1:
                raise
            wait(max(jittered(2.0**attempt), problem.retry_after or 0.0))
    raise AssertionError("the last attempt returns or raises")


def _at_rest(
    connection: Connection, arn: str, clock: Clock, began: float, wait: Callable[[float], None]
) -> bool:
    """Wait until the service does not work on the image any more; False where that takes too long."""
    while images.image(connection, arn).state in IMAGE_BUSY:
        if clock.monotonic() - began > _BUSY_SECONDS:
            return False
        wait(_BUSY_PAUSE)
    return True


def _sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)
