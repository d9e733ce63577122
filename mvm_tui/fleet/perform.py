"""What actions do to AWS: paced, retried on throttling, verified by reading again, reported one by one."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.model.errors import Problem


@dataclass(frozen=True, slots=True)
class Result:
    """How an action ended for one MicroVM.

    Attributes:
        id: The MicroVM.
        ok: Whether the state that was asked for has been seen.
        message: A sentence fragment for the user: ``suspended``, ``still RUNNING after 60s``. Safe to show.
        problem: Why it failed; None when it did not, or when only the wait ran out.
        request_id: The service's id of the request that asked for it, empty if none was answered.
    """

    id: str
    ok: bool
    message: str
    problem: Problem | None = None
    request_id: str = ""
