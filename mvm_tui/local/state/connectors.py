"""The network connectors of one region: those of the account, and the rules for managed ones."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mvm_tui.local.state.arns import connector_arn
from mvm_tui.local.state.errors import connector_not_found, invalid, not_found
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.model.connectors import (
    ALL_INGRESS,
    HTTP_INGRESS,
    INTERNET_EGRESS,
    NO_INGRESS,
    SHELL_INGRESS,
    managed_arn,
)

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region

PENDING = "PENDING"
ACTIVE = "ACTIVE"
DELETING = "DELETING"

# No source says how long these take; a recording saw PENDING, then ACTIVE within its polls.
CREATE_SECONDS = 5.0
DELETE_SECONDS = 5.0

_INGRESS = frozenset({HTTP_INGRESS, SHELL_INGRESS, ALL_INGRESS, NO_INGRESS})
_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:(?P<account>\d{12}|aws):network-connector:(?P<rest>.+)")
_MANAGED = re.compile(r"aws-network-connector:(?P<name>[A-Z_]+)")


@dataclass(slots=True, eq=False)
class ConnectorRecord:
    """A VPC egress connector. `configuration` is as it was sent."""

    id: str
    arn: str
    name: str
    configuration: dict[str, Any]
    role: str | None
    state: str
    modified_at: datetime
    state_reason: str = "Initial creation"
    update_reason: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    number: int = 0


class ConnectorStore:
    """The account's connectors by id, and what a launch may name."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._timing = region.cloud.timing
        self._connectors: dict[str, ConnectorRecord] = {}
        self._numbers = itertools.count()

    def __iter__(self) -> Iterator[ConnectorRecord]:
        return iter(self._connectors.values())

    def get(self, identifier: str) -> ConnectorRecord:
        """By id, name or ARN. Raises ResourceNotFoundException in lambda-core's spelling."""
        bare = identifier.rpartition(":")[2]
        found = self._connectors.get(bare) or next((one for one in self if one.name == bare), None)
        if found is None:
            raise connector_not_found(connector_arn(self._region, bare))
        return found

    def create(self, params: Mapping[str, Any]) -> ConnectorRecord:
        """A connector that becomes ACTIVE a little later."""
        name = params["Name"].rpartition(":")[2]
        if any(one.name == name for one in self):
            raise ServiceError("ResourceConflictException", 409, f"Network connector already exists: {name}")
        connector_id = f"nc-{uuid.uuid4()}"
        connector = ConnectorRecord(
            connector_id,
            connector_arn(self._region, connector_id),
            name,
            params["Configuration"],
            params.get("OperatorRole"),
            PENDING,
            self._timing.now(),
            tags=dict(params.get("Tags") or {}),
        )
        self.put(connector)
        self._timing.call_later(CREATE_SECONDS, self._created, connector)
        return connector

    def put(self, connector: ConnectorRecord) -> None:
        """Put in a connector as it stands; it is listed after those that are there."""
        connector.number = next(self._numbers)
        self._connectors[connector.id] = connector

    def update(self, identifier: str, params: Mapping[str, Any]) -> ConnectorRecord:
        """Change configuration or role; says so when nothing changes."""
        connector = self.get(identifier)
        if connector.state != ACTIVE:
            raise ServiceError(
                "ResourceConflictException", 409, f"Network connector is in state {connector.state}"
            )
        configuration = params.get("Configuration", connector.configuration)
        role = params.get("OperatorRole", connector.role)
        same = (configuration, role) == (connector.configuration, connector.role)
        connector.configuration, connector.role = configuration, role
        connector.update_reason = "No configuration changes detected" if same else "Update completed"
        connector.modified_at = self._timing.now()
        return connector

    def delete(self, identifier: str) -> ConnectorRecord:
        """Start deleting a connector; one that is being deleted stays so."""
        connector = self.get(identifier)
        if connector.state != DELETING:
            connector.state = DELETING
            self._timing.call_later(DELETE_SECONDS, self._connectors.pop, connector.id, None)
        return connector

    def ingress(self, asked: Sequence[str] | None) -> tuple[str, ...]:
        """The ingress connectors of a launch: HTTP unless asked otherwise.

        Raises:
            ServiceError: ValidationException for unknown ones and for combinations that are not allowed.
        """
        if not asked:
            return (managed_arn(HTTP_INGRESS, self._region.name),)
        names = [self._managed_name(arn) for arn in asked]
        if any(name not in _INGRESS for name in names):
            raise invalid("Unrecognized managed network connector ARN")
        if ALL_INGRESS in names and len(names) > 1:
            raise invalid(
                "ALL_INGRESS cannot be combined with other ingress network connectors; "
                "use HTTP_INGRESS and/or SHELL_INGRESS instead"
            )
        if NO_INGRESS in names and len(names) > 1:
            raise invalid("NO_INGRESS cannot be combined with other ingress network connectors")
        return tuple(asked)

    def egress(self, asked: Sequence[str] | None) -> tuple[str, ...]:
        """The egress connectors of a launch or an image: the internet unless asked otherwise.

        Raises:
            ServiceError: ValidationException for an unknown or malformed ARN or a connector that is not
                ACTIVE, ResourceNotFoundException for one the account does not have.
        """
        if not asked:
            return (managed_arn(INTERNET_EGRESS, self._region.name),)
        for arn in asked:
            name = self._managed_name(arn)
            if name is None:
                self._check_own(arn)
            elif name != INTERNET_EGRESS:
                raise invalid("Unrecognized managed network connector ARN")
        return tuple(asked)

    def _managed_name(self, arn: str) -> str | None:
        """The name of a managed connector; None for one of the account's own."""
        match = _ARN.fullmatch(arn)
        if match is None:
            raise invalid("Malformed network connector ARN")
        if match["account"] != "aws":
            return None
        managed = _MANAGED.fullmatch(match["rest"])
        return managed["name"] if managed else ""

    def _check_own(self, arn: str) -> None:
        connector = next((one for one in self if one.arn == arn), None)
        if connector is None:
            raise not_found(f"Network connector not found for: {arn}")
        if connector.state != ACTIVE:
            raise invalid(f"Network connector {arn} is in state {connector.state}")

    def _created(self, connector: ConnectorRecord) -> None:
        if connector.state == PENDING:
            connector.state = ACTIVE
            connector.modified_at = self._timing.now()
