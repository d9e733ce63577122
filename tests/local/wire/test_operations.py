"""The registry of handlers and the shape of errors."""

from __future__ import annotations

from typing import Any

import pytest

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call, handler_for, operation


async def handler(call: Call) -> dict[str, Any]:
    return {"Id": call.request_id}


def test_a_handler_is_found_by_service_and_name_and_registered_once() -> None:
    register = operation("a-test-service", "DoThings")
    assert register(handler) is handler
    assert handler_for("a-test-service", "DoThings") is handler
    assert handler_for("a-test-service", "DoOtherThings") is None
    assert handler_for("another-service", "DoThings") is None
    with pytest.raises(ValueError, match="has a handler already"):
        register(handler)


def test_an_error_says_its_text_first_and_then_its_members() -> None:
    error = ServiceError("ResourceNotFoundException", 404, "gone", {"resourceId": None})
    assert list(error.body().items()) == [("message", "gone"), ("resourceId", None)]
    assert ServiceError("X", 404, None, message_member="Message").body() == {"Message": None}
    assert str(error) == "ResourceNotFoundException (404): gone"


def test_errors_do_not_share_their_members() -> None:
    first = ServiceError("X", 400, "one")
    first.members["more"] = 1
    first.headers["More"] = "1"
    second = ServiceError("X", 400, "two")
    assert (second.members, second.headers) == ({}, {})
