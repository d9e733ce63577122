"""Saving: all or nothing, and never over another file."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mvm_tui.logs.lines import OFF, LineForm
from mvm_tui.logs.save import Exists, as_ndjson, as_text, save
from mvm_tui.model.errors import Unexpected
from tests.logs.made import event

NOW = datetime(2026, 11, 25, tzinfo=UTC)
EVENTS = [event("one", 1, number=1), event("tw\x1b[31mo\x7f", 2, number=2)]


def test_text_is_harmless_and_json_is_exact(tmp_path: Path) -> None:
    text, lines = tmp_path / "a.log", tmp_path / "a.ndjson"
    assert save(text, as_text(EVENTS, LineForm(OFF), NOW)) == 8
    assert text.read_text() == "one\ntwo\n"
    save(lines, as_ndjson(EVENTS))
    raw = lines.read_bytes()
    assert raw.isascii()
    assert b"\x7f" not in raw
    assert [json.loads(line)["message"] for line in raw.splitlines()] == [one.message for one in EVENTS]
    assert text.stat().st_mode & 0o077 == 0
    assert sorted(tmp_path.iterdir()) == [text, lines]


def test_a_file_that_exists_is_left_alone_unless_told_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "kept.log"
    file.write_text("precious")
    with pytest.raises(Exists, match="kept"):
        save(file, ["new"])
    assert file.read_text() == "precious"
    save(file, ["new"], overwrite=True)
    assert file.read_text() == "new"


def test_a_file_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "raced.log"

    def lines() -> Iterator[str]:
        yield "ours"
        file.write_text("theirs")

    with pytest.raises(Exists):
        save(file, lines())
    assert file.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_what_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield "half"
        raise RuntimeError("the ring is gone")

    with pytest.raises(RuntimeError):
        save(tmp_path / "never.log", lines())
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unexpected, match=r"no-folder.*could not be written"):
        save(tmp_path / "no-folder" / "a.log", ["x"])


def test_a_place_where_files_have_one_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    file = tmp_path / "a.log"
    assert save(file, ["one\n"]) == 4
    assert file.read_text() == "one\n"

    def lines() -> Iterator[str]:
        yield "ours"
        (tmp_path / "raced.log").write_text("theirs")

    with pytest.raises(Exists):
        save(tmp_path / "raced.log", lines())
    assert (tmp_path / "raced.log").read_text() == "theirs"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.log", "raced.log"]
