"""Rows for the benchmarks: the same number gives the same rows."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

from mvm_tui.model.connectors import HTTP_INGRESS, SHELL_INGRESS, managed_arn
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.microvm import Details, Microvm

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
_IMAGE = "arn:aws:lambda:us-east-1:000000000000:microvm-image:"
_STATES = ("RUNNING", "RUNNING", "RUNNING", "SUSPENDED", "SUSPENDING", "PENDING", "TERMINATED")


def sample_rows(count: int, seed: int = 7) -> list[FleetRow]:
    """`count` rows in every state, unsorted, with details."""
    chance = random.Random(seed)
    return [_row(chance, number) for number in range(count)]


def _row(chance: random.Random, number: int) -> FleetRow:
    ingress = [managed_arn(HTTP_INGRESS, "us-east-1")]
    if chance.random() < 0.8:
        ingress.append(managed_arn(SHELL_INGRESS, "us-east-1"))
    policy = IdlePolicy(900, 7200, True) if chance.random() < 0.7 else None
    details = Details("", 28_800, policy, tuple(ingress))
    vm = Microvm(
        id=f"microvm-{uuid.UUID(int=chance.getrandbits(128))}",
        state=chance.choice(_STATES),
        image_arn=_IMAGE + chance.choice(("hello-web", "worker", "devbox")),
        image_version=f"{chance.randint(1, 12)}.0",
        started_at=NOW - timedelta(seconds=chance.randint(0, 28_000)),
        details=details,
    )
    name = f"vm-{number}" if chance.random() < 0.5 else ""
    return FleetRow(vm, name, chance.choice((512, 1024, 2048, None)))
