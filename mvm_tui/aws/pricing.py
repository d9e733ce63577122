"""What the Price List says MicroVMs cost. Every call may raise Problem.

The rates are found by `group` and `regionCode` (microvms-agentd, 2026): usage types carry a prefix that
differs by region. IAM: `pricing:GetProducts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import listing, text
from mvm_tui.model.rates import price

_SERVICE = "AWSLambda"


def prices(connection: Connection, groups: Iterable[str]) -> dict[str, str]:
    """Group → USD per unit as the list writes it, for the connection's region.

    A group that the list does not have there is left out. One call for each group.
    """
    client = connection.client("pricing")
    found: dict[str, str] = {}
    for group in groups:
        products = listing(
            "GetProducts",
            partial(_page, client, group, connection.region),
            "PriceList",
            ask="NextToken",
            answer="NextToken",
            kind=str,
        )
        for page in products:
            for product in page:
                usd = _price_of(product, group)
                # Of several products the dearest: rather too much than too little.
                if usd is not None and Decimal(usd) > Decimal(found.get(group, 0)):
                    found[group] = usd
    return found


def _page(client: Any, group: str, region: str, more: dict[str, Any]) -> Mapping[str, Any]:
    conditions = (("group", group), ("regionCode", region))
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in conditions]
    answer: Mapping[str, Any] = client.get_products(ServiceCode=_SERVICE, Filters=filters, **more)
    return answer


def _price_of(product: str, group: str) -> str | None:
    """The on-demand price of a product's first unit; None if it is of another group or holds none.

    What is free is a free tier's and not everybody's: it counts as none.
    """
    try:
        described = json.loads(product)
    except ValueError:
        return None
    attributes = _member(_member(described, "product"), "attributes")
    if text(attributes, "group") != group:
        return None
    for dimension in _dimensions(described):
        usd = text(_member(dimension, "pricePerUnit"), "USD")
        # Of a price that falls with the amount the first range is everybody's.
        if text(dimension, "beginRange") in ("", "0") and price(usd):
            return usd
    return None


def _dimensions(described: Any) -> Iterator[Mapping[str, Any]]:
    for term in _member(_member(described, "terms"), "OnDemand").values():
        for dimension in _member(term, "priceDimensions").values():
            if isinstance(dimension, dict):
                yield dimension


def _member(members: Any, name: str) -> Mapping[str, Any]:
    value = members.get(name) if isinstance(members, dict) else None
    return value if isinstance(value, dict) else {}
