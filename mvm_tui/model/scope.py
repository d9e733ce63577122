"""Whose MicroVMs: the key under which everything remembered is kept apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One account in one region behind one endpoint. `endpoint` is empty for AWS itself."""

    partition: str
    account: str
    region: str
    endpoint: str = ""
