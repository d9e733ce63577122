"""Network connectors: what a MicroVM lets in and out.

Managed connectors are ARNs of the form
``arn:<partition>:lambda:<region>:aws:network-connector:aws-network-connector:<NAME>``
(Lambda Developer Guide, MicroVM networking). Unknown ones are shown by name and never refused here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HTTP_INGRESS = "HTTP_INGRESS"
SHELL_INGRESS = "SHELL_INGRESS"
ALL_INGRESS = "ALL_INGRESS"
NO_INGRESS = "NO_INGRESS"
INTERNET_EGRESS = "INTERNET_EGRESS"


@dataclass(frozen=True, slots=True)
class NetworkConnector:
    """A VPC connector of the account, as `ListNetworkConnectors` shows it."""

    arn: str
    id: str
    name: str
    state: str
    type: str = ""

    @property
    def usable(self) -> bool:
        return self.state == "ACTIVE"


def managed_arn(name: str, region: str, partition: str = "aws") -> str:
    """The ARN of a managed connector, e.g. of ``SHELL_INGRESS``."""
    return f"arn:{partition}:lambda:{region}:aws:network-connector:aws-network-connector:{name}"


def connector_name(arn: str) -> str:
    """The last part of a connector's ARN: ``HTTP_INGRESS``, ``nc-0f…``."""
    return arn.rpartition(":")[2]


def http_possible(ingress: Iterable[str]) -> bool:
    """Whether the endpoint lets HTTP in. A connector unknown to us may, and no list at all tells nothing."""
    names = {connector_name(arn) for arn in ingress}
    return not names or not names <= {NO_INGRESS, SHELL_INGRESS}


def shell_possible(ingress: Iterable[str]) -> bool:
    """Whether a shell can be opened: only `SHELL_INGRESS` gives one, `ALL_INGRESS` does not."""
    names = {connector_name(arn) for arn in ingress}
    return SHELL_INGRESS in names and ALL_INGRESS not in names
