"""The ledger: what it keeps, two processes on one file, broken files."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mvm_tui.fleet.history import History, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.model.errors import Problem
from mvm_tui.model.launch import Logging
from mvm_tui.model.scope import Scope

HOME = Scope("aws", "000000000000", "us-east-1")
ELSEWHERE = Scope("aws", "000000000000", "us-east-1", "http://127.0.0.1:1")
NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"


def seen(state: str, minutes: float, vm: str = "microvm-1") -> Transition:
    return Transition(vm, state, NOON + timedelta(minutes=minutes), ARN, "1.0")


def test_names_are_kept_by_scope_and_removed_by_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.sqlite"
    first = Ledger(path)
    first.set_name(HOME, "microvm-1", "web")
    first.set_name(HOME, "microvm-2", "db")
    first.set_name(ELSEWHERE, "microvm-1", "other")
    first.set_name(HOME, "microvm-2", "")
    first.close()
    again = Ledger(path)
    assert again.names(HOME) == {"microvm-1": "web"}
    assert again.names(ELSEWHERE) == {"microvm-1": "other"}
    assert again.complaint == ""
    again.close()


def test_sizes_are_kept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.set_size(HOME, ARN, "1.0", 2048)
    ledger.set_size(HOME, ARN, "1.0", 2048)
    assert ledger.sizes(HOME) == {(ARN, "1.0"): 2048}
    assert ledger.sizes(ELSEWHERE) == {}
    ledger.close()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mvm_tui.fleet.history import History, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.model.launch import Logging
from mvm_tui.model.scope import Scope
scope = Scope("aws", "000000000000", "us-east-1")
ledger = Ledger(Path(sys.argv[1]))
for number in range(150):
    ledger.set_name(scope, f"{sys.argv[2]}-{number}", "name")
    History(ledger).observe(scope, [Transition(f"{sys.argv[2]}-{number}", "RUNNING", datetime.now(UTC))])
print(ledger.complaint)
"""


def test_processes_that_start_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], stdout=subprocess.PIPE, text=True)
        for name in ("a", "b", "c")
    ]
    outputs = [writer.communicate(timeout=60)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert outputs == ["\n"] * 3
    ledger = Ledger(path)
    assert len(ledger.names(HOME)) == 450
    assert len(History(ledger).transitions(HOME, "b-149")) == 1
    ledger.close()


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is no database, but long enough to be looked at as one" * 40)
    ledger = Ledger(path)
    ledger.set_name(HOME, "microvm-1", "web")
    assert ledger.names(HOME) == {"microvm-1": "web"}
    (kept,) = tmp_path.glob("ledger.sqlite.broken-*")
    assert kept.name in ledger.complaint
    assert kept.read_bytes().startswith(b"this is no database")
    ledger.close()


def test_a_file_that_breaks_later_is_set_aside_then(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first = Ledger(path)
    History(first).observe(HOME, [seen("RUNNING", number, f"microvm-{number}") for number in range(400)])
    first.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    ledger = Ledger(path)
    with pytest.raises(Problem):
        ledger.names(HOME)
    assert ledger.names(HOME) == {}
    assert "broken" in ledger.complaint
    assert len(list(tmp_path.glob("ledger.sqlite.broken-*"))) == 1
    ledger.close()


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    ledger = Ledger(path)
    ledger.set_name(HOME, "microvm-1", "web")
    assert ledger.names(HOME) == {"microvm-1": "web"}
    assert "later version" in ledger.complaint
    ledger.close()
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_leaves_a_ledger_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ledger = Ledger(tmp_path / "file" / "ledger.sqlite")
    ledger.set_name(HOME, "microvm-1", "web")
    assert ledger.names(HOME) == {"microvm-1": "web"}
    assert "will not be kept" in ledger.complaint
    ledger.close()


def test_a_locked_file_is_a_problem_and_not_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.fleet.ledger_file.BUSY_SECONDS", 0.05)
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Problem, match="could not be kept"):
        ledger.set_name(HOME, "microvm-1", "web")
    holder.execute("ROLLBACK")
    holder.close()
    ledger.set_name(HOME, "microvm-1", "web")
    assert ledger.names(HOME) == {"microvm-1": "web"}
    ledger.close()


def test_where_a_launch_chose_to_log_is_kept_by_scope(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    chosen = Logging(group="team", stream="mine")
    ledger.set_logging(HOME, "microvm-1", chosen)
    ledger.set_logging(HOME, "microvm-2", Logging(disabled=True))
    assert ledger.logging(HOME, "microvm-1") == chosen
    assert ledger.logging(HOME, "microvm-2") == Logging(disabled=True)
    assert ledger.logging(HOME, "microvm-3") is None
    assert ledger.logging(ELSEWHERE, "microvm-1") is None
    ledger.close()
