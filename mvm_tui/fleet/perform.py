"""What actions do to AWS: paced, retried on throttling, verified by reading again, reported one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mvm_tui.aws import microvms
from mvm_tui.aws.session import Connection
from mvm_tui.model.errors import Cancelled, Conflict, Gone, Problem
from mvm_tui.model.microvm import ENDED, RUNNING, SUSPENDED, TERMINATED, TERMINATING, Microvm
from mvm_tui.model.text import clean


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


@dataclass(frozen=True, slots=True)
class Deed:
    """What an action asks of the service, and which states show that it is done.

    `pending` is the word shown until then.
    """

    operation: str
    ask: Callable[[Connection, str], str]
    pending: str
    done_in: frozenset[str]
    done: str


DEEDS = {
    "microvm.suspend": Deed(
        "SuspendMicrovm", microvms.suspend, "suspending", frozenset({SUSPENDED}), "suspended"
    ),
    "microvm.resume": Deed("ResumeMicrovm", microvms.resume, "resuming", frozenset({RUNNING}), "resumed"),
    "microvm.terminate": Deed(
        "TerminateMicrovm", microvms.terminate, "terminating", frozenset({TERMINATED}), "terminated"
    ),
}


def judge(deed: Deed, vm: Microvm, asked: str, waited: float, timeout: float) -> Result | None:
    """The result that this reading means, None if it is to be read again. `asked` is the request id."""
    if vm.state in deed.done_in:
        return Result(vm.id, True, deed.done, request_id=asked)
    if vm.state == TERMINATED or (vm.state in ENDED and deed.operation != "TerminateMicrovm"):
        reason = clean(vm.details.state_reason or "") if vm.details else ""
        why = f"it has ended{f': {reason}' if reason else ''}"
        return Result(vm.id, False, why, Conflict("The MicroVM has ended.", reason), asked)
    if waited < timeout:
        return None
    if vm.state == TERMINATING:
        return Result(vm.id, True, "ending", request_id=asked)
    return Result(vm.id, False, f"still {clean(vm.state)} after {round(waited)}s", request_id=asked)


def refused(deed: Deed, microvm_id: str, problem: Problem, asked: str = "") -> Result:
    """The result that a failed call means."""
    if isinstance(problem, Gone) and deed.operation == "TerminateMicrovm":
        return Result(microvm_id, True, "already gone", request_id=problem.request_id)
    return Result(microvm_id, False, problem.what, problem, problem.request_id or asked)


def called_off(microvm_id: str, asked: str, *, sent: bool) -> Result:
    """The result for a MicroVM that was not finished when the user stopped the action."""
    what = "asked for, but not watched to its end" if sent else "not done: you stopped it"
    return Result(microvm_id, False, what, Cancelled("Stopped by you."), asked)
