"""How reading a log goes, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from mvm_tui.logs.find import Missing
from mvm_tui.logs.status import Phase, Status
from mvm_tui.model.durations import short_duration
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean
from mvm_tui.tui.log_pipeline import Counts

# A lag so small is what following costs; a longer one is told in warning colours.
_SMALL_LAG = 10.0

Part = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What the status line says.

    Attributes:
        lag: Seconds by which reading is behind; None before the first reading.
        retry_in: Seconds until the next try after a failure.
        following: Whether the view follows.
        new: Entries that came since it was paused.
        shown: Entries that pass the filter.
        filtered: Whether there is a filter.
        live_seconds: How long Live Tail has run; None while it is off.
        follow_key: The key that follows again.
    """

    status: Status
    counts: Counts
    lag: float | None = None
    retry_in: float = 0.0
    following: bool = True
    new: int = 0
    shown: int = 0
    filtered: bool = False
    reading_older: bool = False
    live_seconds: float | None = None
    follow_key: str = "G"


def status_line(facts: LogFacts, width: int) -> Content:
    """How it goes at the left, how much there is at the right; as much of it as there is room for."""
    left = [*_state(facts), *_reading(facts)]
    right = _amounts(facts)
    while right and _width(left) + _width(right) + 2 > width:
        right = right[1:]
    gap = " " * max(width - _width(left) - _width(right), 1)
    return Content.assemble(*left, gap, *right).truncate(max(width, 1), ellipsis=True)


def _width(parts: Sequence[Part]) -> int:
    return sum(len(text) for text, _ in parts)


def _state(facts: LogFacts) -> list[Part]:
    if not facts.following:
        new = f" · {facts.new:,} new" if facts.new else ""
        return [
            ("‖ paused", "$text-warning"),
            (new, "bold $foreground"),
            (f" · {facts.follow_key} follows", "$text-muted"),
        ]
    if facts.status.phase is Phase.FOLLOWING:
        return [("● following", "$text-success")]
    return []


def _reading(facts: LogFacts) -> list[Part]:
    status, parts = facts.status, []
    dot = " · " if not facts.following or status.phase is Phase.FOLLOWING else ""
    if status.phase is Phase.BACKING_OFF and status.problem is not None:
        wait = f", next try in {short_duration(facts.retry_in + 0.99)}" if facts.retry_in > 0 else ""
        parts.append((f"{dot}{clean(status.problem.what).rstrip('.')}{wait}", "$text-error"))
    elif status.phase is Phase.LOOKING:
        parts.append((f"{dot}looking for the logs…", "$text-muted"))
    elif status.phase is Phase.CATCHING_UP:
        parts.append((f"{dot}catching up{_behind(facts.lag, ', ')}", "$text-warning"))
    elif status.phase is Phase.STOPPED:
        parts.append((f"{dot}not reading", "$text-muted"))
    elif facts.lag is not None:
        style = "$text-muted" if facts.lag < _SMALL_LAG else "$text-warning"
        parts.append((f"{dot}{_behind(facts.lag)}", style))
    if facts.live_seconds is not None:
        minutes = int(facts.live_seconds // 60) + 1
        words = f" · Live Tail {minutes} min" if status.live else " · Live Tail starting"
        parts.append((words, "$accent"))
        if status.sampled:
            parts.append((" sampled: polling fills the gaps", "$text-warning"))
    return parts


def _behind(lag: float | None, before: str = "") -> str:
    if lag is None:
        return ""
    # The service tells its time in whole seconds: less than two may be none.
    return f"{before}{short_duration(lag)} behind" if lag >= 2 else f"{before}up to date"


def _amounts(facts: LogFacts) -> list[Part]:
    """How much there is, the least important first."""
    counts = facts.counts
    parts: list[Part] = []
    if facts.filtered:
        busy = "…" if counts.busy else ""
        parts.append((f"{facts.shown:,}{busy} of {counts.held:,} entries", "$text-muted"))
    elif counts.held:
        parts.append((f"{counts.held:,} entries", "$text-muted"))
    if counts.late:
        parts.append((f" · {counts.late:,} late", "$text-warning"))
    if facts.status.blind:
        parts.append((" · late ones unseen", "$text-muted"))
    if counts.found is not None:
        busy = "…" if counts.busy else ""
        parts.append((f" · {counts.found:,}{busy} found", "$accent"))
    if facts.reading_older:
        parts.append((" · reading older…", "$text-muted"))
    return parts


def head_words(facts: LogFacts, at_beginning: bool, older_key: str = "↑") -> str:
    """What the line above the first entry says."""
    if facts.reading_older:
        return "reading older lines…"
    if at_beginning:
        return "the log begins here"
    if facts.counts.full:
        held = f"{facts.counts.held:,}"
        return f"no room for older lines beside these {held}: logs.keep_lines in the config sets how many"
    return f"{older_key} reads older lines"


def empty_words(facts: LogFacts, chosen: bool, choose_key: str, clear_key: str) -> list[str]:
    """What is said where there are no lines: what is so, why, and what to do."""
    status = facts.status
    if not chosen:
        return ["No log is open.", f"{choose_key} chooses MicroVMs, an image, its builds, or all of them."]
    if status.missing is not None:
        return _missing_words(status.missing)
    if status.problem is not None:
        return _problem_words(status.problem)
    if facts.filtered and facts.counts.held:
        if facts.counts.busy:
            return ["Filtering…"]
        return [
            f"None of {facts.counts.held:,} entries matches the filter.",
            f"New ones appear as they come; {clear_key} clears the filter, ↑ searches older ones.",
        ]
    if status.phase in (Phase.LOOKING, Phase.CATCHING_UP):
        return ["Reading…"]
    return ["No lines yet.", "What its app writes to stdout and stderr appears here; ↑ reads older ones."]


def _missing_words(missing: Missing) -> list[str]:
    return [clean(sentence) for sentence in (missing.what, missing.why, missing.fix) if sentence]


def _problem_words(problem: Problem) -> list[str]:
    return [clean(sentence) for sentence in (problem.what, problem.why, problem.fix) if sentence]
