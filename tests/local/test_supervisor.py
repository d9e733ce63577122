"""The supervisor process, spoken to over its own protocol, and what it leaves when others die."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.local import process_tree
from mvm_tui.local.supervisor import _receive_descriptors, remove_folder
from mvm_tui.local.supervisor_link import PACKAGE_ROOT, SupervisorGoneError, SupervisorLink
from tests.local.guests import PROGRAMS, Heard, Ticks, alive, descriptors, outside, proc, program, tree, until

# What a bare interpreter needs is about 9 MB; the rest is ctypes, json and socket.
MOST_RESIDENT_KB = 16_000


@dataclass
class Bench:
    """A supervisor without a guest, and what it has told."""

    link: SupervisorLink
    folder: Path
    events: list[dict[str, Any]]
    gone: list[bool]

    async def spawn(self, name: str, *argv: str) -> int:
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            answer = await self.link.ask(
                "spawn",
                [nothing] * 3,
                name=name,
                argv=list(argv),
                env={"PATH": "/usr/bin:/bin"},
                cwd=str(self.folder),
            )
        finally:
            os.close(nothing)
        return int(answer["pid"])


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    folder = tmp_path / "vm"
    folder.mkdir()
    events: list[dict[str, Any]] = []
    gone: list[bool] = []
    link = SupervisorLink(folder, events.append, lambda: gone.append(True))
    made = Bench(link, folder, events, gone)
    yield made
    if not gone:
        await link.ask("terminate")
    await link.gone()


async def test_it_runs_several_programs_and_tells_how_each_ended(bench: Bench) -> None:
    await bench.spawn("main", *program("ticker", "main"))
    await bench.spawn("shell-1", "sh", "-c", "exit 3")
    await bench.spawn("shell-2", "sh", "-c", "kill -TERM $$")
    await until(lambda: len(bench.events) == 2, "both shells have ended")
    codes = {event["name"]: event["code"] for event in bench.events}
    assert codes == {"shell-1": 3, "shell-2": 128 + signal.SIGTERM}
    await Ticks(bench.folder / "main").move()
    assert not bench.gone


async def test_the_end_of_main_is_the_end_of_all(bench: Bench) -> None:
    other = await bench.spawn("shell-1", *program("ticker", "other"))
    await Ticks(bench.folder / "other").move()
    await bench.spawn("main", "sh", "-c", "exit 7")
    await until(lambda: bench.gone, "the supervisor has ended")
    assert {"event": "exit", "name": "main", "code": 7} in bench.events
    assert not alive(other)
    assert not bench.folder.exists()
    with pytest.raises(SupervisorGoneError):
        await bench.link.ask("resume")


async def test_what_cannot_be_executed_exits_with_127(bench: Bench) -> None:
    await bench.spawn("main", "no-such-program")
    await until(lambda: bench.gone, "the supervisor has ended")
    assert bench.events == [{"event": "exit", "name": "main", "code": 127}]


async def test_a_spawned_program_leads_a_session_and_gains_no_privileges(bench: Bench) -> None:
    pid = await bench.spawn("main", *program("ticker", "main"))
    await Ticks(bench.folder / "main").move()
    assert os.getsid(pid) == pid
    assert "NoNewPrivs:\t1" in proc(pid, "status")
    assert {number: descriptors(pid)[number] for number in (0, 1, 2)} == dict.fromkeys((0, 1, 2), os.devnull)


async def test_it_costs_little_memory_and_no_processor_time(bench: Bench, tmp_path: Path) -> None:
    await bench.spawn("main", "sleep", "1000")
    await bench.link.ask("suspend")
    await bench.link.ask("resume")
    assert int(proc(bench.link.pid, "status").partition("VmRSS:")[2].split()[0]) < MOST_RESIDENT_KB
    with outside(*program("ticker", str(tmp_path / "clock"))):
        clock, before = Ticks(tmp_path / "clock"), [""]
        # The stops and starts just made may still be told to it.
        for _ in range(10):
            if before == _switches(bench.link.pid):
                break
            before = _switches(bench.link.pid)
            await clock.move(20)
        else:
            pytest.fail("it keeps waking up")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_the_vm(bench: Bench, number: signal.Signals) -> None:
    pid = await bench.spawn("main", *program("ticker", "main"))
    await Ticks(bench.folder / "main").move()
    os.kill(bench.link.pid, number)
    await until(lambda: bench.gone, "the supervisor has ended")
    assert not alive(pid)
    assert not bench.folder.exists()


async def test_the_death_signal_means_nothing_while_the_cloud_lives(bench: Bench) -> None:
    pid = await bench.spawn("main", *program("ticker", "main"))
    os.kill(bench.link.pid, signal.SIGUSR1)
    await bench.link.ask("suspend")
    await bench.link.ask("resume")
    await Ticks(bench.folder / "main").move()
    assert alive(pid)


async def test_a_closed_control_socket_ends_the_vm_even_suspended(bench: Bench) -> None:
    pid = await bench.spawn("main", *program("ticker", "main"))
    await Ticks(bench.folder / "main").move()
    await bench.link.ask("suspend")
    bench.link._socket.shutdown(socket.SHUT_WR)
    await until(lambda: not alive(pid), "the program has ended")
    await until(lambda: not bench.folder.exists(), "the folder is gone")
    await until(lambda: bench.gone, "the supervisor has ended")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_nothing_survives_the_cloud(tmp_path: Path, number: signal.Signals) -> None:
    daemon = program("multiplexer", " ".join(program("ticker", str(tmp_path / "inside"))))
    keep = f"{' '.join(daemon[:-1])} '{daemon[-1]}'; exec sleep 1000"
    command = (sys.executable, str(PROGRAMS / "cloud.py"), str(tmp_path), "sh", "-c", keep)
    with outside(*command, env={"PYTHONPATH": PACKAGE_ROOT}) as cloud:
        assert cloud.stdout is not None
        supervisor = int(await asyncio.to_thread(cloud.stdout.readline))
        await Ticks(tmp_path / "inside").move()
        levels = process_tree.descendants(supervisor)
        pids = [supervisor, *(row.pid for level in levels for row in level)]
        assert len(pids) >= 5
        cloud.send_signal(number)
    await until(lambda: not any(alive(pid) for pid in pids), "all processes have ended")
    await until(lambda: not (tmp_path / "vm").exists(), "the folder is gone")


async def test_nothing_survives_a_killed_supervisor(tmp_path: Path) -> None:
    heard = Heard()
    inner = " ".join(program("ticker", str(tmp_path / "inside")))
    guest = await heard.start(
        ("sh", "-c", f"{' '.join(program('multiplexer'))} '{inner}'; sleep 1000"), tmp_path / "vm"
    )
    await Ticks(tmp_path / "inside").move()
    pids = tree(guest).keys()
    assert guest.supervisor_pid is not None
    os.kill(guest.supervisor_pid, signal.SIGKILL)
    assert await heard.exit() == 137
    assert not [pid for pid in pids if alive(pid)]
    assert not (tmp_path / "vm").exists()


def test_a_folder_goes_whatever_the_guest_did_to_it(tmp_path: Path) -> None:
    folder, outside_it = tmp_path / "vm", tmp_path / "outside"
    locked = folder / "home" / "cache"
    locked.mkdir(parents=True)
    outside_it.mkdir(mode=0o755)
    (locked / "file").write_text("x")
    (folder / "home" / "link").symlink_to(outside_it)
    locked.chmod(0o000)
    (folder / "home").chmod(0o500)
    remove_folder(str(folder))
    assert not folder.exists()
    assert outside_it.stat().st_mode & 0o777 == 0o755


def test_descriptors_that_come_with_a_request_are_taken_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        read_end, write_end = os.pipe()
        socket.send_fds(ours, [json.dumps({"id": 1}).encode()], [read_end, write_end])
        data, descriptors = _receive_descriptors(theirs)
        assert data == b'{"id": 1}'
        assert len(descriptors) == 2
        assert not any(os.get_inheritable(descriptor) for descriptor in descriptors)
        for descriptor in (read_end, write_end, *descriptors):
            os.close(descriptor)


def _switches(pid: int) -> list[str]:
    return [line for line in proc(pid, "status").splitlines() if "ctxt_switches" in line]
