"""Why a shell cannot be had: explained from the MicroVM's state, the HTTP status and ``x-aws-proxy-error``.

A refused upgrade shows as close code 1006 without a reason in many libraries; the answer itself tells more.
Statuses and texts are those recorded (403 and 502) or reported by those who ran the service: 401 and 403 for
tokens, 429 for connections or requests over the MicroVM's limit, ``MICROVM_CONNECT_FAILED`` for one that is
suspended, over its lifetime, or in its first seconds, ``APP_CONNECT_FAILED`` for nothing on the port.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mvm_tui.model.connectors import ALL_INGRESS, SHELL_INGRESS, connector_name
from mvm_tui.model.errors import Conflict, Denied, GatewayFault, Gone, NoShell, Problem, Throttled, Unexpected
from mvm_tui.model.microvm import ENDED, PENDING, SUSPENDED, SUSPENDING, Microvm
from mvm_tui.model.size import SIZES
from mvm_tui.model.text import clean

# The endpoint answers 502 for some seconds after a launch or a resumption (about 3 measured).
YOUNG = timedelta(seconds=60)
ERROR_HEADER = "x-aws-proxy-error"
_RELAUNCH = "Connectors cannot be changed: launch another MicroVM like it, with the shell."
_LIMITS = ", ".join(str(size.connections) for size in SIZES if size.connections)


class VmSuspended(Conflict):
    """The MicroVM is suspended: it has to be resumed first."""


class VmEnded(Gone):
    """The MicroVM has ended, or does so now."""


class TokenRefused(Denied):
    """The proxy does not accept the token: expired, or for something else. A new one may do."""


class ConnectionsUsedUp(Throttled):
    """As many connections or requests as the MicroVM's size allows are under way."""


class NotReady(GatewayFault):
    """The MicroVM's shell does not answer yet."""


class ConnectionLost(GatewayFault):
    """The connection ended without the shell having ended."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer to the upgrade that is none. `text` is the start of its body, `proxy_error` its header."""

    status: int
    proxy_error: str = ""
    text: str = ""
    retry_after: float | None = None

    @property
    def words(self) -> str:
        """What the proxy said, safe to show."""
        said = [f"HTTP {self.status}", clean(self.proxy_error, 100), clean(self.text, 200)]
        return ", ".join(part for part in said if part)


def for_state(vm: Microvm) -> Problem | None:
    """What in the MicroVM's last reading keeps a shell from it; None if nothing does."""
    reason = clean((vm.details.state_reason if vm.details else "") or "")
    if vm.state in ENDED:
        return VmEnded("The MicroVM has ended.", reason, "Launch another one: mvm-tui run.")
    if vm.shell is False:
        return no_shell(vm)
    if vm.state in (SUSPENDED, SUSPENDING):
        return VmSuspended("The MicroVM is suspended.", reason, "Resume it, then attach: it takes a second.")
    if vm.state == PENDING:
        return NotReady("The MicroVM is starting.", reason, "It is tried again by itself.")
    return None


def no_shell(vm: Microvm) -> NoShell:
    """Why the MicroVM's connectors allow no shell."""
    names = {connector_name(arn) for arn in vm.details.ingress} if vm.details else set()
    if ALL_INGRESS in names:
        beside = " and forbids SHELL_INGRESS beside it" if SHELL_INGRESS in names else ""
        why = f"It has ALL_INGRESS, which despite its name does not include the shell{beside}."
    else:
        shown = ", ".join(sorted(clean(name, 60) for name in names)) or "none"
        why = f"A shell needs the connector SHELL_INGRESS; it has {shown}."
    return NoShell("This MicroVM was launched without a shell.", why, _RELAUNCH)


def for_refusal(refusal: Refusal) -> Problem:
    """What a refused upgrade means."""
    problem = _explain(refusal)
    problem.code = clean(refusal.proxy_error, 100) or str(refusal.status)
    problem.operation = "the shell"
    problem.retry_after = refusal.retry_after
    return problem


def _explain(refusal: Refusal) -> Problem:
    status, error, words = refusal.status, refusal.proxy_error, refusal.words
    if status in (401, 403) or error == "UNAUTHORIZED":
        why = f"The proxy says: {words}."
        return TokenRefused(
            "The shell's token was not accepted.", why, "Retry: a new one is asked for each time."
        )
    if status == 429:
        why = f"The proxy says: {words}. A MicroVM takes {_LIMITS} connections by its size."
        return ConnectionsUsedUp(
            "The MicroVM has no connection left.", why, "Close shells or clients of it, then retry."
        )
    if status in (502, 503, 504):
        what = (
            "The MicroVM's shell does not answer."
            if error == "APP_CONNECT_FAILED"
            else "The MicroVM cannot be reached."
        )
        why = f"The proxy says: {words}. So it does when one is starting, suspended, or just ended."
        return NotReady(
            what, why, "Look at its state (mvm-tui get), resume it if it is suspended, and retry."
        )
    if status in (400, 404, 405, 426, 501):
        fix = "If the service has moved it, set shell.path in the config."
        return Unexpected("There is no shell at this endpoint.", f"It answers: {words}.", fix)
    if 300 <= status < 400:
        fix = "Check what stands between this machine and the endpoint, such as a proxy that asks to sign in."
        return Unexpected("The endpoint sends us elsewhere, and we do not follow.", f"{words}.", fix)
    return NotReady("The upgrade to a shell was refused.", f"The endpoint answers: {words}.", "Retry later.")


def young(vm: Microvm, now: datetime) -> bool:
    """Whether the MicroVM was launched so lately that its endpoint may not answer yet."""
    return vm.state == PENDING or (vm.started_at is not None and now - vm.started_at < YOUNG)
