"""Reading a log in the pager, on a terminal of its own."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from mvm_tui.model.errors import Unexpected
from mvm_tui.tui.log_pager import page, pager_command


def test_the_pager_is_the_users_else_one_that_is_there() -> None:
    assert pager_command({"PAGER": f"{sys.executable} -V"}) == [sys.executable, "-V"]
    assert pager_command({})[0] in ("less", "more")
    assert pager_command({"PAGER": "no-such-pager-anywhere -R"})[0] in ("less", "more")


def test_without_any_pager_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unexpected, match="no pager") as caught:
        pager_command({"PAGER": "most"})
    assert caught.value.why == "$PAGER names most, which is not there."


def test_a_pager_that_cannot_be_read_is_a_sentence() -> None:
    with pytest.raises(Unexpected, match="no pager") as caught:
        pager_command({"PAGER": "less 'x"})
    assert "cannot be read" in caught.value.why


def test_the_file_is_only_yours_and_gone_afterwards(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = (
        "import os, sys\n"
        f"open({str(seen)!r}, 'w').write(sys.argv[1] + chr(10) + oct(os.stat(sys.argv[1]).st_mode)"
        " + chr(10) + open(sys.argv[1]).read())"
    )
    page(["one\n", "two\n"], [sys.executable, "-c", program])
    name, mode, *lines = seen.read_text().splitlines()
    assert stat.S_IMODE(int(mode, 8)) == 0o600
    assert lines == ["one", "two"]
    assert not Path(name).exists()


def test_a_pager_that_cannot_be_started_is_told() -> None:
    with pytest.raises(Unexpected, match="could not be opened"):
        page(["one\n"], ["/nonexistent/pager"])
