"""Following a build: the states of its version and builds until it is over, or until one stops watching."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from mvm_tui.aws import image_builds, images
from mvm_tui.aws.session import Connection
from mvm_tui.model.backoff import BackOff
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import Gone, Problem
from mvm_tui.model.image import PENDING, ImageBuild, ImageVersion

# Builds take 114 to 258 s, failing ones 72 to 105 s; up to 6 minutes were seen (rayito, agentd, samples).
USUAL_SECONDS = (114, 258)
# One that was PENDING or not there for so long does not move: an old request was answered again.
STUCK_SECONDS = 600.0
_PAUSE_SECONDS = 2.0
_LATER_SECONDS = 5.0
_SOON = 60.0
_LISTEN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How a build stands.

    Attributes:
        version: None as long as the service does not show it.
        elapsed: Seconds since it was begun, or since it is followed.
        stuck: Whether it does not move and nothing is to be expected.
        problem: Why it could not be read just now; None if it could.
    """

    version: ImageVersion | None
    builds: tuple[ImageBuild, ...]
    elapsed: float
    stuck: bool = False
    problem: Problem | None = None

    @property
    def over(self) -> bool:
        return self.version is not None and not self.version.building

    @property
    def words(self) -> str:
        """``in progress · Graviton 3 in progress, Graviton 4 pending``."""
        if self.version is None:
            return "waiting for the service to show it"
        state = _word(self.version.state)
        builds = ", ".join(f"{build.label} {_word(build.state)}" for build in self.builds)
        return f"{state} · {builds}" if builds and not self.over else state


def follow(
    connection: Connection,
    image_arn: str,
    version: str,
    clock: Clock,
    on_progress: Callable[[Progress], None],
    cancelled: Callable[[], bool] = lambda: False,
    began: float | None = None,
) -> Progress:
    """Read a build until it is over. Blocking; temporary trouble is told and waited out.

    Args:
        began: When it was begun on the monotonic clock; None if that is not known.

    Returns:
        The last reading: over, or not where it was called off or is stuck.

    Raises:
        Problem: It cannot be read, and that will not pass.
    """
    started = clock.monotonic() if began is None else began
    trouble = BackOff(longest=30.0)
    seen: Progress | None = None
    while True:
        now = clock.monotonic()
        try:
            seen = _read(connection, image_arn, version, now - started)
            trouble.succeeded()
        except Problem as problem:
            if not problem.temporary:
                raise
            trouble.failed(problem, now)
            held = (seen.version, seen.builds) if seen else (None, ())
            seen = Progress(*held, now - started, problem=problem)
        on_progress(seen)
        if seen.over or seen.stuck:
            return seen
        pause = _PAUSE_SECONDS if seen.elapsed < _SOON else _LATER_SECONDS
        if not _wait(max(pause, trouble.until - now), cancelled):
            return seen


def _read(connection: Connection, image_arn: str, version: str, elapsed: float) -> Progress:
    try:
        found = images.version(connection, image_arn, version)
    except Gone:
        # A version may be shown a little after its creation was accepted.
        if elapsed > STUCK_SECONDS:
            raise
        return Progress(None, (), elapsed)
    builds = tuple(image_builds.listed_builds(connection, image_arn, version))
    stuck = found.state == PENDING and elapsed > STUCK_SECONDS
    return Progress(found, builds, elapsed, stuck)


def _word(state: str) -> str:
    return state.lower().replace("_", " ")


def _wait(seconds: float, cancelled: Callable[[], bool]) -> bool:
    """Wait; False as soon as it is called off."""
    never = threading.Event()
    left = seconds
    while left > 0:
        if cancelled():
            return False
        never.wait(min(left, _LISTEN_SECONDS))
        left -= _LISTEN_SECONDS
    return not cancelled()
