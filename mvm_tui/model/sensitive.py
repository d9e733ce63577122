"""Members that the service's model marks sensitive, and how they are masked.

The names are those of the `lambda-microvms` model (shapes with the trait ``sensitive``); a test compares.
"""

from __future__ import annotations

from typing import Any

MASK = "••••••••"
SENSITIVE_MEMBERS = frozenset({"runHookPayload"})
# Maps and lists of these members hold sensitive values under names of their own.
SENSITIVE_VALUES = frozenset({"authToken", "environmentVariables"})


def masked(answer: Any) -> Any:
    """A copy of a request's or an answer's members with every sensitive value replaced by dots."""
    if isinstance(answer, dict):
        return {name: _masked_member(name, value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [masked(item) for item in answer]
    return answer


def _masked_member(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in SENSITIVE_MEMBERS:
        return MASK
    if name in SENSITIVE_VALUES:
        return dict.fromkeys(value, MASK) if isinstance(value, dict) else MASK
    return masked(value)
