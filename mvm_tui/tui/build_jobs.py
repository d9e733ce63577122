"""The builds that were begun or are followed from here. They go on whatever screen is in front.

A thread for each does the work and writes how far it is into its job; the screen of builds reads that. Only
the end is posted: it is said, whatever is on screen.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mvm_tui.model.errors import Cancelled, Problem
from mvm_tui.model.image import SUCCESSFUL
from mvm_tui.model.microvm import image_name
from mvm_tui.model.text import clean
from mvm_tui.tui import messages
from mvm_tui.tui.background import in_thread, outcome, post_safely

if TYPE_CHECKING:
    from mvm_tui.aws.image_changes import Begun
    from mvm_tui.builds.build import Report
    from mvm_tui.builds.builder import Prepared
    from mvm_tui.builds.check import Finding
    from mvm_tui.builds.diagnose import Diagnosis
    from mvm_tui.builds.folder import Contents
    from mvm_tui.builds.follow import Progress
    from mvm_tui.model.image import ImageVersion
    from mvm_tui.model.image_spec import ImageSpec
    from mvm_tui.model.log_event import LogEvent
    from mvm_tui.tui.desk import Desk

_LINES = 2_000
_LAST_LINES = 500
# A build uploads its text at its end, and what is written is found up to half a minute later.
_LATE_SECONDS = 30.0


class Lines(Protocol):
    """`mvm_tui.builds.build_lines.BuildLines` as the UI uses it."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class BuilderLike(Protocol):
    """`mvm_tui.builds.builder.Builder` as the UI uses it: all but `lines` blocks and raises `Problem`."""

    def prepare(
        self, spec: ImageSpec, contents: Contents, bucket: str, findings: Sequence[Finding] = ()
    ) -> Prepared: ...
    def begin(
        self, prepared: Prepared, on_report: Callable[[Report], None], cancelled: Callable[[], bool]
    ) -> Begun: ...
    def follow(
        self,
        image_arn: str,
        version: str,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        began: float | None = None,
    ) -> Progress: ...
    def lines(
        self, image_arn: str, version: str, on_lines: Callable[[Sequence[LogEvent]], None]
    ) -> Lines: ...
    def last_lines(self, image_arn: str, version: str, count: int = ...) -> list[str]: ...
    def diagnose(self, version: ImageVersion) -> Diagnosis: ...


@dataclass(eq=False, slots=True)
class BuildJob:
    """One build, as far as it is.

    Attributes:
        name: The image's.
        image_arn: Empty until the service accepted the build.
        version: Likewise.
        report: How far zip and upload are; None before, and for a build that is followed only.
        progress: What the service last said of it.
        lines: The last lines of its log; safe to show.
        diagnosis: Why it failed; None if it did not, or not yet.
        problem: Why it was not begun, or cannot be followed.
        started: When it was begun, or since when it is followed, on the monotonic clock.
        over: Whether it is done with, but for late lines of its log.
        reader: What reads its log; None before there is one.
    """

    number: int
    name: str
    started: float
    image_arn: str = ""
    version: str = ""
    report: Report | None = None
    progress: Progress | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES))
    line_count: int = 0
    diagnosis: Diagnosis | None = None
    problem: Problem | None = None
    over: bool = False
    reader: Lines | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def accepted(self) -> bool:
        """Whether the service builds it: it goes on without us from there."""
        return bool(self.version)

    @property
    def label(self) -> str:
        """``web:2.0``; safe to show."""
        name = clean(self.name, 64)
        return f"{name}:{clean(self.version, 20)}" if self.version else name

    @property
    def built(self) -> bool:
        progress = self.progress
        return progress is not None and progress.version is not None and progress.version.state == SUCCESSFUL

    def take_report(self, report: Report) -> None:
        """How far zip and upload are, from the thread that does them."""
        self.report = report

    def take_lines(self, events: Sequence[LogEvent]) -> None:
        """More of its log, from the thread that reads it."""
        self.lines.extend(clean(event.message) for event in events)
        self.line_count += len(events)

    def keep_more(self, texts: Sequence[str]) -> None:
        """The end of its log, which holds more than came while it ran."""
        if len(texts) > self.line_count:
            self.lines.clear()
            self.lines.extend(map(clean, texts))
            self.line_count = len(texts)


