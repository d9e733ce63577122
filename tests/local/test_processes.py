"""A guest's life: what it is given, what it says, how it ends, where it is reached."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mvm_tui.local import listeners
from mvm_tui.local.guest_environment import guest_environment
from mvm_tui.local.processes import Guest
from mvm_tui.local.supervisor_link import SupervisorGoneError
from tests.local.guests import Heard, descriptors, proc, tree, until

SERVE = """
import os, socket, sys
where = [int(os.environ["PORT"])] if "PORT" in os.environ else []
servers = [socket.create_server(("127.0.0.1", port)) for port in [*where, 0]]
print(servers[-1].getsockname()[1], flush=True)
while True:
    servers[0].accept()[0].sendall(b"app")
"""
IMPATIENT = """
import os, socket
socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
print(os.environ["PORT"], flush=True)
"""


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", code, *arguments)


@pytest.fixture
async def heard() -> Heard:
    return Heard()


@pytest.fixture
async def server(heard: Heard, tmp_path: Path) -> AsyncIterator[Guest]:
    guest = await heard.start(python(SERVE), tmp_path / "vm", port=8080)
    await until(lambda: heard.lines, "the app listens")
    yield guest
    await guest.terminate()


async def test_the_environment_is_the_images_and_nothing_else(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "GITHUB_TOKEN", "MARKER"):
        monkeypatch.setenv(name, "of-the-cloud")
    image = {"STAGE": "demo", "AWS_PROFILE": "x", "SSH_AUTH_SOCK": "y", "HOME": "/", "TMPDIR": "/tmp"}
    folder = tmp_path / "vm"
    await heard.start(("env",), folder, env=image, port=8080)
    assert await heard.exit() == 0
    given = dict(line.split("=", 1) for line in heard.lines)
    port = given.pop("PORT")
    assert int(port) in listeners.ASSIGNED_PORTS
    assert given == {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "TMUX_TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "HOST": "127.0.0.1",
        "STAGE": "demo",
    }


def test_an_image_may_name_its_own_path_and_language() -> None:
    given = guest_environment({"PATH": "/opt/bin", "LANG": "C"}, Path("/vm"), None)
    own = {"HOME": "/vm/home", "TMPDIR": "/vm/tmp", "TMUX_TMPDIR": "/vm/tmp"}
    assert given == {"PATH": "/opt/bin", "LANG": "C", **own}


async def test_it_has_its_own_folders_and_no_descriptor_of_the_cloud(heard: Heard, tmp_path: Path) -> None:
    kept = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(kept, True)
    folder = tmp_path / "vm"
    guest = await heard.start(("sleep", "1000"), folder)
    try:
        (pid,) = tree(guest)
        await until(lambda: proc(pid, "comm").strip() == "sleep", "the command runs")
        opened = descriptors(pid)
        assert sorted(opened) == [0, 1, 2]
        assert opened[0] == os.devnull
        assert opened[1] == opened[2]
        assert opened[1].startswith("pipe:")
        modes = [(each.name, each.stat().st_mode & 0o777) for each in (folder, *sorted(folder.iterdir()))]
        assert modes == [("vm", 0o700), ("home", 0o700), ("tmp", 0o700)]
        assert os.getsid(pid) == pid
    finally:
        os.close(kept)
        await guest.terminate()


async def test_the_source_is_copied_and_is_where_it_runs(heard: Heard, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "greeting").write_text("hello\n")
    await heard.start(
        ("sh", "-c", "pwd; cat greeting; echo changed > greeting"), tmp_path / "vm", source=source
    )
    assert await heard.exit() == 0
    assert heard.lines == [str(tmp_path / "vm" / "app"), "hello"]
    assert (source / "greeting").read_text() == "hello\n"
    assert not (tmp_path / "vm").exists()


async def test_a_source_that_is_not_there_fails_the_start_and_leaves_nothing(
    heard: Heard, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await heard.start(("true",), tmp_path / "vm", source=tmp_path / "missing")
    assert not (tmp_path / "vm").exists()
    assert heard.codes == []


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 0", 0), ("exit 42", 42), ("kill -KILL $$", 137), ("exec nothing-like-it", 127)],
)
async def test_the_exit_code_is_a_containers(heard: Heard, tmp_path: Path, command: str, code: int) -> None:
    guest = await heard.start(("sh", "-c", command), tmp_path / "vm")
    assert await heard.exit() == code
    assert guest.ended
    await guest.terminate()
    assert heard.codes == [code]


async def test_all_output_comes_before_the_exit(heard: Heard, tmp_path: Path) -> None:
    counted = "i=0; while [ $i -lt 2000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done; printf last"
    await heard.start(("sh", "-c", counted), tmp_path / "vm")
    await heard.exit()
    assert heard.lines == [f"{way} {i}" for i in range(2000) for way in ("out", "err")] + ["last"]


async def test_a_command_that_is_not_there_says_so(heard: Heard, tmp_path: Path) -> None:
    await heard.start(("no-such-program",), tmp_path / "vm")
    assert await heard.exit() == 127
    assert heard.lines == ["no-such-program: No such file or directory"]


async def test_terminate_is_no_exit_and_may_be_repeated(heard: Heard, tmp_path: Path) -> None:
    guest = await heard.start(("sleep", "1000"), tmp_path / "vm")
    await guest.terminate()
    await guest.terminate()
    assert guest.ended
    assert heard.codes == []
    for change in (guest.suspend, guest.resume):
        with pytest.raises(SupervisorGoneError):
            await change()


async def test_the_main_port_stands_for_the_assigned_one(server: Guest, heard: Heard) -> None:
    address = server.address_of(8080)
    assert address is not None
    assert address[1] in listeners.ASSIGNED_PORTS
    with socket.create_connection(address) as connection:
        assert connection.recv(3) == b"app"
    await server.suspend()
    assert server.address_of(8080) == address


async def test_other_ports_answer_only_for_this_vm(server: Guest, heard: Heard) -> None:
    own = int(heard.lines[0])
    assert server.address_of(own) == ("127.0.0.1", own)
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        assert server.address_of(foreign.getsockname()[1]) is None
    await server.terminate()
    assert server.address_of(own) is None
    assert server.address_of(8080) is None


async def test_a_guest_that_never_listens_has_no_address(heard: Heard, tmp_path: Path) -> None:
    guest = await heard.start(("sleep", "1000"), tmp_path / "vm", port=8080)
    assert guest.address_of(8080) is None
    assert guest.address_of(443) is None
    await guest.terminate()


async def test_a_port_that_somebody_took_is_tried_anew(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as thief:
        ports = iter([thief.getsockname()[1], listeners.free_port()])
        monkeypatch.setattr(listeners, "free_port", lambda: next(ports))
        guest = await heard.start(python(SERVE), tmp_path / "vm", port=8080)
        await until(lambda: guest.address_of(8080), "the second port is served")
        assert heard.codes == []
        await guest.terminate()


async def test_a_port_that_stays_taken_is_the_apps_failure(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as thief:
        monkeypatch.setattr(listeners, "free_port", lambda: thief.getsockname()[1])
        await heard.start(python(IMPATIENT), tmp_path / "vm", port=8080)
        assert await heard.exit() == 1
    assert sum("Address already in use" in line for line in heard.lines) == 3


async def test_the_environment_of_the_supervisor_is_empty(server: Guest) -> None:
    assert server.supervisor_pid is not None
    assert proc(server.supervisor_pid, "environ") == ""
    assert json.dumps(sorted(descriptors(server.supervisor_pid)))[:9] == "[0, 1, 2,"
