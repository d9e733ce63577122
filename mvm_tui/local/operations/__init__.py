"""The handlers of the services' operations; importing this package registers them all."""

from mvm_tui.local.operations import (
    connectors,
    images,
    live_tail,
    logs,
    managed,
    microvms,
    pricing,
    s3,
    s3_uploads,
    service_quotas,
    sts,
    tags,
    tokens,
    versions,
)

__all__ = [
    "connectors",
    "images",
    "live_tail",
    "logs",
    "managed",
    "microvms",
    "pricing",
    "s3",
    "s3_uploads",
    "service_quotas",
    "sts",
    "tags",
    "tokens",
    "versions",
]
