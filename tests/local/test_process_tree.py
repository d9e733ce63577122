"""Reading process tables, and stopping, continuing and killing whole trees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.local import process_tree
from tests.local.guests import Ticks, alive, outside, program, until

PS = """
    1     0     1 S Mon Nov 23 15:00:00 2026
  412     1   412 Ss   Mon Nov 23 15:00:01 2026
  413   412   412 T+ Mon Nov 23 15:00:02 2026
"""


@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=16),
    pid=st.integers(1, 4_000_000),
    parent=st.integers(0, 4_000_000),
    group=st.integers(0, 4_000_000),
)
def test_a_stat_line_is_read_whatever_the_command_is_called(
    name: str, pid: int, parent: int, group: int
) -> None:
    row = process_tree.parse_stat(f"{pid} ({name}) T {parent} {group} 7 0 -1" + " 0" * 13 + " 98765 0 0\n")
    assert (row.pid, row.parent, row.group, row.state) == (pid, parent, group, "T")
    assert row.started == "98765"


def test_the_start_mark_is_the_kernels_own() -> None:
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    row = process_tree.process(os.getpid())
    assert row is not None
    assert (row.parent, row.started) == (os.getppid(), fields[19])


def test_the_answer_of_ps_is_read() -> None:
    rows = process_tree.parse_ps(PS)
    assert {(row.pid, row.parent, row.group, row.state) for row in rows.values()} == {
        (1, 0, 1, "S"),
        (412, 1, 412, "S"),
        (413, 412, 412, "T"),
    }
    assert rows[413].started == "Mon Nov 23 15:00:02 2026"


def test_marks_are_found_in_what_ps_tells_of_environments() -> None:
    told = """
  12 sleep 9 PATH=/bin HOME=/tmp/vm-1/home LANG=C
  13 sleep 9 HOME=/tmp/vm-1/home2
  14 grep HOME=/tmp/vm-2/home
    """
    assert process_tree.parse_environments(told, "HOME=/tmp/vm-1/home") == {12}


def test_generations_come_parents_first() -> None:
    levels = process_tree.descendants(1, process_tree.parse_ps(PS))
    assert [[row.pid for row in level] for level in levels] == [[412], [413]]


def test_a_process_that_is_gone_has_no_row_and_takes_no_signal() -> None:
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", ""])
    child.wait()
    assert process_tree.process(child.pid) is None
    assert not process_tree.send(child.pid, signal.SIGSTOP)


async def test_freeze_leaves_alone_what_was_stopped_before(tmp_path: Path) -> None:
    aside, busy = Ticks(tmp_path / "aside"), Ticks(tmp_path / "busy")
    with (
        outside(*program("ticker", str(tmp_path / "aside"))) as first,
        outside(*program("ticker", str(tmp_path / "busy"))) as second,
    ):
        await aside.move()
        await busy.move()

        def levels() -> list[list[process_tree.Process]]:
            return [[row for row in process_tree.table().values() if row.pid in (first.pid, second.pid)]]

        os.kill(first.pid, signal.SIGSTOP)
        await until(lambda: _state(first.pid) == "T", "the first has stopped")
        stopped = process_tree.freeze(levels)
        assert set(stopped) == {second.pid}
        assert _state(second.pid) == "T"
        process_tree.thaw(levels(), stopped)
        await busy.move()
        assert _state(first.pid) == "T"
        assert process_tree.kill(levels, lambda: (first.poll(), second.poll()))
        assert not alive(first.pid)
        assert not alive(second.pid)


async def test_a_marked_process_is_found_by_its_environment(tmp_path: Path) -> None:
    own, like = {"HOME": str(tmp_path)}, {"HOME": f"{tmp_path}-2"}
    with (
        outside(*program("ticker", str(tmp_path / "one")), env=own) as marked,
        outside(*program("ticker", str(tmp_path / "two")), env=like) as other,
    ):
        await Ticks(tmp_path / "one").move()
        await Ticks(tmp_path / "two").move()
        process_tree.kill_marked(f"HOME={tmp_path}")
        assert marked.wait() == -signal.SIGKILL
        assert alive(other.pid)


def _state(pid: int) -> str:
    row = process_tree.process(pid)
    return row.state if row else "gone"
