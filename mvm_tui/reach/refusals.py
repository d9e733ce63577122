"""What the proxy in front of a MicroVM means by an answer that is not the app's.

Statuses and texts are those recorded (403, 502) or reported by those who ran the service: 401 and 403 for
tokens and ports, 429 over the rate or the connections of the size, 502 with ``MICROVM_CONNECT_FAILED`` for
one that is suspended or has ended and ``APP_CONNECT_FAILED`` for nothing on the port.
"""

from __future__ import annotations

from mvm_tui.model.errors import Denied, GatewayFault, Problem, Throttled
from mvm_tui.model.text import clean

ERROR_HEADER = "x-aws-proxy-error"
NO_TOKEN = "Request missing authentication"  # noqa: S105 - the service's text
WRONG_TOKEN = "Token authentication failed"  # noqa: S105 - the service's text
PORT_DENIED = "Access to port denied"
APP_CONNECT_FAILED = "APP_CONNECT_FAILED"
# The proxy's own texts are short: an app's page of errors is not looked through.
TEXT_LIMIT = 200


def from_proxy(status: int, error: str, text: str) -> bool:
    """Whether an answer is the proxy's, not the app's. `error` is `ERROR_HEADER`, `text` the body's start."""
    if error:
        return True
    said = text.strip()
    if status == 403:
        return said in (NO_TOKEN, WRONG_TOKEN, PORT_DENIED)
    return status in (401, 429, 502) and not said


def token_refused(status: int, error: str, text: str) -> bool:
    """Whether a new token may help."""
    return status in (401, 403) and from_proxy(status, error, text) and text.strip() != PORT_DENIED


def explain(status: int, error: str, text: str, port: int | None) -> Problem:
    """What the proxy's answer means and what to do about it."""
    problem = _explain(status, error, text.strip(), "the app's port" if port is None else f"port {port}")
    problem.code = clean(error, 100) or str(status)
    problem.operation = "the endpoint"
    return problem


def _explain(status: int, error: str, text: str, port: str) -> Problem:
    said = ", ".join(part for part in (f"HTTP {status}", clean(error, 100), clean(text, TEXT_LIMIT)) if part)
    why = f"The proxy says: {said}."
    if text == PORT_DENIED:
        fix = "Name another port, or launch one with HTTP_INGRESS."
        return Denied(f"The MicroVM lets nothing in to {port}.", why, fix)
    if status in (401, 403):
        return Denied("The endpoint's token was not accepted.", why, "Retry: a new one is asked for.")
    if status == 429:
        fix = "Send fewer requests at a time, or use a larger size."
        return Throttled("The MicroVM's limit of requests or connections is reached.", why, fix)
    if error == APP_CONNECT_FAILED:
        fix = "See that the app listens there: mvm-tui logs shows what it says, --port names another."
        return GatewayFault(f"Nothing answers on {port} of the MicroVM.", why, fix)
    fix = "Look at its state with mvm-tui get; resume it if it is suspended."
    why = f"{why} It is starting, suspended, or has ended."
    return GatewayFault("The MicroVM cannot be reached.", why, fix)
