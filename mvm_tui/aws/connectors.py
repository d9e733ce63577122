"""The account's own network connectors (VPC egress). Managed ones are not in this list."""

from __future__ import annotations

from collections.abc import Iterator

from mvm_tui.aws.session import Connection
from mvm_tui.model.connectors import NetworkConnector


def connectors(connection: Connection) -> Iterator[list[NetworkConnector]]:
    """The connectors, page by page. Raises Problem."""
    raise NotImplementedError
