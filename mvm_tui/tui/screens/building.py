"""The builds that were begun or are followed here: how far each is, its log, and why it failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mvm_tui.builds.follow import STUCK_SECONDS, USUAL_SECONDS
from mvm_tui.model.durations import short_duration
from mvm_tui.model.text import clean
from mvm_tui.tui.build_jobs import BuildJob
from mvm_tui.tui.dialogs.base import BACK, Dialog
from mvm_tui.tui.image_views import state_tone, state_word
from mvm_tui.tui.image_words import diagnosis_facts
from mvm_tui.tui.widgets.detail import fact_sheet

_EVERY_SECONDS = 0.25
_BAR = 30
_LABEL = 10
_USUAL = f"{' to '.join(str(round(seconds / 60)) for seconds in USUAL_SECONDS)} min"


class BuildingScreen(Dialog[None]):
    """Builds above, the chosen one below: states for each chip, and its log, the newest line last.

    It can be left: builds go on, and it shows them again when it is opened again.
    """

    DEFAULT_CSS = """
    BuildingScreen .box { width: 96%; height: 94%; }
    BuildingScreen OptionList { height: auto; max-height: 30%; }
    BuildingScreen .state { height: auto; margin-top: 1; }
    BuildingScreen VerticalScroll { height: 1fr; margin-top: 1; }
    BuildingScreen .log { width: 1fr; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "version", "version", show=False, id="building.version"),
        Binding("l", "logs", "logs", show=False, id="building.logs"),
        Binding("x", "stop", "stop", show=False, id="building.stop"),
        BACK,
    ]

    def __init__(self, wanted: BuildJob | None = None) -> None:
        """`wanted` is the build to begin with; the newest if None."""
        super().__init__()
        self._wanted = wanted
        self._numbers: list[int] = []
        self._drawn: tuple[object, ...] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Builds"
            yield OptionList()
            yield Static(classes="state", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(classes="log", markup=False)
            yield Static(classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._show()
        self.query_one(VerticalScroll).anchor()
        self.set_interval(_EVERY_SECONDS, self._show)

    @property
    def chosen(self) -> BuildJob | None:
        """The build under the cursor; the newest is the first."""
        at = self.query_one(OptionList).highlighted
        jobs = self.desk.builds.all[::-1]
        return jobs[at] if at is not None and at < len(jobs) else None

    def _show(self) -> None:
        options, jobs = self.query_one(OptionList), self.desk.builds.all[::-1]
        now = self.desk.options.clock.monotonic()
        numbers = [job.number for job in jobs]
        if numbers != self._numbers:
            self._numbers = numbers
            options.set_options([Option(_line(job, now)) for job in jobs])
            options.highlighted = jobs.index(self._wanted) if self._wanted in jobs else 0 if jobs else None
        else:
            for place, job in enumerate(jobs):
                options.replace_option_prompt_at_index(place, _line(job, now))
        self._show_chosen(now)

    def _show_chosen(self, now: float) -> None:
        job = self.chosen
        self.query_one(".keys", Static).update(_keys(job))
        state, log = self.query_one(".state", Static), self.query_one(".log", Static)
        if job is None:
            state.update(f"None. {self.desk.keys.label('image.build')} builds an image from a folder.")
            log.update("")
            return
        state.update(Content("\n").join(list(_state(job, now))))
        width = self.query_one(VerticalScroll).scrollable_content_region.width
        drawn = (job.number, job.line_count, job.diagnosis, job.problem, width)
        if width and drawn != self._drawn:
            self._drawn = drawn
            log.update(Content("\n").join(list(_below(job, width))))

    def action_version(self) -> None:
        """Show the version among the images."""
        job = self.chosen
        if job is not None and job.accepted:
            from mvm_tui.tui.on_images import images_screen

            self.desk.sections.open("images")
            images_screen(self.desk).open_version(job.image_arn, job.version)

    def action_logs(self) -> None:
        job = self.chosen
        if job is not None and job.accepted:
            from mvm_tui.tui.on_images import open_build_logs

            open_build_logs(self.desk, job.image_arn, job.version)

    def action_stop(self) -> None:
        if (job := self.chosen) is not None:
            self.desk.builds.close(job)
            self._show()

    def on_option_list_option_selected(self) -> None:
        self.action_version()


def _line(job: BuildJob, now: float) -> Content:
    return Content.assemble(
        (f"{job.label}  ", "bold"), _words(job), (f"  {_elapsed(job, now)}", "$text-muted")
    )


def _words(job: BuildJob) -> Content:
    """How it stands, in a few words."""
    if job.problem is not None:
        return Content.styled(clean(job.problem.what, 80), "$text-error")
    progress = job.progress
    if progress is not None and progress.version is not None:
        state = progress.version.state
        return Content.styled(state_word(state), state_tone(state))
    if job.accepted:
        return Content.styled("◌ waiting for the service to show it", "$state-starting")
    return Content.styled(f"◌ {job.report.step.value if job.report else 'beginning'}", "$state-starting")


def _elapsed(job: BuildJob, now: float) -> str:
    """Of a build that is over, as long as it took."""
    if job.over:
        return short_duration(job.progress.elapsed) if job.progress else ""
    return short_duration(now - job.started)


def _state(job: BuildJob, now: float) -> Iterator[Content]:
    """The bar of zip and upload, then the states of the builds."""
    report = job.report
    if not job.accepted and report is not None and report.total:
        share = min(report.done / report.total, 1.0)
        filled = round(share * _BAR)
        words = f"  {share:4.0%} of {report.total / (1 << 20):,.1f} MB"
        yield Content.assemble(
            f"{report.step.value:<10} ", ("▰" * filled + "▱" * (_BAR - filled), "$accent"), words
        )
    progress = job.progress
    for build in progress.builds if progress is not None else ():
        yield Content.assemble(
            f"{clean(build.label, 24):<14} ", (state_word(build.state), state_tone(build.state))
        )
    if job.accepted and not job.over:
        yield Content.styled(f"{_elapsed(job, now)} so far; a build usually takes {_USUAL}.", "$text-muted")
    if progress is not None and progress.problem is not None:
        yield Content.styled(f"Just now: {clean(progress.problem.what)}", "$text-warning")
    if progress is not None and progress.stuck:
        words = (
            f"It has not moved for {short_duration(STUCK_SECONDS)}. An image that stays in CREATING answers "
            "an old request: delete it, and build again."
        )
        yield Content.styled(words, "$text-warning")
    if job.built:
        yield Content.styled(f"{job.label} is built and may be launched.", "$text-success")


def _below(job: BuildJob, width: int) -> Iterator[Content]:
    """The log; once it failed, why, under it."""
    for line in list(job.lines):
        yield Content.styled(line, "$text-muted" if job.diagnosis is not None else "")
    if job.diagnosis is not None:
        yield fact_sheet(diagnosis_facts(job.diagnosis), width, _LABEL, "$text-muted")
    if job.problem is not None:
        yield Content.styled(clean(job.problem), "$text-error")


def _keys(job: BuildJob | None) -> str:
    if job is None:
        return "esc leaves"
    parts = ["enter opens the version · l its log"] if job.accepted else []
    if job.over:
        parts.append("x forgets it")
    else:
        parts.append("x stops following" if job.accepted else "x calls it off")
    parts.append("esc leaves, the build goes on" if not job.over else "esc leaves")
    return " · ".join(parts)
