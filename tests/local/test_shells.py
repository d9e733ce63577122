"""A MicroVM's shell as somebody who types sees it: a real terminal with real job control."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.local.attaching import PROMPT, Place, Typist, place
from tests.local.guests import alive, tree, until


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as made:
        yield made


@pytest.fixture
async def shell(here: Place) -> AsyncIterator[Typist]:
    async with here.attached() as typist:
        yield typist


async def test_it_starts_with_a_session_a_prompt_and_bracketed_paste(here: Place) -> None:
    async with here.connected() as socket:
        first = await socket.recv()
        assert isinstance(first, str)
        document = json.loads(first)
        assert document.keys() == {"type", "session_id"}
        assert document["type"] == "session_init"
        assert str(uuid.UUID(document["session_id"])) == document["session_id"]
        typist = Typist(socket)
        assert await typist.until("λ $ ") == "\x1b[?2004hλ $ ".encode()


async def test_it_is_a_session_of_its_own_with_a_terminal_inside_the_microvm(
    here: Place, shell: Typist
) -> None:
    pid = int(await shell.run("echo $$"))
    assert pid in tree(here.vm.guest)
    assert os.getsid(pid) == pid
    assert (await shell.run("tty")).startswith("/dev/pts/")
    assert await shell.run("echo controlled > /dev/tty") == "controlled"
    assert await shell.run("cat /proc/$$/comm") == "bash"
    assert await shell.run("pwd") == str(here.vm.guest.spec.folder / "home")


async def test_nothing_of_the_images_environment_is_passed_on(shell: Typist) -> None:
    told = dict(line.split("=", 1) for line in (await shell.run("env -u PS1")).split("\n"))
    assert told["TERM"] == "xterm"
    assert told["PATH"] == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert told.keys() <= {
        "HOME", "TMPDIR", "TMUX_TMPDIR", "PATH", "LANG", "TERM", "SHELL", "PWD", "SHLVL", "OLDPWD", "_",
    }  # fmt: skip


async def test_the_size_is_none_until_the_first_resize(shell: Typist) -> None:
    assert await shell.run("stty size") == "0 0"
    await shell.resize(132, 43)
    assert await shell.run("stty size") == "43 132"
    await shell.run("trap 'echo resized $(stty size)' WINCH")
    await shell.resize(80, 24)
    await shell.until("resized 24 80")


async def test_keys_may_come_as_text_or_bytes(shell: Typist) -> None:
    await shell.type("echo te")
    await shell.type(b"xt-and-")
    await shell.type("bytes\n")
    await shell.until("\r\n\x1b[?2004l\rtext-and-bytes\r\n")


async def test_ctrl_c_interrupts_and_the_status_is_130(here: Place, shell: Typist) -> None:
    await shell.type("sleep 1000\n")
    await here.in_foreground("sleep")
    await shell.type("\x03")
    await shell.until(PROMPT)
    assert await shell.run("echo status $?") == "status 130"


async def test_a_job_is_put_aside_and_taken_up_again(here: Place, shell: Typist) -> None:
    await shell.type("cat -u\n")
    await here.in_foreground("cat")
    await shell.type("\x1a")
    await shell.until("Stopped")
    assert "Stopped" in await shell.run("jobs")
    await shell.type("fg\n")
    await here.in_foreground("cat")
    await shell.type("once more\n")
    await shell.until("once more\r\nonce more\r\n")
    await shell.type("\x04")
    await shell.until(PROMPT)
    assert await shell.run("echo status $?") == "status 0"


async def test_exit_closes_with_the_services_reason(here: Place, shell: Typist) -> None:
    await shell.type("echo last words; exit 3\n")
    assert await shell.closed() == (1000, "shell exited")
    assert b"last words" in shell.shown
    await until(lambda: not len(here.vm.shells), "no shell is left")


async def test_a_job_left_behind_does_not_hold_the_end_up(shell: Typist) -> None:
    await shell.type("yes & exit\n")
    assert await shell.closed() == (1000, "shell exited")


async def test_several_shells_of_one_microvm_do_not_hear_each_other(here: Place) -> None:
    async with here.attached() as one, here.attached() as other:
        assert one.session != other.session
        assert await one.run("name=one; echo $name; tty") != await other.run("name=two; echo $name; tty")
        await one.type("exit\n")
        assert await one.closed() == (1000, "shell exited")
        assert await other.run("echo $name") == "two"


async def test_a_client_that_vanishes_leaves_no_shell_and_no_job(here: Place) -> None:
    async with here.attached() as typist:
        await typist.run("sleep 1001 & sleep 1002 &")
        await typist.type("sleep 1003\n")
        await until(lambda: len(tree(here.vm.guest)) == 5, "all jobs run")
        typist.socket.transport.abort()
    await until(lambda: len(tree(here.vm.guest)) == 1, "only the app is left")


async def test_a_shell_that_ignores_the_hang_up_is_killed(here: Place) -> None:
    async with here.attached() as typist:
        await typist.type("trap '' HUP; exec 0<&- ; while :; do sleep 0.2; done\n")
        await until(lambda: len(tree(here.vm.guest)) >= 3, "it loops")
        typist.socket.transport.abort()
    await until(lambda: len(tree(here.vm.guest)) == 1, "only the app is left")


async def test_what_detached_itself_lives_on_until_the_microvm_ends(here: Place) -> None:
    async with here.attached() as typist:
        await typist.run("(setsid sleep 1004 > /dev/null < /dev/null 2>&1 & echo $! > kept)")
        kept = int(await typist.run("cat kept"))
        typist.socket.transport.abort()
    await until(lambda: not len(here.vm.shells), "the shell has ended")
    assert alive(kept)
    await here.vm.guest.terminate()
    assert not alive(kept)


async def test_the_end_of_the_microvm_cuts_the_shell(here: Place, shell: Typist) -> None:
    pid = int(await shell.run("echo $$"))
    await asyncio.gather(here.vm.guest.terminate(), shell.closed())
    assert await shell.closed() == (1006, "")
    assert not alive(pid)
