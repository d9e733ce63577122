"""Prices kept in a file: their date, when they are read again, files that make no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mvm_tui.fleet.prices import FILE, Prices
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.rates import PRICE_LIST, SHIPPED, shipped
from tests.aws.scripted import Answer, Asked, scripted

GROUP = "AWS-Lambda-MicroVM-vCPU-Second-ARM"


def list_of(usd: str) -> Answer:
    dimension = {"beginRange": "0", "pricePerUnit": {"USD": usd}}
    terms = {"OnDemand": {"A": {"priceDimensions": {"B": dimension}}}}
    return Answer({"PriceList": [json.dumps({"product": {"attributes": {"group": GROUP}}, "terms": terms})]})


def test_prices_are_read_kept_with_their_date_and_read_again_after_a_day(tmp_path: Path) -> None:
    clock = ManualClock()
    asked = {"usd": "0.00005"}
    with scripted(lambda _: list_of(asked["usd"])) as server:
        connection = server.connect()
        here = (connection.region, connection.endpoint)
        kept = Prices(tmp_path / "state", clock)
        assert kept.due(*here)
        assert kept.rates(here[0], endpoint=here[1]) == shipped("us-east-1")
        assert kept.refresh(connection)
        assert not kept.due(*here)
        found = kept.rates(here[0], endpoint=here[1])
        assert str(found.vcpu_second.usd) == "0.00005"
        assert (found.source, found.as_of) == (PRICE_LIST, clock.now().date())
        # What an emulator says holds for that emulator only.
        assert kept.rates(here[0]).source == SHIPPED
        clock.advance(86_400)
        again = Prices(tmp_path / "state", clock)
        assert again.rates(here[0], endpoint=here[1]) == found
        assert again.due(*here)
        asked["usd"] = "0.00006"
        assert again.refresh(connection)
        assert str(again.rates(here[0], endpoint=here[1]).vcpu_second.usd) == "0.00006"
    assert [file.name for file in (tmp_path / "state").iterdir()] == [FILE]


def test_a_refusal_leaves_all_as_it_was_and_is_not_asked_for_again_at_once(tmp_path: Path) -> None:
    clock = ManualClock()

    def denied(_: Asked) -> Answer:
        return Answer({"__type": "AccessDeniedException", "message": "no"}, 400)

    with scripted(denied) as server:
        connection = server.connect()
        here = (connection.region, connection.endpoint)
        kept = Prices(tmp_path, clock)
        assert not kept.refresh(connection)
        assert not kept.due(*here)
        clock.advance(3_600)
        assert kept.due(*here)
    assert not (tmp_path / FILE).exists()
    with scripted(lambda _: Answer({"PriceList": []})) as server:
        assert not kept.refresh(server.connect())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"read": 5}', '{"read": {"|us-east-1": {"at": "never"}}}'])
def test_a_file_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    kept = Prices(tmp_path, ManualClock())
    assert kept.rates("us-east-1") == shipped("us-east-1")
    assert kept.due("us-east-1")


def test_a_folder_that_cannot_be_written_keeps_prices_for_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with scripted(lambda _: list_of("0.00005")) as server:
        connection = server.connect()
        kept = Prices(tmp_path / "file", ManualClock())
        assert kept.refresh(connection)
        assert kept.rates("us-east-1", endpoint=connection.endpoint).source == PRICE_LIST