class BuildJobs:
    """The builds in the order in which they were begun."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._numbers = itertools.count(1)
        self.all: list[BuildJob] = []

    def start(self, prepared: Prepared) -> BuildJob | None:
        """Begin a build; None without a connection."""
        desk = self._desk
        generation, post = desk.accounts.generation, desk.app.post_message

        def work(job: BuildJob, builder: BuilderLike) -> None:
            begun = builder.begin(prepared, job.take_report, job.stop.is_set)
            job.image_arn, job.version = begun.image_arn, begun.version

            def accepted(_: object) -> None:
                self._accepted(job, prepared, begun)

            post_safely(post, messages.Answered(generation, accepted, None))
            _follow(job, builder, job.started)

        return self._run(prepared.plan.spec.name, work)

    def follow(self, image_arn: str, version: str) -> BuildJob | None:
        """Follow a build that was begun elsewhere; one that is followed already is given again."""
        for job in self.all:
            if (job.image_arn, job.version) == (image_arn, version) and not job.over:
                return job
        return self._run(image_name(image_arn), _follow, image_arn, version)

    def close(self, job: BuildJob) -> None:
        """Call one off that was not accepted yet, or stop following it; one that is over is forgotten."""
        job.stop.set()
        if job.over and job in self.all:
            self.all.remove(job)

    def forget(self) -> None:
        """They belong to an account that leaves the screen."""
        for job in self.all:
            job.stop.set()
        self.all.clear()

    @property
    def under_way(self) -> list[BuildJob]:
        return [job for job in self.all if not job.over]

    def leaving_costs(self) -> str:
        """``1 build that is not uploaded yet``; empty without any: the service goes on with the others."""
        count = sum(not job.accepted for job in self.under_way)
        return f"{count} build{'s' if count > 1 else ''} not uploaded yet" if count else ""

    def _run(
        self,
        name: str,
        work: Callable[[BuildJob, BuilderLike], None],
        image_arn: str = "",
        version: str = "",
    ) -> BuildJob | None:
        account, desk = self._desk.accounts.account, self._desk
        if account is None:
            return None
        job = BuildJob(next(self._numbers), name, desk.options.clock.monotonic(), image_arn, version)
        self.all.append(job)
        generation, post = desk.accounts.generation, desk.app.post_message

        def run() -> None:
            answer = outcome(lambda: work(job, account.builder()))
            job.problem = answer if isinstance(answer, Problem) else None
            job.over = True
            post_safely(post, messages.Answered(generation, self._ended, job))
            outcome(lambda: _finish(job, account.builder()))

        in_thread("build", run)
        return job

    def _accepted(self, job: BuildJob, prepared: Prepared, begun: Begun) -> None:
        """The service builds it, and from now on shows it among the images."""
        if not prepared.bucket.exists:
            self._desk.say(f"Created the bucket {prepared.bucket.name}.", toast=False)
        self._desk.say(f"{job.label} is being built.", request_id=begun.request_id, toast=False)
        self._desk.images_changed(begun.image_arn)

    def _ended(self, job: BuildJob) -> None:
        """Say how a build ended, and let the screen of images read it anew."""
        desk = self._desk
        if isinstance(job.problem, Cancelled):
            desk.say(f"{job.label}: {clean(job.problem)}", "warning")
        elif job.problem is not None:
            desk.report(job.problem, job.label)
        elif job.built:
            desk.say(f"{job.label} is built.")
        elif job.diagnosis is not None:
            key = desk.keys.label("app.building")
            reason = next(iter(job.diagnosis.reasons), "The service does not say why.")
            desk.say(f"{job.label} could not be built. {reason} {key} tells more.", "error")
        elif job.progress is not None and job.progress.stuck:
            desk.say(f"{job.label} does not move: delete the image, and build again.", "warning")
        desk.images_changed(job.image_arn)


def _follow(job: BuildJob, builder: BuilderLike, began: float | None = None) -> None:
    """Until it is over, or nobody wants to know. Runs in the job's thread; its log is followed on."""

    def progress(progress: Progress) -> None:
        job.progress = progress

    job.reader = builder.lines(job.image_arn, job.version, job.take_lines)
    job.reader.start()
    end = builder.follow(job.image_arn, job.version, progress, job.stop.is_set, began)
    if end.over and end.version is not None and not job.built:
        job.diagnosis = builder.diagnose(end.version)


def _finish(job: BuildJob, builder: BuilderLike) -> None:
    """It is over: wait for the rest of its log. Runs in the job's thread."""
    version = job.progress.version if job.progress is not None else None
    if job.reader is None:
        return
    if job.problem is None and version is not None and not version.building:
        job.stop.wait(_LATE_SECONDS)
    job.reader.stop()
    if version is None or job.stop.is_set():
        return
    job.keep_more(builder.last_lines(job.image_arn, job.version, _LAST_LINES))
    if job.diagnosis is not None and not job.diagnosis.lines:
        job.diagnosis = builder.diagnose(version)
