"""Commands run through real shells on real terminals: bytes, codes, signals, both outputs apart."""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.errors import GatewayFault, NoShell, Unexpected
from mvm_tui.shell.execute import TIMED_OUT, Execution, Lines, Streams
from mvm_tui.shell.session import ShellOptions, ShellSession
from tests.shell.guests import guest
from tests.shell.servers import HTTP, VM_ID, Server, Service, a_vm, echo_endpoint

OPTIONS = ShellOptions(reconnect=False, pause=0, watch_seconds=0)
BASH = ("bash", "--noprofile", "--norc", "-i")
SHELLS = [BASH, ("sh", "-i")]


class Run:
    """One command and what came of it."""

    def __init__(
        self, server: Server, argv: Sequence[str], stdin: AsyncIterator[bytes] | None = None
    ) -> None:
        self.out = bytearray()
        self.err = bytearray()
        access = Service(a_vm(server.endpoint)).access()

        def new() -> ShellSession:
            return ShellSession(VM_ID, access, options=OPTIONS)

        self.session = new()
        self.execution = Execution(self.session, argv, Streams(self._stdout, self._stderr, stdin), new)

    async def _stdout(self, data: bytes) -> None:
        self.out += data

    async def _stderr(self, data: bytes) -> None:
        self.err += data

    async def __call__(self, limit: float | None = 60) -> int | None:
        self.session.start(80, 24)
        try:
            return await self.execution.run(limit)
        finally:
            await self.session.close()

    async def until_out(self, wanted: bytes, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while wanted not in self.out:
            assert time.monotonic() < deadline, (bytes(self.out[-200:]), bytes(self.err[-200:]))
            await asyncio.sleep(0.01)


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


@pytest.mark.parametrize("shell", SHELLS)
async def test_outputs_are_apart_and_the_code_is_the_commands(shell: Sequence[str], tmp_path: Path) -> None:
    async with guest(shell, tmp_path) as server:
        run = Run(server, ["sh", "-c", "echo out; echo err >&2; exit 7"])
        assert await run() == 7
        assert (bytes(run.out), bytes(run.err)) == (b"out\n", b"err\n")


@pytest.mark.parametrize("shell", SHELLS)
async def test_arguments_and_bytes_arrive_as_they_are(shell: Sequence[str], tmp_path: Path) -> None:
    argv = ["printf", "%s|", "a b", "$HOME", "'\"", "*", "", "λ\n!", "-n", "\\t"]
    async with guest(shell, tmp_path) as server:
        run = Run(server, argv)
        assert await run() == 0
        assert run.out == b"".join(word.encode() + b"|" for word in argv[2:])
        lines = [bytes([first << 2, 0, 0]) for first in range(64)]
        starts = Run(server, ["cat"], pieces(*lines))
        assert await starts() == 0
        assert starts.out == b"".join(lines), "a line of data was taken for an order"
        every = Run(server, ["cat"], pieces(bytes(range(256)), b"", b"\x03\x04\x11\x13\r\n", b"."))
        assert await every() == 0
        assert every.out == bytes(range(256)) + b"\x03\x04\x11\x13\r\n."


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [(["no-such-command"], 127, b"not found"), (["false"], 1, b""), (["true"], 0, b"")],
)
async def test_codes(argv: list[str], code: int, said: bytes, tmp_path: Path) -> None:
    async with guest(BASH, tmp_path) as server:
        run = Run(server, argv)
        assert await run() == code
        assert said in run.err


async def test_a_signal_that_killed_it_shows_in_the_code(tmp_path: Path) -> None:
    async with guest(BASH, tmp_path) as server:
        run = Run(server, ["sh", "-c", "kill -9 $$"])
        assert await run() == 137
        assert run.err == b""


@pytest.mark.parametrize(("shell", "size"), [(BASH, 2_000_000), (("sh", "-i"), 10_000_000)])
async def test_megabytes_of_anything_survive_both_ways(
    shell: Sequence[str], size: int, tmp_path: Path
) -> None:
    data = random.Random(size).randbytes(size)
    (tmp_path / "down").write_bytes(data)

    async def upwards() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65_536):
            yield data[start : start + 65_536]

    async with guest(shell, tmp_path) as server:
        up = Run(server, ["sh", "-c", "cat > up; echo done"], upwards())
        assert await up(110) == 0
        assert hashlib.sha256((tmp_path / "up").read_bytes()).digest() == hashlib.sha256(data).digest()
        down = Run(server, ["cat", "down"])
        assert await down(110) == 0
        assert hashlib.sha256(down.out).digest() == hashlib.sha256(data).digest()


