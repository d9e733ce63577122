"""How long to leave the service alone after a failure."""

from __future__ import annotations

import random

from mvm_tui.model.errors import Denied, NotSignedIn, Problem, RegionUnavailable, SignInExpired

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0
# What only the user can mend is tried now and then, in case it was mended elsewhere.
_UNTIL_MENDED_SECONDS = 30.0
_FOR_THE_USER = (NotSignedIn, SignInExpired, Denied, RegionUnavailable)


def jittered(seconds: float) -> float:
    """The duration, up to a fifth shorter or longer, so that programs do not call in step."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, keeps no secret


class BackOff:
    """Grows with each failure in a row, ends with the first success."""

    def __init__(self, longest: float = _LONGEST_SECONDS) -> None:
        """`longest`: seconds that a pause grows to while the trouble is temporary."""
        self.until = 0.0
        self.problem: Problem | None = None
        self._longest = longest
        self._failures = 0

    def failed(self, problem: Problem, now: float) -> None:
        """Note a failure; `until` is the monotonic second of the next try."""
        self._failures += 1
        self.problem = problem
        self.until = now + max(jittered(self._seconds(problem)), problem.retry_after or 0.0)

    def succeeded(self) -> None:
        self.until = 0.0
        self.problem = None
        self._failures = 0

    def _seconds(self, problem: Problem) -> float:
        if isinstance(problem, _FOR_THE_USER):
            return _UNTIL_MENDED_SECONDS
        return float(min(_FIRST_SECONDS * 2 ** min(self._failures - 1, 10), self._longest))
