"""The last lines of the MicroVM under the cursor, beside the table."""

from __future__ import annotations

import time
from pathlib import Path

from mvm_tui.logs.find import Absence, Missing
from mvm_tui.logs.order import Batch
from mvm_tui.logs.status import Phase
from mvm_tui.tui.log_peek import REST
from tests.tui.driving import cursor, filled, shown, until
from tests.tui.fake_logs import event, lines
from tests.tui.fakes import FakeAccounts, make_app, microvm


async def test_lines_come_once_the_cursor_rests(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    began = time.monotonic()
    async with filled(app, (140, 50)) as pilot:
        peeked = accounts.logs.peeked
        await until(pilot, lambda: bool(peeked))
        assert time.monotonic() - began >= REST
        assert peeked[0].reading.subject.ids == (microvm(2).id,)
        peeked[0].put(*lines(100), event("\x1b[31mred\x1b[0m and\x00 harmless", 1, 2))
        await until(pilot, lambda: "red and harmless" in shown(pilot))
        assert "line 99" in shown(pilot)
        assert "line 1\n" not in shown(pilot)
        await pilot.press("j", "k", "j")
        assert len(peeked) == 1, "a cursor that moves reads nothing"
        await until(pilot, lambda: len(peeked) == 2)
        assert peeked[0].stopped
        assert cursor(app.desk) == "web-1"
        assert "red and harmless" not in shown(pilot)
        await pilot.press("3", "escape")
        await until(pilot, lambda: peeked[1].stopped)


async def test_why_there_are_none(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, (140, 50)) as pilot:
        await until(pilot, lambda: bool(accounts.logs.peeked))
        missing = Missing(Absence.NO_ROLE, "There are no logs, and none will come.", "No role.")
        accounts.logs.peeked[0].tell(phase=Phase.LOOKING, missing=missing)
        await until(pilot, lambda: "none will come" in shown(pilot))
        assert accounts.logs.peeked[0].stopped, "looking again and again costs calls"


async def test_a_narrow_screen_reads_nothing(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, (80, 24)) as pilot:
        deadline = time.monotonic() + REST * 2
        await until(pilot, lambda: time.monotonic() > deadline)
        assert not accounts.logs.peeked


async def test_the_snapshot_and_who_shares_it(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, (140, 50)) as pilot:
        peeked = accounts.logs.peeked
        await until(pilot, lambda: bool(peeked))
        await until(pilot, lambda: accounts.logs.learned == [microvm(2).id])
        hook = 'run hook: {"bootId": "fc43a414-a653"} on Graviton4'
        peeked[0].put(event(hook, 1, 2))
        await until(pilot, lambda: "fc43a414-a653 (Graviton 4)" in shown(pilot))
        assert "random generator" not in shown(pilot)
        accounts.logs.snapshots.take(Batch((event(hook, 2, 1), event(hook, 3, 5))))
        peeked[0].put(event("another line", 4, 2))
        await until(pilot, lambda: "old-web, web-1" in shown(pilot))
        table = app.desk.fleet_screen.table
        rows = [table.render_line(y).text for y in range(1, 6)]
        assert [row.split()[3] for row in rows if "≡" in row] == ["web-1", "old-web"]
        assert "A random generator seeded at build time" in " ".join(shown(pilot).split())
