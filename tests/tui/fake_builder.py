"""What builds, in memory: a test says when each step goes on and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from mvm_tui.aws.image_changes import Begun
from mvm_tui.builds.build import Plan, Report, Step
from mvm_tui.builds.builder import Prepared
from mvm_tui.builds.check import Finding
from mvm_tui.builds.diagnose import Diagnosis, diagnose
from mvm_tui.builds.folder import Contents
from mvm_tui.builds.follow import Progress
from mvm_tui.builds.place import Bucket
from mvm_tui.model.errors import Cancelled, Problem
from mvm_tui.model.image import ImageBuild, ImageVersion
from mvm_tui.model.image_spec import ImageSpec
from mvm_tui.model.log_event import LogEvent, LogSource
from tests.tui.fakes import image_arn

_ROLE = "arn:aws:iam::000000000000:role/build"


class FakeLines:
    """Hands out its lines when it is started."""

    def __init__(self, on_lines: Callable[[Sequence[LogEvent]], None], texts: Sequence[str]) -> None:
        self._on_lines = on_lines
        self._texts = texts

    def start(self) -> None:
        source = LogSource.of("/aws/lambda-microvms/web", "stream")
        self._on_lines([LogEvent(0, 0, text, source) for text in self._texts])

    def stop(self) -> None:
        pass


class FakeBuilder:
    """Builds nothing.

    Attributes:
        prepared: What it was asked to prepare: specification and bucket.
        begun: What it was asked to begin.
        bucket: The bucket that is found.
        problem: Raised by `prepare`, if set.
        zipped, ended: The build waits for these; set from the start.
        state: The state in which it ends.
        texts: What it logs.
    """

    def __init__(self) -> None:
        self.prepared: list[tuple[ImageSpec, str]] = []
        self.begun: list[Prepared] = []
        self.bucket = Bucket("bucket", exists=True)
        self.problem: Problem | None = None
        self.zipped, self.ended = threading.Event(), threading.Event()
        self.zipped.set()
        self.ended.set()
        self.state = "SUCCESSFUL"
        self.texts = ["#1 FROM al2023", "#2 [red]DONE[/red] \x1b[31m"]

    def prepare(
        self, spec: ImageSpec, contents: Contents, bucket: str, findings: Sequence[Finding] = ()
    ) -> Prepared:
        self.prepared.append((spec, bucket))
        if self.problem is not None:
            raise self.problem
        plan = Plan(replace(spec, base_arn="arn:base", role=_ROLE), contents, self.bucket.name, None)
        return Prepared(plan, self.bucket)

    def begin(
        self, prepared: Prepared, on_report: Callable[[Report], None], cancelled: Callable[[], bool]
    ) -> Begun:
        on_report(Report(Step.UPLOADING, 3 << 20, 6 << 20))
        while not self.zipped.wait(0.01):
            if cancelled():
                raise Cancelled("The upload was called off.")
        self.begun.append(prepared)
        return Begun(image_arn(prepared.plan.spec.name), "1.0", "request-of-the-build")

    def follow(
        self,
        image_arn: str,
        version: str,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        began: float | None = None,
    ) -> Progress:
        under_way = self._progress(image_arn, version, "IN_PROGRESS")
        on_progress(under_way)
        while not self.ended.wait(0.01):
            if cancelled():
                return under_way
        end = self._progress(image_arn, version, self.state)
        on_progress(end)
        return end

    def _progress(self, arn: str, version: str, state: str) -> Progress:
        builds = tuple(
            ImageBuild(arn, version, f"build-{chip}", state, "ARM_64", "GRAVITON", chip)
            for chip in ("4", "3")
        )
        return Progress(ImageVersion(arn, version, state, "ACTIVE"), builds, 12.0)

    def lines(
        self, image_arn: str, version: str, on_lines: Callable[[Sequence[LogEvent]], None]
    ) -> FakeLines:
        return FakeLines(on_lines, self.texts)

    def last_lines(self, image_arn: str, version: str, count: int = 10) -> list[str]:
        return ["the last line of its log"]

    def diagnose(self, version: ImageVersion) -> Diagnosis:
        reason = "Ready hook invocation timed out after PT5M"
        build = ImageBuild(version.image_arn, version.version, "b", "FAILED", state_reason=reason)
        return diagnose(version, [build], self.last_lines("", ""))
