"""The idle policy: when a MicroVM suspends itself, and what happens after that."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.model.durations import plain_duration

MIN_IDLE_SECONDS = 60
MAX_IDLE_SECONDS = 28_800
MAX_DURATION_SECONDS = 28_800


@dataclass(frozen=True, slots=True)
class IdlePolicy:
    """Immutable after launch. The service wants all three members or no policy at all.

    Attributes:
        max_idle_seconds: Quiet time after which a running MicroVM is suspended, at least 60.
        suspended_seconds: How long it may stay so suspended before it is terminated; 0 ends it at once.
        auto_resume: Whether traffic to its endpoint resumes it.
    """

    max_idle_seconds: int
    suspended_seconds: int
    auto_resume: bool

    @property
    def label(self) -> str:
        """For a table cell: ``15m → 2h ↻``, the arrow round for auto-resume."""
        resume = " ↻" if self.auto_resume else ""
        return f"{plain_duration(self.max_idle_seconds)} → {plain_duration(self.suspended_seconds)}{resume}"

    def problem(self) -> str | None:
        """Why the service would refuse this policy, or None."""
        if self.max_idle_seconds < MIN_IDLE_SECONDS:
            return f"the idle time must be at least {plain_duration(MIN_IDLE_SECONDS)}"
        if self.max_idle_seconds > MAX_IDLE_SECONDS:
            return f"the idle time can be at most {plain_duration(MAX_IDLE_SECONDS)}"
        if self.suspended_seconds < 0:
            return "the suspended time cannot be negative"
        return None


def describe_lifetime(policy: IdlePolicy | None, maximum_seconds: int) -> str:
    """What will happen to a MicroVM launched so, in plain words."""
    end = f"It ends {plain_duration(maximum_seconds)} after its start at the latest, suspended or not."
    if policy is None:
        return f"It runs, and costs its baseline, until you suspend or terminate it. {end}"
    idle = plain_duration(policy.max_idle_seconds)
    if policy.suspended_seconds == 0:
        return f"After {idle} without traffic it is terminated. {end}"
    wake = "traffic resumes it" if policy.auto_resume else "only you can resume it"
    kept = plain_duration(policy.suspended_seconds)
    return (
        f"After {idle} without traffic it is suspended; {wake}. Suspended for {kept}, it is terminated. {end}"
    )
