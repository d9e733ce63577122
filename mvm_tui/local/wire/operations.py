"""The registry of operations the local cloud can answer, and what a handler is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Cloud, Region


@dataclass(slots=True)
class Call:
    """One parsed and validated request.

    `params` holds Python values under the member names of the botocore model: blobs as bytes,
    timestamps as aware datetimes; members that were not sent are absent. `body` is the raw request
    body, which S3 uploads need.
    """

    cloud: Cloud
    region: Region
    service: str
    operation: str
    params: dict[str, Any]
    request_id: str
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """An answer that says more than its members: a status or headers of its own, or raw bytes."""

    body: bytes | dict[str, Any]
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class EventReply:
    """An answer that goes on: events as (member of the output's event stream, its content) pairs.

    A ServiceError that the iterator raises ends the stream as its exception. `close` is called when nobody
    reads it any more, even if nobody ever did.
    """

    events: AsyncIterator[tuple[str, dict[str, Any]]]
    close: Callable[[], Awaitable[None]]


Answer: TypeAlias = dict[str, Any] | Reply | EventReply
Handler = Callable[[Call], Awaitable[Answer]]

_handlers: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register the decorated coroutine function as the handler of `service`'s operation `name`.

    A second registration of the same operation is a mistake in this package: ValueError.
    """

    def register(handler: Handler) -> Handler:
        if (service, name) in _handlers:
            raise ValueError(f"{service} {name} has a handler already")
        _handlers[service, name] = handler
        return handler

    return register


def handler_for(service: str, name: str) -> Handler | None:
    """The handler of an operation; None when it is modelled but not written (the answer is 501)."""
    return _handlers.get((service, name))