async def test_a_guest_whose_dd_does_not_read_whole_blocks_gets_lines(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    old = tools / "dd"
    old.write_text(f'#!/bin/sh\ncase "$*" in *iflag*) exit 1 ;; esac\nexec {_which("dd")} "$@"\n')
    old.chmod(0o755)
    data = random.Random(1).randbytes(300_000)
    async with guest(BASH, tmp_path, path=f"{tools}:/usr/bin:/bin") as server:
        run = Run(server, ["cat"], pieces(data))
        assert await run() == 0
        assert run.out == data


async def test_output_comes_while_the_command_runs_and_input_is_not_held_back(tmp_path: Path) -> None:
    first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def talk() -> AsyncIterator[bytes]:
        yield b"one\n"
        yield await first

    async with guest(BASH, tmp_path) as server:
        run = Run(server, ["cat"], talk())
        running = asyncio.create_task(run())
        await run.until_out(b"one\n")
        first.set_result(b"two\n")
        assert await running == 0
        assert run.out == b"one\ntwo\n"


async def test_without_input_it_reads_its_end_at_once(tmp_path: Path) -> None:
    async with guest(BASH, tmp_path) as server:
        assert await Run(server, ["cat"])() == 0


async def test_input_that_is_not_read_does_not_keep_it(tmp_path: Path) -> None:
    async def much() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    async with guest(BASH, tmp_path) as server:
        run = Run(server, ["sh", "-c", "head -c 100000 | wc -c"], much())
        assert await run() == 0
        assert run.out.strip() == b"100000"


@pytest.mark.parametrize("shell", SHELLS)
async def test_at_its_timeout_the_command_is_killed(shell: Sequence[str], tmp_path: Path) -> None:
    async with guest(shell, tmp_path) as server:
        run = Run(server, ["sh", "-c", "echo $$; exec sleep 600"])
        assert await run(0.5) == TIMED_OUT
        assert not await _alive(int(run.out))


async def test_one_that_ignores_the_signal_is_killed_harder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mvm_tui.shell.execute.GRACE_SECONDS", 0.3)
    async with guest(BASH, tmp_path) as server:
        run = Run(server, ["sh", "-c", "trap '' TERM HUP; echo $$; while :; do sleep 0.05; done"])
        assert await run(0.5) == TIMED_OUT
        assert not await _alive(int(run.out))


async def test_one_that_is_stuck_with_its_input_unread_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mvm_tui.shell.execute.GRACE_SECONDS", 0.3)

    async def much() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    async with guest(BASH, tmp_path) as server:
        # One that the end of its terminal would not end either.
        run = Run(server, ["sh", "-c", "trap '' HUP; echo $$; exec sleep 600"], much())
        assert await run(1) == TIMED_OUT
        assert not await _alive(int(run.out))


async def test_stopped_it_gets_the_signal_and_may_tidy_up(tmp_path: Path) -> None:
    async with guest(BASH, tmp_path) as server:
        script = "trap 'echo tidy; exit 3' INT; echo ready; while :; do sleep 0.05; done"
        run = Run(server, ["sh", "-c", script])
        running = asyncio.create_task(run())
        await run.until_out(b"ready\n")
        run.execution.stop()
        assert await running == 3
        assert run.out == b"ready\ntidy\n"


async def test_what_the_guest_lacks_is_said(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "bash", "stty", "dd"):
        (tools / tool).symlink_to(_which(tool))
    async with guest(BASH, tmp_path, path=str(tools)) as server:
        with pytest.raises(Unexpected) as refused:
            await Run(server, ["true"])()
    assert refused.value.what == "The MicroVM has no base64."
    assert "mvm-tui shell" in refused.value.fix


async def test_noise_on_the_terminal_does_not_get_into_the_output(tmp_path: Path) -> None:
    noise = "printf 'noise without an end' > /dev/tty; echo clean"
    async with guest(BASH, tmp_path, extra={"PROMPT_COMMAND": "echo welcome"}) as server:
        run = Run(server, ["sh", "-c", noise])
        assert await run() == 0
        assert run.out == b"clean\n"


async def test_a_shell_that_is_none_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.shell.execute.START_SECONDS", 0.3)
    async with echo_endpoint() as server:
        with pytest.raises(GatewayFault, match="did not answer"):
            await Run(server, ["true"])()


async def test_a_lost_connection_leaves_the_end_open(tmp_path: Path) -> None:
    async with guest(BASH, tmp_path) as server:
        run = Run(server, ["sh", "-c", "echo ready; exec sleep 600"])
        running = asyncio.create_task(run())
        await run.until_out(b"ready")
        server.connections[0].transport.abort()
        with pytest.raises(GatewayFault, match="not known"):
            await running


async def test_why_there_is_no_shell_is_what_is_raised() -> None:
    service = Service(a_vm("vm.localhost:1", ingress=(HTTP,)))
    session = ShellSession(VM_ID, service.access(), options=OPTIONS)
    run = Execution(session, ["true"], Streams(_nowhere, _nowhere))
    session.start(80, 24)
    with pytest.raises(NoShell):
        await run.run()
    await session.close()


@given(st.binary(max_size=300), st.integers(1, 20))
def test_lines_are_found_in_any_noise_however_cut(noise: bytes, size: int) -> None:
    text = noise + b"\nNONCEoQUJD\r\n" + noise.replace(b"\n", b"") + b"NONCEx7\n"
    lines = Lines("NONCE")
    found = [each for at in range(0, len(text), size) for each in lines.feed(text[at : at + size])]
    assert found == list(Lines("NONCE").feed(text))
    assert ("x", b"7") in found
    assert ("o", b"QUJD") in found


def test_a_line_that_does_not_end_is_not_kept() -> None:
    lines = Lines("NONCE")
    for _ in range(1_000):
        assert list(lines.feed(b"x" * 1_000)) == []
    assert len(lines._rest) <= 10_000
    assert list(lines.feed(b"\nNONCEa\n")) == [("a", b"")]


async def _nowhere(data: bytes) -> None:
    """Takes and keeps nothing."""


async def _alive(pid: int) -> bool:
    """Whether a process still runs, after some time to end."""
    deadline = time.monotonic() + 5
    while _runs(pid):
        if time.monotonic() > deadline:
            return True
        await asyncio.sleep(0.02)
    return False


def _runs(pid: int) -> bool:
    """False also for one that has ended and that nobody has waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _which(tool: str) -> Path:
    found = shutil.which(tool)
    assert found is not None
    return Path(found).resolve()
