"""STS and Service Quotas."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local.operations.conftest import Clients

MEMORY = "L-CD1C0CC4"
RUN_RATE = "L-535CA9B6"


def test_the_caller_is_a_user_of_the_account(clients: Clients) -> None:
    identity = clients("sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"] == "arn:aws:iam::000000000000:user/local"
    assert identity["UserId"].startswith("AIDA")


@pytest.mark.parametrize(("region", "published"), [("us-east-1", 1024.0), ("eu-west-1", 400.0)])
def test_applied_and_published_memory_differ(clients: Clients, region: str, published: float) -> None:
    quotas = clients("service-quotas", region)
    applied = quotas.get_service_quota(ServiceCode="lambda", QuotaCode=MEMORY)["Quota"]
    default = quotas.get_aws_default_service_quota(ServiceCode="lambda", QuotaCode=MEMORY)["Quota"]
    assert (applied["Value"], default["Value"]) == (8.0, published)
    assert applied["QuotaArn"] == f"arn:aws:servicequotas:{region}:000000000000:lambda/{MEMORY}"


def test_lists_hold_every_quota_whatever_the_page_size(clients: Clients) -> None:
    quotas = clients("service-quotas")
    for verb in ("list_service_quotas", "list_aws_default_service_quotas"):
        pages = quotas.get_paginator(verb).paginate(ServiceCode="lambda", PaginationConfig={"PageSize": 3})
        values = {quota["QuotaCode"]: quota["Value"] for page in pages for quota in page["Quotas"]}
        assert len(values) == 13
        assert values[RUN_RATE] == (1.0 if verb == "list_service_quotas" else 5.0)


@pytest.mark.parametrize(
    ("verb", "params", "code"),
    [
        ("get_service_quota", {"ServiceCode": "lambda", "QuotaCode": "L-0"}, "NoSuchResourceException"),
        ("list_service_quotas", {"ServiceCode": "ec2"}, "NoSuchResourceException"),
        (
            "list_service_quotas",
            {"ServiceCode": "lambda", "NextToken": "eA"},
            "InvalidPaginationTokenException",
        ),
    ],
)
def test_unknown_services_quotas_and_cursors_are_refused(
    clients: Clients, verb: str, params: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(clients("service-quotas"), verb)(**params)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["Error"]["Message"]
