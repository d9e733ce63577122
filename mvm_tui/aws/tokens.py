"""Minting tokens: for a MicroVM's shell, and for the ports of its endpoint. Every call may raise Problem."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import MICROVMS, Connection
from mvm_tui.model.errors import GatewayFault
from mvm_tui.model.token import AccessToken

# The most the service takes: 61 was refused with "exceeded max allowed of 60." (rayito).
MAX_MINUTES = 60
# Inclusive ranges of ports; one port is a range of its own.
Ports = Sequence[tuple[int, int]]


def shell_token(connection: Connection, microvm_id: str, minutes: int = 15) -> AccessToken:
    """A token for the shell. Blocking; paced to the published five calls a second.

    Raises:
        NoShell: The MicroVM was launched without one.
        Conflict: The MicroVM's state forbids it, such as a suspension.
    """
    operation = "CreateMicrovmShellAuthToken"
    client = connection.client(MICROVMS)
    return _minted(
        connection,
        operation,
        minutes,
        lambda: client.create_microvm_shell_auth_token(
            microvmIdentifier=microvm_id, expirationInMinutes=minutes
        ),
    )


def port_token(
    connection: Connection, microvm_id: str, ports: Ports | None = None, minutes: int = 15
) -> AccessToken:
    """A token for these ports of the endpoint, None for all of them. Blocking."""
    operation = "CreateMicrovmAuthToken"
    client = connection.client(MICROVMS)
    return _minted(
        connection,
        operation,
        minutes,
        lambda: client.create_microvm_auth_token(
            microvmIdentifier=microvm_id, expirationInMinutes=minutes, allowedPorts=_allowed(ports)
        ),
    )


def _allowed(ports: Ports | None) -> list[dict[str, Any]]:
    if ports is None:
        return [{"allPorts": {}}]
    return [
        {"port": first} if first == last else {"range": {"startPort": first, "endPort": last}}
        for first, last in ports
    ]


def _minted(
    connection: Connection, operation: str, minutes: int, call: Callable[[], Mapping[str, Any]]
) -> AccessToken:
    # The wait is the budget's: zero unless tokens are asked for in a row.
    time.sleep(connection.budget.reserve(operation, background=False))
    asked_at = datetime.now(UTC)
    with explained(operation):
        answer = call().get("authToken")
        pairs = answer.items() if isinstance(answer, dict) else ()
        headers = tuple((name, value) for name, value in pairs if isinstance(value, str) and value)
        if not headers:
            why = "It holds no token."
            raise GatewayFault(f"The answer to {operation} could not be used.", why, "Retry a little later.")
        return AccessToken(headers, asked_at + timedelta(minutes=minutes))
