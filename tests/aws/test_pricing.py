"""Prices, snapshot sizes and quotas, as the local cloud and odd services tell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mvm_tui.aws import images, quotas
from mvm_tui.aws.pricing import prices
from mvm_tui.aws.session import Connection, Target
from mvm_tui.aws.snapshots import build_snapshots
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Denied
from mvm_tui.model.rates import ARCHITECTURES, groups, shipped, with_prices
from tests.aws.scripted import Answer, Asked, scripted
from tests.cloud import cloud_process

GROUP = "AWS-Lambda-MicroVM-vCPU-Second-ARM"


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=20) as facts:
        yield facts


@pytest.fixture
def connection(facts: Facts) -> Iterator[Connection]:
    target = Target(
        region=facts.region,
        endpoint_url=facts.endpoint,
        access_key=facts.access_key,
        secret_key=facts.secret_key,
    )
    connection = Connection.open(target, SystemClock())
    yield connection
    connection.close()


def test_the_price_list_and_the_shipped_table_agree(connection: Connection) -> None:
    found = prices(connection, groups())
    assert set(found) == set(groups())
    for arch in ARCHITECTURES:
        base = shipped(connection.region, arch)
        listed = with_prices(base, found, base.as_of)
        for name, rate in base.by_name().items():
            assert rate.usd == listed.by_name()[name].usd


def test_snapshots_are_those_of_the_builds(connection: Connection) -> None:
    image = next(image for page in images.images(connection) for image in page)
    version = next(version for page in images.versions(connection, image.arn) for version in page)
    found = build_snapshots(connection, image.arn, version.version)
    assert len(found) == 2
    assert len({one.build_id for one in found}) == 2
    assert {one.architecture for one in found} == {"ARM_64"}
    assert version.memory_mib is not None
    assert {one.memory_bytes for one in found} == {version.memory_mib * (609_087_488 // 2048)}
    assert {one.disk_bytes for one in found} == {25_600_000}


def test_applied_and_default_values(connection: Connection) -> None:
    applied, default = quotas.applied_values(connection), quotas.default_values(connection)
    assert applied["L-CD1C0CC4"] == 8
    assert default["L-CD1C0CC4"] == 1024
    assert applied["L-535CA9B6"] == 1
    assert default["L-535CA9B6"] == 5


def product(group: str = GROUP, usd: str = "0.5", begin: str = "0") -> str:
    dimension = {"beginRange": begin, "pricePerUnit": {"USD": usd}}
    terms = {"OnDemand": {"A": {"priceDimensions": {"B": dimension}}}}
    return json.dumps({"product": {"attributes": {"group": group}}, "terms": terms})


@pytest.mark.parametrize(
    "odd",
    [
        "no json",
        "[]",
        "{}",
        product(group="another"),
        product(usd="free"),
        product(begin="1000"),
        # What is free is a free tier, and not everybody's price.
        product(usd="0.0000000000"),
        json.dumps({"product": {"attributes": None}, "terms": 5}),
        product().replace("USD", "CNY"),
        json.dumps({"product": {"attributes": {"group": GROUP}}, "terms": {"OnDemand": {"A": None}}}),
    ],
)
def test_products_that_hold_no_price_are_left_out(odd: str) -> None:
    with scripted(lambda _: Answer({"PriceList": [odd]})) as server:
        assert prices(server.connect(), [GROUP]) == {}


@pytest.mark.parametrize("listed", [("0.5", "0.4"), ("0.4", "0.5"), ("0", "0.5"), ("0.5", "0")])
def test_of_several_products_of_a_group_the_dearest_is_taken(listed: tuple[str, str]) -> None:
    with scripted(lambda _: Answer({"PriceList": [product(usd=usd) for usd in listed]})) as server:
        assert prices(server.connect(), [GROUP]) == {GROUP: "0.5"}


def test_every_page_is_read_and_the_region_is_asked_for() -> None:
    def pages(asked: Asked) -> Answer:
        body: dict[str, Any] = json.loads(asked.body)
        if "NextToken" not in body:
            return Answer({"PriceList": ["{}"], "NextToken": "more"})
        return Answer({"PriceList": [product(usd="0.0000276944")]})

    with scripted(pages) as server:
        assert prices(server.connect(), [GROUP]) == {GROUP: "0.0000276944"}
        filters = json.loads(server.asked[0].body)["Filters"]
        assert {(one["Field"], one["Value"]) for one in filters} == {
            ("group", GROUP),
            ("regionCode", "us-east-1"),
        }


def test_a_price_list_that_may_not_be_read() -> None:
    denied = Answer({"__type": "AccessDeniedException", "message": "no"}, 400)
    with scripted(lambda _: denied) as server, pytest.raises(Denied):
        prices(server.connect(), [GROUP])


def test_builds_without_a_snapshot_are_left_out() -> None:
    def odd(asked: Asked) -> Answer:
        if asked.path.endswith("/builds"):
            return Answer({"items": [{"buildId": "a"}, {"buildId": "b"}, {"buildId": "c"}, {}]})
        if asked.path.endswith("/a"):
            return Answer({"buildId": "a", "snapshotBuild": None})
        if asked.path.endswith("/b"):
            return Answer({"buildId": "b", "snapshotBuild": {"codeInstallSizeInBytes": 5}})
        return Answer({"buildId": "c", "snapshotBuild": {"memorySnapshotSizeInBytes": 7}})

    with scripted(odd) as server:
        (found,) = build_snapshots(server.connect(), "arn", "1.0")
        assert (found.build_id, found.memory_bytes, found.disk_bytes, found.architecture) == ("c", 7, 0, "")
