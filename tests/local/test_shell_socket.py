"""How an attached shell ends and what troubles it: quiet, suspension, slow readers, hostile clients."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from mvm_tui.local.faults import parse_faults
from mvm_tui.local.shell_socket import LATE_DROP_SECONDS, MAX_FRAME_BYTES, QUIET_SECONDS
from tests.local.attaching import PROMPT, Place, Typist, place
from tests.local.guests import PATIENCE, Ticks, alive, descriptors, proc, program, tree, until

CUT = (1006, "")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as made:
        yield made


@pytest.fixture
async def shell(here: Place) -> AsyncIterator[Typist]:
    async with here.attached() as typist:
        yield typist


async def raw(typist: Typist, opcode: Opcode, data: bytes, *, fin: bool = True) -> None:
    """Send one frame as it stands, masked."""
    frame = Frame(opcode, data, fin).serialize(mask=True)
    typist.socket.transport.write(frame)


def resident_kb() -> int:
    status = proc(os.getpid(), "status")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


# Quiet


async def test_a_quiet_connection_is_cut_after_a_minute(here: Place, shell: Typist) -> None:
    await shell.run("true")
    await here.timing.run(QUIET_SECONDS - 0.5)
    assert await shell.run("echo still here") == "still here"
    await here.timing.run(QUIET_SECONDS - 0.5)
    await (await shell.socket.ping())
    await here.timing.run(QUIET_SECONDS - 0.5)
    await shell.socket.pong()
    assert await shell.run("echo and still") == "and still"
    await here.timing.run(QUIET_SECONDS + 0.5)
    assert await shell.closed() == CUT
    await until(lambda: not len(here.vm.shells), "the shell has ended")


async def test_a_cloud_that_runs_faster_cuts_no_sooner(here: Place, shell: Typist) -> None:
    here.timing.speed = 20.0
    await shell.run("true")
    await here.timing.run(QUIET_SECONDS - 0.5)
    assert await shell.run("echo still here") == "still here"


async def test_what_the_shell_shows_keeps_the_connection(here: Place, shell: Typist) -> None:
    await shell.type("while :; do echo -n .; sleep 0.01; done\n")
    for _ in range(3):
        await shell.until("..........")
        shell.shown = b""
        await shell.until("...")
        await here.timing.run(QUIET_SECONDS - 0.5)
    await shell.until("...")


async def test_bytes_count_as_traffic_and_pings_do_not(here: Place, shell: Typist) -> None:
    before = here.vm.traffic
    for _ in range(3):
        await (await shell.socket.ping())
    assert here.vm.traffic == before
    await shell.type("x")
    await shell.until("x")
    assert here.vm.traffic > before + 1


# Suspension


async def test_a_suspension_freezes_a_foreground_job_and_drops_the_connection_late(
    here: Place, shell: Typist
) -> None:
    await shell.type(" ".join(program("ticker", "count")) + "\n")
    ticks = Ticks(here.vm.guest.spec.folder / "home" / "count")
    await ticks.move()
    bash = next(pid for pid in tree(here.vm.guest) if proc(pid, "comm").strip() == "bash")
    await here.vm.suspend()
    assert {row.state for row in tree(here.vm.guest).values()} == {"T"}
    counted = ticks.count
    await shell.type("lost")
    await here.timing.run(LATE_DROP_SECONDS - 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await (await shell.socket.ping())
    assert ticks.count == counted
    await here.timing.run(1.5)
    assert await shell.closed() == CUT
    assert {row.state for row in tree(here.vm.guest).values()} == {"T"}
    await here.vm.resume()
    await ticks.move()
    assert alive(bash)
    async with here.attached() as other:
        assert int(await other.run("echo $$")) != bash
    await until(lambda: len(here.vm.shells) == 1, "the new shell has ended, the old one has not")


async def test_a_resumption_drops_the_connection_at_once_and_the_shell_lives_on(
    here: Place, shell: Typist
) -> None:
    pid = int(await shell.run("echo $$"))
    await here.vm.suspend()
    await here.vm.resume()
    assert await shell.closed() == CUT
    assert alive(pid)


async def test_a_client_that_leaves_a_suspended_microvm_thaws_nothing(here: Place, shell: Typist) -> None:
    await here.vm.suspend()
    shell.socket.transport.abort()
    await here.timing.run(LATE_DROP_SECONDS + 1)
    assert {row.state for row in tree(here.vm.guest).values()} == {"T"}
    await here.vm.guest.terminate()


async def test_what_a_shell_without_anybody_writes_does_not_hold_it_up(here: Place, shell: Typist) -> None:
    flood = "yes | head -c 3000000; echo done > done; exec sleep 1000"
    await shell.type(f"sh -c 'until [ -e go ]; do sleep 0.01; done; {flood}'\n")
    await here.in_foreground("sh")
    await here.vm.suspend()
    await here.vm.resume()
    assert await shell.closed() == CUT
    home = here.vm.guest.spec.folder / "home"
    (home / "go").touch()
    await until((home / "done").exists, "it has written all")


async def test_an_unseen_shell_that_ends_leaves_no_terminal(here: Place, shell: Typist) -> None:
    pid = int(await shell.run("echo $$"))
    await here.vm.suspend()
    await here.vm.resume()
    assert await shell.closed() == CUT
    os.kill(pid, 9)
    await until(lambda: not len(here.vm.shells), "the shell has ended")
    await until(lambda: "/dev/ptmx" not in descriptors(os.getpid()).values(), "its terminal is closed")


# Slow readers and slow guests


async def test_a_client_that_does_not_read_stops_the_shell_and_costs_no_memory(
    here: Place, shell: Typist
) -> None:
    home = here.vm.guest.spec.folder / "home"
    await shell.run(
        "i=0; write() { while :; do head -c 100000 /dev/zero; i=$((i+1)); echo $i > count; done; }"
    )
    before = resident_kb()
    shell.socket.transport.pause_reading()
    await shell.type("write\n")
    counts: list[str] = []

    def stands_still() -> bool:
        counts.append((home / "count").read_text() if (home / "count").exists() else "")
        return len(counts) > 30 and len(set(counts[-30:])) == 1 and counts[-1] != ""

    await until(stands_still, "the writer is held back")
    assert int(counts[-1]) < 200
    assert resident_kb() - before < 8 * 1024
    shell.socket.transport.resume_reading()
    reading = asyncio.create_task(shell.closed())
    await until(lambda: (home / "count").read_text() not in ("", counts[-1]), "the writer goes on")
    reading.cancel()


async def test_keys_that_the_shell_does_not_take_are_held_back_and_then_arrive(
    here: Place, shell: Typist
) -> None:
    await shell.type("stty -icanon -echo; until [ -e go ]; do sleep 0.01; done; head -c 300000 | md5sum\n")
    await until(lambda: any(proc(pid, "comm") == "sleep\n" for pid in tree(here.vm.guest)), "it waits")
    keys = b"0123456789\n" * 30_000
    typing = asyncio.create_task(shell.type(keys))
    (here.vm.guest.spec.folder / "home" / "go").touch()
    assert hashlib.md5(keys[:300_000]).hexdigest().encode() in await shell.until("  -")
    await typing


@pytest.mark.parametrize("leaves", ["closes", "vanishes"])
async def test_a_client_that_leaves_while_its_keys_wait_takes_its_shell_with_it(
    here: Place, shell: Typist, leaves: str
) -> None:
    await shell.type("stty -icanon -echo; sleep 1000\n")
    await here.in_foreground("sleep")
    for _ in range(20):
        await shell.type(b"x" * 20_000)
    async with asyncio.timeout(PATIENCE):
        await (await shell.socket.ping())
    if leaves == "closes":
        await shell.socket.close()
    else:
        shell.socket.transport.abort()
    await until(lambda: len(tree(here.vm.guest)) == 1, "shell and command have ended")


async def test_more_keys_than_wait_for_a_shell_hold_the_client_up(here: Place, shell: Typist) -> None:
    await shell.type("stty -icanon -echo; sleep 1000\n")
    await here.in_foreground("sleep")
    before = resident_kb()
    sent: list[int] = []

    async def type_on() -> None:
        while True:
            await shell.type(b"x" * 65_536)
            sent.append(65_536)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(type_on(), 2)
    assert sum(sent) < 32 << 20
    assert resident_kb() - before < 24 * 1024
    # A polite end would wait behind what was sent.
    shell.socket.transport.abort()
    await here.timing.run(QUIET_SECONDS + 1)
    await until(lambda: len(tree(here.vm.guest)) == 1, "its quiet has ended shell and command")


# Hostile clients


async def test_a_giant_frame_is_refused_before_it_is_read(here: Place, shell: Typist) -> None:
    before = resident_kb()
    shell.socket.transport.write(b"\x82\xff" + struct.pack("!Q", 1 << 40) + b"\0" * 4)
    assert (await shell.closed())[0] == 1009
    assert resident_kb() - before < 4 * 1024


async def test_a_message_in_fragments_is_one_and_may_not_be_too_long(here: Place, shell: Typist) -> None:
    for piece, opcode in ((b"echo fr", Opcode.BINARY), (b"agm", Opcode.CONT)):
        await raw(shell, opcode, piece, fin=False)
        await raw(shell, Opcode.PING, b"between")
    await raw(shell, Opcode.CONT, b"ents\n")
    await shell.until("\r\n\x1b[?2004l\rfragments")
    await raw(shell, Opcode.BINARY, b"x" * 65_536, fin=False)
    for _ in range(MAX_FRAME_BYTES // 65_536):
        await raw(shell, Opcode.CONT, b"x" * 65_536, fin=False)
    assert (await shell.closed())[0] == 1009


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xf2\x80\0\0\0\0", 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x81\x82\0\0\0\0\xff\xfe", 1007),
        (b"\x09\x80\0\0\0\0", 1002),
    ],
    ids=["reserved bits", "unknown opcode", "no UTF-8", "fragmented ping"],
)
async def test_a_broken_frame_ends_the_shell(here: Place, shell: Typist, frame: bytes, code: int) -> None:
    shell.socket.transport.write(frame)
    assert (await shell.closed())[0] in (code, 1006)
    await until(lambda: not len(here.vm.shells), "the shell has ended")


async def test_no_bytes_do_more_than_end_their_own_shell(here: Place) -> None:
    chance = random.Random(7)
    for _ in range(25):
        async with here.connected() as socket:
            await socket.recv()
            for _ in range(chance.randrange(1, 6)):
                head = bytes(
                    [chance.choice((0x81, 0x82, 0x01, 0x00, 0x89, 0x88)), 0x80 | chance.randrange(128)]
                )
                socket.transport.write(head + chance.randbytes(chance.randrange(200)))
            socket.transport.abort()
    async with here.attached() as typist:
        assert await typist.run("echo unharmed") == "unharmed"
    await until(lambda: not len(here.vm.shells), "all shells have ended")


async def test_malformed_json_and_impossible_sizes_are_typed(here: Place, shell: Typist) -> None:
    await shell.type("cat > typed\n")
    await here.in_foreground("cat")
    texts = [
        '{"type":"resize","cols":-1,"rows":24}',
        '{"type":"resize","cols":99999,"rows":24}',
        '{"type":',
        "{}",
    ]
    for text in texts:
        await shell.type(text)
        await shell.type("\n")
    await shell.type("\x04")
    typed = here.vm.guest.spec.folder / "home" / "typed"
    await until(lambda: typed.read_text() == "".join(f"{text}\n" for text in texts), "all was typed")
    await shell.until(PROMPT)
    assert await shell.run("stty size") == "0 0"


async def test_a_flood_of_resizes_ends_with_the_last(here: Place, shell: Typist) -> None:
    for number in range(3000):
        await shell.resize(number % 300, number % 100)
    await shell.resize(65_535, 65_535)
    await shell.resize(0, 0)
    await shell.resize(91, 31)
    assert "31 91" in await shell.run("stty size")


# Faults


async def test_a_fault_drops_shells_that_are_open(here: Place) -> None:
    async with here.attached() as one, here.attached() as other:
        here.faults.replace(parse_faults("shell-drop*1"))
        assert await one.closed() == CUT
        assert await other.run("echo kept") == "kept"
    async with here.attached() as later:
        assert await later.run("echo kept") == "kept"


async def test_a_fault_drops_later_shells_after_a_while(here: Place) -> None:
    here.faults.replace(parse_faults("shell-drop=0.2"))
    async with here.attached() as typist:
        assert await typist.closed() == CUT


async def test_a_stalled_shell_goes_on_afterwards(here: Place, shell: Typist) -> None:
    here.faults.replace(parse_faults("shell-stall"))
    await shell.type("echo delayed\n")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await shell.until("delayed")
    here.faults.replace([])
    await shell.until("delayed\r\n")
    here.faults.replace(parse_faults("shell-stall=0.2"))
    await shell.type("echo a while\n")
    await shell.until("a while\r\n")


async def test_a_slow_link_carries_so_many_bytes_a_second(here: Place, shell: Typist) -> None:
    await shell.run("head -c 5000 /dev/zero | tr '\\0' x > x")
    here.faults.replace(parse_faults("shell-slow=10000"))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await shell.type("cat x; echo; echo end\n")
    await shell.until("\r\nend\r\n")
    slow = loop.time() - started
    assert 0.4 < slow < 3.0
    here.faults.replace([])
    started = loop.time()
    await shell.type("cat x; echo; echo end\n")
    await shell.until("\r\nend\r\n")
    assert loop.time() - started < slow / 2
