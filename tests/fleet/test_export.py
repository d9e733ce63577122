"""Costs as a file: no formulas, no half files, nothing overwritten unasked."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.fleet.export import FIELDS, AlreadyThere, as_csv, as_json, put, records
from mvm_tui.model.errors import Unexpected
from mvm_tui.model.fleet_row import FleetRow
from tests.tui.fakes import FakeSpend, sample_rows


def spend_of(rows: list[FleetRow]) -> FakeSpend:
    spend = FakeSpend(lambda: {row.id: row for row in rows})
    spend.refresh()
    return spend


def test_every_microvm_has_its_line_and_amounts_all_digits() -> None:
    rows = sample_rows()
    spend = spend_of(rows)
    assert spend.figures is not None
    found = records(spend.figures, rows, spend.of)
    assert [one["id"] for one in found] == [row.id for row in rows]
    read = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert list(read[0]) == list(FIELDS)
    cost = spend.of(rows[0].id)
    assert cost is not None
    assert float(read[0]["total_usd"]) == pytest.approx(float(cost.total))
    assert read[0]["observed"] == "False"
    document = json.loads(as_json(spend.figures, found, "us-east-1"))
    assert document["region"] == "us-east-1"
    assert len(document["costs"]) == len(rows)
    assert len(document["last_24_hours_usd"]) == 24
    assert document["at"].endswith("Z")


@given(st.text(max_size=30), st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "=cmd|' /C calc'!A0"]))
def test_no_cell_is_a_formula(text: str, start: str) -> None:
    (row, *_) = sample_rows()
    named = replace(row, name=start + text, vm=replace(row.vm, state=start + text))
    spend = spend_of([named])
    assert spend.figures is not None
    (line,) = csv.DictReader(io.StringIO(as_csv(records(spend.figures, [named], spend.of))))
    for cell in line.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_file_is_put_in_place_whole_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    put(path, "first\r\n")
    assert path.read_bytes() == b"first\r\n"
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(AlreadyThere):
        put(path, "second")
    assert path.read_text() == "first\n"
    put(path, "third", replace=True)
    assert path.read_text() == "third"
    assert [file.name for file in tmp_path.iterdir()] == ["costs.csv"]


def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unexpected, match="No such file or directory"):
        put(tmp_path / "none" / "costs.csv", "text")
    (tmp_path / "file").write_text("")
    with pytest.raises(Unexpected, match="Not a directory"):
        put(tmp_path / "file" / "costs.csv", "text")
