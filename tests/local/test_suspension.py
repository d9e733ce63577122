"""Suspend, resume and terminate on trees people make: shells, jobs, editors, daemons with terminals."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mvm_tui.local.processes import Guest
from tests.local.guests import Heard, Ticks, alive, foreground, outside, proc, program, tree, until

# The stand-ins have the job-control shape of the real programs, which are used as well where they are there.
EDITORS = ("stand-in", *(name for name in ("vim",) if shutil.which(name)))
MULTIPLEXERS = ("stand-in", *(name for name in ("tmux",) if shutil.which(name)))


@dataclass
class Workplace:
    """A guest with a shell on a terminal, seen and typed into from outside."""

    guest: Guest
    home: Path

    def type(self, text: str) -> None:
        keys = os.open(self.home / "keys", os.O_WRONLY | os.O_NONBLOCK)
        os.write(keys, text.encode())
        os.close(keys)

    def run(self, *command: str, background: bool = False) -> None:
        self.type(" ".join(command) + (" &\n" if background else "\n"))

    @property
    def screen(self) -> str:
        return (self.home / "screen").read_bytes().decode("utf-8", "replace")

    def ticks(self, name: str) -> Ticks:
        return Ticks(self.home / name)

    def named(self, name: str) -> list[int]:
        """Ids of the guest's processes that run this program."""
        return [pid for pid in tree(self.guest) if proc(pid, "comm").strip() == name]


@pytest.fixture
async def workplace(tmp_path: Path) -> AsyncIterator[Workplace]:
    # tmux puts a socket below TMPDIR, and its path must fit in 108 bytes; so the VM's folder has a short one.
    folder = tmp_path / "v"
    env = {"TERM": "xterm", "SHELL": "/bin/sh"}
    guest = await Heard().start(program("terminal", "keys", "screen"), folder, env=env)
    place = Workplace(guest, folder / "home")
    try:
        await until((place.home / "keys").exists, "the terminal is up")
        yield place
    finally:
        await guest.terminate()


@pytest.fixture
def bystander(tmp_path: Path) -> Iterator[Ticks]:
    """A process outside: while it counts, time passes."""
    path = tmp_path / "bystander"
    with outside(*program("ticker", str(path))):
        yield Ticks(path)


async def start_editor(place: Workplace, kind: str) -> int:
    """Open the editor in the foreground and type a word into it; its process id."""
    if kind == "vim":
        place.run("vim", "-N", "-u", "NONE", "-n", "--cmd", "'set showmode'", "text")
        await until(lambda: place.named("vim"), "vim runs")
        pid = place.named("vim")[0]
        await until(lambda: "~" in place.screen, "vim has drawn")
        place.type("ione ")
        await until(lambda: "INSERT" in place.screen, "vim inserts")
        return pid
    place.run(*program("editor", "text"))
    await until(lambda: place.ticks("text.ticks").pid, "the editor runs")
    place.type("one ")
    return place.ticks("text.ticks").pid


async def finish_editor(place: Workplace, kind: str) -> None:
    """Type on, save, leave, and find both words in the file and the shell still listening."""
    place.type("two\x1b:wq\n" if kind == "vim" else "twoq")
    await until(lambda: "one two" in _text(place.home / "text"), "the editor took the keys")
    await until(lambda: not place.named("vim"), "the editor has ended")
    place.run("echo", "ready", ">", "ready")
    await until(lambda: "ready" in _text(place.home / "ready"), "the shell took the terminal back")


async def start_multiplexer(place: Workplace, kind: str) -> None:
    """Start a daemon with a terminal in which a ticker is the foreground job."""
    ticker = " ".join(program("ticker", str(place.home / "inside")))
    if kind == "tmux":
        place.run("tmux", "-f", "/dev/null", "-L", "t", "new-session", "-d", "-x", "80", "-y", "24")
        place.run("tmux", "-L", "t", "send-keys", f"'{ticker}'", "Enter")
    else:
        place.run(*program("multiplexer", f"'{ticker}'"))
    await place.ticks("inside").move()


@pytest.mark.parametrize("editor", EDITORS)
@pytest.mark.parametrize("multiplexer", MULTIPLEXERS)
async def test_everything_freezes_and_goes_on_in_its_own_foreground(
    workplace: Workplace, bystander: Ticks, editor: str, multiplexer: str
) -> None:
    await start_multiplexer(workplace, multiplexer)
    workplace.run(*program("ticker", "background"), background=True)
    background, inside = workplace.ticks("background"), workplace.ticks("inside")
    await background.move()
    edited = await start_editor(workplace, editor)
    assert foreground(edited)
    assert foreground(inside.pid)
    assert not foreground(background.pid)

    await workplace.guest.suspend()
    before = tree(workplace.guest)
    assert {edited, background.pid, inside.pid} <= before.keys()
    assert {row.state for row in before.values()} == {"T"}
    counts = background.count, inside.count
    await bystander.move(10)
    assert (background.count, inside.count) == counts
    assert tree(workplace.guest).keys() == before.keys()

    await workplace.guest.resume()
    await background.move()
    await inside.move()
    assert foreground(edited)
    assert foreground(inside.pid)
    assert not foreground(background.pid)
    await finish_editor(workplace, editor)
    assert "topped" not in workplace.screen
    assert "uspended" not in workplace.screen


