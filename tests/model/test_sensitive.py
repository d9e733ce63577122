"""Masking covers what the service's own model marks sensitive."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape

from mvm_tui.model.sensitive import MASK, SENSITIVE_MEMBERS, SENSITIVE_VALUES, masked


def _is_sensitive(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


def _members(model: ServiceModel) -> dict[str, Shape]:
    """Member name → shape, over all structures of the service."""
    found: dict[str, Shape] = {}
    for name in model.shape_names:
        shape = model.shape_for(name)
        if shape.type_name == "structure":
            found.update(shape.members)  # type: ignore[attr-defined]
    return found


def test_the_names_are_those_of_the_services_model() -> None:
    members = _members(botocore.session.Session().get_service_model("lambda-microvms"))
    assert {name for name, shape in members.items() if _is_sensitive(shape)} == SENSITIVE_MEMBERS
    maps = {name: shape for name, shape in members.items() if shape.type_name == "map"}
    assert {name for name, shape in maps.items() if _is_sensitive(shape.value)} == SENSITIVE_VALUES  # type: ignore[attr-defined]


def test_values_are_masked_wherever_they_are_and_nothing_else_is() -> None:
    answer: dict[str, Any] = {
        "microvmId": "m-1",
        "runHookPayload": "secret",
        "builds": [{"environmentVariables": {"KEY": "secret"}, "state": "FAILED"}],
        "authToken": {"X-aws-proxy-auth": "secret"},
        "idlePolicy": None,
    }
    hidden = masked(answer)
    assert "secret" not in str(hidden)
    assert hidden["microvmId"] == "m-1"
    assert hidden["builds"][0] == {"environmentVariables": {"KEY": MASK}, "state": "FAILED"}
    assert hidden["idlePolicy"] is None
    assert answer["runHookPayload"] == "secret"
    assert masked({"runHookPayload": None}) == {"runHookPayload": None}
