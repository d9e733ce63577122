"""botocore's own serialisers and parsers: the other end of the wire."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from botocore.awsrequest import HeadersDict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from mvm_tui.local.wire import routes
from mvm_tui.local.wire.models import Operation, service
from mvm_tui.local.wire.parse import WireRequest, parse
from mvm_tui.local.wire.serialise import WireAnswer

SCOPES = {"lambda-microvms": "lambda", "lambda-core": "lambda", "service-quotas": "servicequotas"}


@cache
def service_model(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def operation_model(service_name: str, name: str) -> OperationModel:
    return service_model(service_name).operation_model(name)


def operation(service_name: str, name: str) -> Operation:
    return service(service_name).operation(name)


def request(service_name: str, name: str, params: dict[str, Any]) -> dict[str, Any]:
    """The HTTP request that botocore writes: method, url_path, query_string, headers, body."""
    model = operation_model(service_name, name)
    return dict(
        create_serializer(model.service_model.protocol, include_validation=False).serialize_to_request(
            params, model
        )
    )


def received(service_name: str, name: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The operation and the members that the server reads from what botocore writes."""
    written = request(service_name, name, params)
    headers = {key.lower(): value for key, value in written["headers"].items()}
    body = written["body"]
    if isinstance(body, dict):
        body = urlencode(body).encode()
    if isinstance(body, str):
        body = body.encode()
    path, _, literal = written["url_path"].partition("?")
    pairs = parse_qsl(literal, keep_blank_values=True) + _pairs(written["query_string"])
    scope = SCOPES.get(service_name, service_name)
    match routes.protocol_of(scope):
        case "json":
            match_ = routes.match_target(scope, headers["x-amz-target"])
        case "query":
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
            match_ = routes.match_action(scope, dict(pairs))
        case _:
            match_ = routes.match_rest(scope, written["method"], path, dict(pairs), headers)
    assert match_ is not None
    return match_.operation.name, parse(
        match_.operation, WireRequest(match_.labels, pairs, headers, body or b"")
    )


def _pairs(query: Any) -> list[tuple[str, str]]:
    return parse_qsl(urlencode(query, doseq=True), keep_blank_values=True) if query else []


def understood(service_name: str, name: str, answer: WireAnswer) -> dict[str, Any]:
    """What botocore reads from an answer, without its metadata."""
    model = operation_model(service_name, name)
    parser = create_parser(model.service_model.protocol)
    response = {"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": answer.body}
    shape = model.output_shape
    assert shape is not None
    parsed = dict(parser.parse(response, shape))
    parsed.pop("ResponseMetadata", None)
    return parsed