@pytest.mark.parametrize("kind", MULTIPLEXERS)
async def test_a_terminal_inside_the_terminal_goes_on_in_the_foreground(
    workplace: Workplace, bystander: Ticks, kind: str
) -> None:
    client = await attach(workplace, kind)
    inside = workplace.ticks("inside")
    await inside.move()
    assert foreground(client)
    assert foreground(inside.pid)
    await workplace.guest.suspend()
    count = inside.count
    await bystander.move(10)
    assert inside.count == count
    await workplace.guest.resume()
    await inside.move()
    assert foreground(client)
    assert foreground(inside.pid)
    assert "topped" not in workplace.screen


async def attach(place: Workplace, kind: str) -> int:
    """Open a terminal in the terminal, with a ticker as its foreground job; the id of its outer process."""
    ticker = program("ticker", str(place.home / "inside"))
    if kind == "tmux":
        place.run("tmux", "-f", "/dev/null", "-L", "t", "new-session")
        await until(lambda: place.named("tmux: client"), "tmux is attached")
        # Keys that come before it has the terminal for itself are thrown away.
        await until(lambda: "[0]" in place.screen, "tmux has drawn its status line")
        place.run(*ticker)
        return place.named("tmux: client")[0]
    place.run(*program("terminal", "inner-keys", "inner-screen"))
    await until((place.home / "inner-keys").exists, "the inner terminal is up")
    inner = next(pid for pid in tree(place.guest) if "inner-keys" in proc(pid, "cmdline"))
    with (place.home / "inner-keys").open("w") as keys:
        keys.write(" ".join(ticker) + "\n")
    return inner


async def test_it_can_be_suspended_again_and_again(workplace: Workplace) -> None:
    edited = await start_editor(workplace, "stand-in")
    for _ in range(10):
        await workplace.guest.suspend()
        assert {row.state for row in tree(workplace.guest).values()} == {"T"}
        await workplace.guest.resume()
        await workplace.ticks("text.ticks").move(1)
    assert foreground(edited)
    await finish_editor(workplace, "stand-in")


async def test_a_job_that_was_put_aside_stays_aside(workplace: Workplace) -> None:
    workplace.run(*program("ticker", "aside"), background=True)
    workplace.run(*program("ticker", "busy"), background=True)
    aside, busy = workplace.ticks("aside"), workplace.ticks("busy")
    await aside.move()
    await busy.move()
    os.kill(aside.pid, signal.SIGSTOP)
    await until(lambda: tree(workplace.guest)[aside.pid].state == "T", "the job is aside")
    await workplace.guest.suspend()
    await workplace.guest.suspend()
    await workplace.guest.resume()
    await busy.move(10)
    assert tree(workplace.guest)[aside.pid].state == "T"


async def test_nothing_escapes_by_being_young(tmp_path: Path, bystander: Ticks) -> None:
    guest = await Heard().start(program("breeder"), tmp_path / "vm")
    try:
        await until(lambda: len(tree(guest)) > 20, "it breeds")
        await guest.suspend()
        frozen = tree(guest)
        assert {row.state for row in frozen.values()} == {"T"}
        await bystander.move(10)
        assert tree(guest).keys() == frozen.keys()
        await guest.resume()
        await until(lambda: len(tree(guest)) > len(frozen), "it breeds on")
    finally:
        born = tree(guest)
        await guest.terminate()
    assert not [pid for pid in born if alive(pid)]


@pytest.mark.parametrize("editor", EDITORS)
@pytest.mark.parametrize("multiplexer", MULTIPLEXERS)
@pytest.mark.parametrize("suspended", [False, True])
async def test_terminate_leaves_no_process_and_no_file(
    workplace: Workplace, editor: str, multiplexer: str, suspended: bool
) -> None:
    await start_multiplexer(workplace, multiplexer)
    workplace.run(*program("ticker", "background"), background=True)
    await workplace.ticks("background").move()
    await start_editor(workplace, editor)
    if suspended:
        await workplace.guest.suspend()
    pids = tree(workplace.guest).keys()
    assert len(pids) >= 6
    await workplace.guest.terminate()
    assert not [pid for pid in pids if alive(pid)]
    assert not workplace.home.parent.exists()
    assert workplace.guest.ended


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
