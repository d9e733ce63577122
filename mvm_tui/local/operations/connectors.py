"""VPC network connectors, as lambda-core answers them: unset members are left out."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.operations.replay import replayed
from mvm_tui.local.state.connectors import ConnectorRecord
from mvm_tui.local.state.paging import cut_page
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "lambda-core"


def _reused(message: str) -> ServiceError:
    return ServiceError("ResourceConflictException", 409, message)


@operation(_SERVICE, "CreateNetworkConnector")
@replayed("ClientToken", _reused)
async def create_connector(call: Call) -> dict[str, Any]:
    return _describe(call.region.connectors.create(call.params))


@operation(_SERVICE, "GetNetworkConnector")
async def get_connector(call: Call) -> dict[str, Any]:
    connector = call.region.connectors.get(call.params["Identifier"])
    members = _describe(connector) | {"LastModified": connector.modified_at}
    if connector.update_reason is None:
        return members | {"StateReason": connector.state_reason}
    return members | _last_update(connector)


@operation(_SERVICE, "ListNetworkConnectors")
async def list_connectors(call: Call) -> dict[str, Any]:
    wanted = call.params.get("State")
    scope = f"{call.region.name} {call.operation} {wanted}"
    position = call.cloud.cursors.read(scope, call.params.get("Marker"))
    entries = ((one.number, one) for one in call.region.connectors)
    page, following = cut_page(entries, position, call.params.get("MaxItems") or 50)
    answer: dict[str, Any] = {
        "NetworkConnectors": [_list_item(one) for one in page if wanted in (None, one.state)]
    }
    if following is not None:
        answer["NextMarker"] = call.cloud.cursors.write(scope, following)
    return answer


@operation(_SERVICE, "UpdateNetworkConnector")
@replayed("ClientToken", _reused)
async def update_connector(call: Call) -> dict[str, Any]:
    connector = call.region.connectors.update(call.params["Identifier"], call.params)
    return _describe(connector) | {"LastModified": connector.modified_at} | _last_update(connector)


@operation(_SERVICE, "DeleteNetworkConnector")
async def delete_connector(call: Call) -> dict[str, Any]:
    return _describe(call.region.connectors.delete(call.params["Identifier"]))


def _describe(connector: ConnectorRecord) -> dict[str, Any]:
    members = {
        "Arn": connector.arn,
        "Configuration": connector.configuration,
        "Id": connector.id,
        "Name": connector.name,
        "State": connector.state,
    }
    return members if connector.role is None else members | {"OperatorRole": connector.role}


def _last_update(connector: ConnectorRecord) -> dict[str, Any]:
    return {"LastUpdateStatus": "Successful", "LastUpdateStatusReason": connector.update_reason}


def _list_item(connector: ConnectorRecord) -> dict[str, Any]:
    return {
        "Arn": connector.arn,
        "Id": connector.id,
        "LastModified": connector.modified_at,
        "Name": connector.name,
        "State": connector.state,
        "Type": "VPC_EGRESS",
    }
