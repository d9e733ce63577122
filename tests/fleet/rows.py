"""MicroVMs and rows for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import Details, Microvm

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"


def vm(number: int = 1, state: str = "RUNNING", started: datetime | None = NOON) -> Microvm:
    """A MicroVM as a listing shows it."""
    return Microvm(f"microvm-{number:04d}", state, ARN, "1.0", started)


def detailed(number: int = 1, state: str = "RUNNING", reason: str | None = None) -> Microvm:
    """A MicroVM as it is read by itself."""
    listed = vm(number, state)
    details = Details("host.example.test", 28_800, None, state_reason=reason)
    return Microvm(listed.id, state, ARN, "1.0", NOON, details)


def row(number: int = 1, state: str = "RUNNING", name: str = "", started: datetime | None = NOON) -> FleetRow:
    return FleetRow(vm(number, state, started), name)
