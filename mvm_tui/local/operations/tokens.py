"""Tokens for a MicroVM's endpoint and for its shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from mvm_tui.local.state.errors import invalid
from mvm_tui.local.state.microvms import MicrovmRecord
from mvm_tui.local.state.tokens import Kind
from mvm_tui.local.wire.operations import Call, operation
from mvm_tui.model.connectors import shell_possible
from mvm_tui.model.microvm import TERMINATED

_SERVICE = "lambda-microvms"
# Measured on the endpoint token by rayito; the shell token is documented with the same cap.
MAX_MINUTES = 60


@operation(_SERVICE, "CreateMicrovmAuthToken")
async def create_auth_token(call: Call) -> dict[str, Any]:
    vm = _living(call)
    return _minted(call, vm, _ports(call.params["allowedPorts"]), "http")


@operation(_SERVICE, "CreateMicrovmShellAuthToken")
async def create_shell_auth_token(call: Call) -> dict[str, Any]:
    vm = _living(call)
    if not shell_possible(vm.launch.ingress):
        raise invalid(
            "Shell access requires SHELL_INGRESS network connector to be configured on the MicroVM."
        )
    return _minted(call, vm, None, "shell")


def _living(call: Call) -> MicrovmRecord:
    vm = call.region.microvms.get(call.params["microvmIdentifier"])
    if vm.state == TERMINATED:
        raise invalid(f"The MicroVM {vm.id} has been terminated and its state cannot be changed.")
    return vm


def _minted(
    call: Call, vm: MicrovmRecord, ports: Sequence[tuple[int, int]] | None, kind: Kind
) -> dict[str, Any]:
    minutes: int = call.params["expirationInMinutes"]
    if minutes > MAX_MINUTES:
        raise invalid(f"ExpirationMinutes {minutes} exceeded max allowed of {MAX_MINUTES}.")
    token = call.cloud.tokens.mint(vm.id, ports, kind, timedelta(minutes=minutes))
    return {"authToken": {"X-aws-proxy-auth": token}}


def _ports(allowed: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]] | None:
    """Inclusive ranges; None for all ports."""
    ranges: list[tuple[int, int]] = []
    for entry in allowed:
        if "allPorts" in entry:
            return None
        if "port" in entry:
            ranges.append((entry["port"], entry["port"]))
        elif "range" in entry:
            ranges.append((entry["range"]["startPort"], entry["range"]["endPort"]))
    return ranges
