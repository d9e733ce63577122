"""Turns what botocore raises into the few problems of `mvm_tui.model.errors`."""

from __future__ import annotations

from mvm_tui.model.errors import Problem


def explain(error: BaseException, operation: str = "") -> Problem:
    """What happened, why, and what to do. A Problem comes back as it is; nothing is ever raised."""
    raise NotImplementedError


def retry_after(problem: Problem) -> float | None:
    """Seconds that the service asked to wait before the next try, if it said so."""
    raise NotImplementedError
