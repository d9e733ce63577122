"""Everything a build does, in the order in which it is done, for those who have no connection in hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mvm_tui.aws import artifacts, image_builds
from mvm_tui.aws.image_changes import Begun
from mvm_tui.aws.session import Connection
from mvm_tui.builds.build import Plan, Report, begin, find_image
from mvm_tui.builds.build_lines import BuildLines, last_lines
from mvm_tui.builds.check import Finding
from mvm_tui.builds.diagnose import SHOWN_LINES, Diagnosis, diagnose
from mvm_tui.builds.folder import Contents
from mvm_tui.builds.follow import Progress, follow
from mvm_tui.builds.place import Bucket, bucket_for, completed
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Invalid, ReadOnly
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.image_spec import ImageSpec
from mvm_tui.model.log_event import LogEvent


@dataclass(frozen=True, slots=True)
class Prepared:
    """A build that may be begun once its bucket is there."""

    plan: Plan
    bucket: Bucket


class Builder:
    """Builds on one connection. Every method but `lines` blocks and may raise Problem."""

    def __init__(self, connection: Connection, clock: Clock, *, read_only: bool = False) -> None:
        self._connection = connection
        self._clock = clock
        self._read_only = read_only

    def prepare(
        self, spec: ImageSpec, contents: Contents, bucket: str, findings: Sequence[Finding] = ()
    ) -> Prepared:
        """Find what the build needs; nothing is changed.

        Raises:
            ReadOnly: Nothing may be built.
            Invalid: Tags are given for an image that exists.
        """
        if self._read_only:
            raise ReadOnly("Read-only mode: nothing was built.", "A build costs and changes something.")
        whole = completed(self._connection, spec)
        image = find_image(self._connection, spec.name)
        refuse_tags(spec, exists=image is not None)
        found = bucket_for(self._connection, bucket)
        return Prepared(Plan(whole, contents, found.name, image, tuple(findings)), found)

    def begin(
        self, prepared: Prepared, on_report: Callable[[Report], None], cancelled: Callable[[], bool]
    ) -> Begun:
        """Make the bucket if it is not there, zip, upload, and ask for the build."""
        if not prepared.bucket.exists:
            artifacts.create_bucket(self._connection, prepared.bucket.name)
        return begin(self._connection, prepared.plan, self._clock, on_report, cancelled)

    def follow(
        self,
        image_arn: str,
        version: str,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        began: float | None = None,
    ) -> Progress:
        """Read the build until it is over; see `mvm_tui.builds.follow.follow`."""
        return follow(self._connection, image_arn, version, self._clock, on_progress, cancelled, began)

    def lines(
        self, image_arn: str, version: str, on_lines: Callable[[Sequence[LogEvent]], None]
    ) -> BuildLines:
        """What the build logs, once it is started; until it is stopped."""
        return BuildLines(self._connection, image_arn, version, self._clock, on_lines)

    def last_lines(self, image_arn: str, version: str, count: int = SHOWN_LINES) -> list[str]:
        """The last lines of a build that is over; none where they cannot be had."""
        return last_lines(self._connection, image_arn, version, self._clock, count)

    def diagnose(self, version: ImageVersion) -> Diagnosis:
        """Why a build failed, with the last lines of its log."""
        found = image_builds.builds(self._connection, version.image_arn, version.version)
        return diagnose(version, found, self.last_lines(version.image_arn, version.version))


def refuse_tags(spec: ImageSpec, *, exists: bool) -> None:
    """Tags are of an image, given when it is made.

    Raises:
        Invalid: The image is there already.
    """
    if exists and spec.tags:
        raise Invalid(
            f"{spec.name} exists: a version has no tags of its own.", fix="Leave the tags out of the build."
        )
