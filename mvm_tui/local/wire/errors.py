"""The one way a handler says that the service answers with an error."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NONE: Mapping[str, object] = MappingProxyType({})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class ServiceError(Exception):
    """An answer the service gives as an error.

    `code` is the error type (`ResourceNotFoundException`), `status` the HTTP status, `message` its
    text (None is sent as null). `members` are further members of the body exactly as they go on
    the wire, such as `{"resourceId": None, "resourceType": None}`. `message_member` names the
    member that carries the text: `message` in most services, `Message` in lambda-core's not-found.
    """

    def __init__(
        self,
        code: str,
        status: int,
        message: str | None,
        members: Mapping[str, object] = _NONE,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        message_member: str = "message",
    ) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.code = code
        self.status = status
        self.message = message
        self.members = dict(members)
        self.headers = dict(headers)
        self.message_member = message_member

    def body(self) -> dict[str, object]:
        """The members of the answer, the text first."""
        return {self.message_member: self.message, **self.members}
