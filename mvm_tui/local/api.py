"""One API call from its bytes to its answer: signature, route, faults, rate, members, handler."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl

import mvm_tui.local.operations  # noqa: F401  (its import registers the handlers)
from mvm_tui.local.faults import Fault, Faults
from mvm_tui.local.faulty_streams import faulty
from mvm_tui.local.payload import checked_body, declared_hash, hash_of
from mvm_tui.local.rates import Rates
from mvm_tui.local.sigv4 import Claim, SignedRequest, Verifier, read_claim
from mvm_tui.local.sigv4_errors import SignatureProblem
from mvm_tui.local.wire import failures, routes
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.models import Operation
from mvm_tui.local.wire.operations import Call, handler_for
from mvm_tui.local.wire.parse import WireRequest, parse
from mvm_tui.local.wire.serialise import WireAnswer, serialise, serialise_error
from mvm_tui.local.wire.validate import validate

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Cloud, Region

logger = logging.getLogger(__name__)

# Lambda refuses larger requests; S3 takes more, and this cloud keeps objects in memory.
_MAX_BODY = 6 * 1024 * 1024
_MAX_OBJECT = 512 * 1024 * 1024

_GATEWAY_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)

# Reads a request's body up to so many bytes; None if it is larger.
ReadBody = Callable[[int], Awaitable[bytes | None]]


@dataclass(slots=True)
class ApiRequest:
    """A request to the API. `bucket` is what an S3 request in virtual-host style names in its host."""

    signed: SignedRequest
    read_body: ReadBody
    bucket: str = ""


@dataclass(slots=True)
class ApiAnswer:
    """What goes back, and the faults that the sending of it suffers."""

    wire: WireAnswer
    half_sent: bool = False
    trickle_seconds: float = 0.0


@dataclass(slots=True)
class _Context:
    """What is known of a request so far; decides in which protocol an error is written."""

    request_id: str
    protocol: str = "rest-json"


class Api:
    """The services of one cloud behind the run's key."""

    def __init__(self, cloud: Cloud, verifier: Verifier, rates: Rates, faults: Faults) -> None:
        self._cloud = cloud
        self._verifier = verifier
        self._rates = rates
        self._faults = faults

    async def answer(self, request: ApiRequest) -> ApiAnswer:
        """The answer to a request, whatever it is: nothing is raised."""
        context = _Context(str(uuid.uuid4()))
        try:
            return await self._call(request, context)
        except SignatureProblem as problem:
            error = problem.as_service_error(context.protocol)
        except ServiceError as raised:
            error = raised
        return ApiAnswer(serialise_error(context.protocol, error, context.request_id))

    async def _call(self, request: ApiRequest, context: _Context) -> ApiAnswer:
        context.protocol = _likely_protocol(request)
        claim = read_claim(request.signed)
        context.protocol = routes.protocol_of(claim.service)
        body = await self._proven_body(request, claim)
        region = self._cloud.region(claim.region)
        wire, operation = _routed(request, claim, body, context.protocol)
        struck = self._faults.strike(operation.name)
        answer = await self._struck(operation, struck)
        if answer is None:
            self._throttle(operation, claim.region)
            answer = await self._performed(operation, region, wire, context.request_id)
        if answer.stream is not None:
            answer.stream.pieces = faulty(answer.stream.pieces, struck)
            return ApiAnswer(answer)
        trickle = struck["slow-page"].value if "slow-page" in struck else 0.0
        return ApiAnswer(answer, "half-body" in struck, trickle)

    async def _proven_body(self, request: ApiRequest, claim: Claim) -> bytes:
        """The body, once the signature is proven to cover it; S3's hash is proven before the body is read."""
        declared = declared_hash(request.signed, claim)
        if declared is None:
            body = await _read(request, _MAX_BODY)
            self._verifier.verify(request.signed, claim, hash_of(body))
            return body
        self._verifier.verify(request.signed, claim, declared)
        body = await _read(request, _MAX_OBJECT)
        return checked_body(request.signed, claim, declared, self._verifier.signing_key(claim), body)

    async def _struck(self, operation: Operation, struck: dict[str, Fault]) -> WireAnswer | None:
        """The answer that a fault gives in the place of the operation, if one does."""
        if not struck:
            return None
        service = operation.service
        if "latency" in struck:
            await asyncio.sleep(struck["latency"].value)
        if "html502" in struck:
            return WireAnswer(502, _GATEWAY_PAGE, {"Content-Type": "text/html"})
        if "expired" in struck:
            raise SignatureProblem("expired-token")
        if "throttle" in struck:
            raise failures.throttled(service.name, operation.name, 1)
        if "error" in struck:
            error = failures.internal(service.name)
            error.status = int(struck["error"].value) or error.status
            raise error
        return None

    async def _performed(
        self, operation: Operation, region: Region, wire: WireRequest, request_id: str
    ) -> WireAnswer:
        service, name = operation.service.name, operation.name
        handler = handler_for(service, name)
        if handler is None:
            raise failures.not_written(name)
        try:
            params = parse(operation, wire)
            validate(operation, params)
            call = Call(self._cloud, region, service, name, params, request_id, wire.body)
            return serialise(operation, await handler(call), request_id)
        except ServiceError:
            raise
        except Exception:
            logger.exception("%s %s failed", service, name)
            raise failures.internal(service) from None

    def _throttle(self, operation: Operation, region: str) -> None:
        wait = self._rates.take(operation.service.name, operation.name, region)
        if wait:
            raise failures.throttled(operation.service.name, operation.name, wait)


async def _read(request: ApiRequest, limit: int) -> bytes:
    body = await request.read_body(limit)
    if body is None:
        _too_large()
    return body


def _too_large() -> NoReturn:
    raise ServiceError("RequestEntityTooLargeException", 413, "The request is too large.")


def _routed(request: ApiRequest, claim: Claim, body: bytes, protocol: str) -> tuple[WireRequest, Operation]:
    """The request as the parsers want it and the operation it asks for."""
    signed = request.signed
    query = parse_qsl(signed.raw_query, keep_blank_values=True)
    headers = {name: ",".join(values) for name, values in signed.headers.items()}
    if protocol == "json":
        asked = headers.get("x-amz-target", "")
        match = routes.match_target(claim.service, asked)
    elif protocol == "query":
        if signed.method == "POST":
            query += parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
        asked = dict(query).get("Action", "")
        match = routes.match_action(claim.service, dict(query))
    else:
        path = _bucket_path(request) if protocol == "rest-xml" else signed.raw_path
        asked = path
        match = routes.match_rest(claim.service, signed.method, path, dict(query), headers)
    if match is None:
        raise failures.unknown_operation(protocol, asked)
    return WireRequest(match.labels, query, headers, body), match.operation


def _bucket_path(request: ApiRequest) -> str:
    """An S3 path in path style, without the slash that may follow a bucket."""
    path = request.signed.raw_path
    if request.bucket:
        path = f"/{request.bucket}{path}"
    return path[:-1] if path.count("/") == 2 and path.endswith("/") else path


def _likely_protocol(request: ApiRequest) -> str:
    """The protocol in which to refuse a request that does not even say who signed it."""
    if request.bucket:
        return "rest-xml"
    return "json" if "x-amz-target" in request.signed.headers else "rest-json"
