"""The Price List query API: what MicroVMs cost, in the service's own product format.

Rates and their sources are in `pricing.toml` beside this file; regions without published rates have no
products, as a client must expect.
"""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any

from mvm_tui.local.operations.cursors import BadCursor, page_at
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Call, operation

_SERVICE = "AWSLambda"
_FORMAT = "aws_v1"
_PAGE = 100
# The codes of on-demand terms and of rates per unit, the same for every product of the Price List.
_ON_DEMAND = "JRTCKXETXF"
_PER_UNIT = "6YS6EN2CT7"


@operation("pricing", "DescribeServices")
async def describe_services(call: Call) -> dict[str, Any]:
    _check_service(call.params.get("ServiceCode", _SERVICE))
    attributes = {name for product in _products() for name in product["product"]["attributes"]}
    names = sorted(attributes | {"productFamily", "termType"})
    return {"Services": [{"ServiceCode": _SERVICE, "AttributeNames": names}], "FormatVersion": _FORMAT}


@operation("pricing", "GetProducts")
async def get_products(call: Call) -> dict[str, Any]:
    params = call.params
    _check_service(params["ServiceCode"])
    wanted = params.get("Filters", [])
    found = [product for product in _products() if all(_matches(product, condition) for condition in wanted)]
    try:
        page, cursor = page_at(found, params.get("NextToken"), params.get("MaxResults", _PAGE))
    except BadCursor:
        raise ServiceError("InvalidNextTokenException", 400, "Invalid NextToken") from None
    answer: dict[str, Any] = {
        "FormatVersion": _FORMAT,
        "PriceList": [json.dumps(product, separators=(",", ":")) for product in page],
    }
    return answer if cursor is None else answer | {"NextToken": cursor}


def _check_service(code: str) -> None:
    if code != _SERVICE:
        raise ServiceError("NotFoundException", 400, f"The local cloud has no prices of service {code}")


def _matches(product: Mapping[str, Any], condition: Mapping[str, str]) -> bool:
    attributes = product["product"]["attributes"]
    field, value = condition["Field"], condition["Value"]
    described = {**attributes, "productFamily": product["product"]["productFamily"], "termType": "OnDemand"}
    given = {name.lower(): text for name, text in described.items()}.get(field.lower())
    if given is None:
        return False
    listed = [item.strip() for item in value.split(",")]
    kind = condition["Type"]
    if kind == "CONTAINS":
        return value in given
    if kind in ("ANY_OF", "NONE_OF"):
        return (given in listed) == (kind == "ANY_OF")
    return bool(given == value)


@functools.cache
def _products() -> tuple[dict[str, Any], ...]:
    """Every product of the Price List, read on first use."""
    data = tomllib.loads((resources.files(__package__) / "pricing.toml").read_text("utf-8"))
    return tuple(
        _product(data["groups"][kind], name, region, rate, data["published"])
        for name, region in data["regions"].items()
        for kind, rate in region["rates"].items()
    )


def _product(
    group: Mapping[str, str], region_code: str, region: Mapping[str, str], rate: str, published: str
) -> dict[str, Any]:
    usage = region["prefix"] + group["group"].removeprefix("AWS-")
    # A product's identifier is 16 characters that stay the same from publication to publication.
    sku = hashlib.sha256(usage.encode()).hexdigest()[:16].upper()
    offer = f"{sku}.{_ON_DEMAND}"
    attributes = {
        "servicecode": _SERVICE,
        "location": region["location"],
        "locationType": "AWS Region",
        "group": group["group"],
        "groupDescription": group["text"],
        "usagetype": usage,
        "operation": "",
        "regionCode": region_code,
        "servicename": "AWS Lambda",
    }
    dimension = {
        "unit": group["unit"],
        "endRange": "Inf",
        "description": f"${rate} per {group['text']} in {region['location']}",
        "appliesTo": [],
        "rateCode": f"{offer}.{_PER_UNIT}",
        "beginRange": "0",
        "pricePerUnit": {"USD": rate},
    }
    term = {
        "priceDimensions": {dimension["rateCode"]: dimension},
        "sku": sku,
        "effectiveDate": published,
        "offerTermCode": _ON_DEMAND,
        "termAttributes": {},
    }
    return {
        "product": {"productFamily": "Serverless", "attributes": attributes, "sku": sku},
        "serviceCode": _SERVICE,
        "terms": {"OnDemand": {offer: term}},
        "version": f"{datetime.fromisoformat(published):%Y%m%d%H%M%S}",
        "publicationDate": published,
    }
