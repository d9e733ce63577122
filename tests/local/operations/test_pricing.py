from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.operations.conftest import Clients

VCPU = "AWS-Lambda-MicroVM-vCPU-Second-ARM"


def products(
    clients: Clients, *conditions: tuple[str, str], kind: str = "TERM_MATCH"
) -> list[dict[str, Any]]:
    filters = [{"Type": kind, "Field": field, "Value": value} for field, value in conditions]
    pages = (
        clients("pricing")
        .get_paginator("get_products")
        .paginate(ServiceCode="AWSLambda", Filters=filters, PaginationConfig={"PageSize": 2})
    )
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def rate(product: dict[str, Any]) -> str:
    (term,) = product["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    usd: str = dimension["pricePerUnit"]["USD"]
    return usd


@pytest.mark.parametrize(
    ("region", "usd", "usage"),
    [
        ("us-east-1", "0.0000276944", "Lambda-MicroVM-vCPU-Second-ARM"),
        ("ap-northeast-1", "0.0000322421", "APN1-Lambda-MicroVM-vCPU-Second-ARM"),
    ],
)
def test_one_group_of_one_region_is_one_product(clients: Clients, region: str, usd: str, usage: str) -> None:
    (product,) = products(clients, ("regionCode", region), ("group", VCPU))
    assert rate(product) == usd
    assert product["serviceCode"] == "AWSLambda"
    assert product["product"]["productFamily"] == "Serverless"
    assert product["product"]["attributes"]["usagetype"] == usage


def test_a_region_has_the_products_it_has_rates_for(clients: Clients) -> None:
    assert len(products(clients, ("regionCode", "us-east-1"))) == 7
    assert len(products(clients, ("regionCode", "eu-central-1"))) == 2
    assert products(clients, ("regionCode", "eu-south-2")) == []
    assert products(clients, ("nonsense", "x")) == []


def test_other_kinds_of_conditions(clients: Clients) -> None:
    assert len(products(clients, ("regionCode", "us-east-1,us-east-2"), kind="ANY_OF")) == 14
    assert len(products(clients, ("regionCode", "us-east-1"), kind="NONE_OF")) == 38
    assert len(products(clients, ("group", "Snapshot-Read"), kind="CONTAINS")) == 5


def test_every_product_has_an_identifier_of_its_own(clients: Clients) -> None:
    everything = products(clients)
    assert len({product["product"]["sku"] for product in everything}) == len(everything) == 45
    assert all(float(rate(product)) > 0 for product in everything)


def test_the_service_describes_itself_and_no_other(clients: Clients) -> None:
    pricing = clients("pricing", "eu-central-1")
    (service,) = pricing.describe_services(ServiceCode="AWSLambda")["Services"]
    assert {"group", "regionCode", "usagetype"} <= set(service["AttributeNames"])
    with pytest.raises(ClientError) as caught:
        pricing.get_products(ServiceCode="AmazonEC2")
    assert caught.value.response["Error"]["Code"] == "NotFoundException"
