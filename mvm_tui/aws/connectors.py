"""The account's own network connectors (VPC egress). Managed ones are not in this list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import listing, text
from mvm_tui.model.connectors import NetworkConnector


def connectors(connection: Connection) -> Iterator[list[NetworkConnector]]:
    """The connectors, page by page. Raises Problem."""
    client = connection.client("lambda-core")

    def call(more: dict[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.list_network_connectors(**more)
        return answer

    for page in listing(
        "ListNetworkConnectors", call, "NetworkConnectors", ask="Marker", answer="NextMarker"
    ):
        yield [_connector(item) for item in page]


def _connector(members: Mapping[str, Any]) -> NetworkConnector:
    return NetworkConnector(
        arn=text(members, "Arn"),
        id=text(members, "Id"),
        name=text(members, "Name"),
        state=text(members, "State"),
        type=text(members, "Type"),
    )
