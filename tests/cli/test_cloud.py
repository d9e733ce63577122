"""`local` and `demo`: what they tell, what they take of the user's, what they leave."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.cli.cloud import forget_aws
from tests.cli.runs import COMMAND, Cli, wait_until
from tests.pty_session import PtySession


def local(cli: Cli, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "local", "--seed", "empty", *options],
        env=cli.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_local_prints_where_it_is_and_stays_until_it_is_interrupted(stranger: Cli) -> None:
    with local(stranger, "--print", "json", "--region", "eu-west-1") as process:
        facts = first_line(process)
        assert list(facts) == ["endpoint", "access_key", "secret_key", "region", "account"]
        assert facts["region"] == "eu-west-1"
        listed = stranger(
            *("ls", "-o", "json", "--endpoint-url", facts["endpoint"], "--region", "eu-west-1"),
            AWS_ACCESS_KEY_ID=facts["access_key"],
            AWS_SECRET_ACCESS_KEY=facts["secret_key"],
        )
        assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_local_ends_with_its_starter_when_told_to(stranger: Cli) -> None:
    with local(stranger, "--print", "json", "--end-with-stdin") as process:
        first_line(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    "option", [("--seed", "some"), ("--speed", "0"), ("--port", "x"), ("--faults", "nonsense")]
)
def test_local_says_what_it_cannot_do(stranger: Cli, option: tuple[str, str]) -> None:
    done = stranger("local", *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert option[0] in done.stderr


def test_forgetting_aws_leaves_no_way_to_the_users_account() -> None:
    environ = {"AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "t", "AWS_ENDPOINT_URL_STS": "u", "PATH": "/bin"}
    forget_aws(environ)
    assert environ == {
        "PATH": "/bin",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


_TRAPS = """
import os, sys
def watch(event, arguments):
    if event == 'open' and '.aws' in str(arguments[0]):
        os.write(2, b'READ ' + str(arguments[0]).encode() + b'\\n')
sys.addaudithook(watch)
from mvm_tui.cli.main import main
sys.argv = ['mvm-tui', 'demo', '--speed', '10']
main()
"""


def test_the_demo_reads_nothing_of_the_users_and_leaves_nothing(stranger: Cli, tmp_path: Path) -> None:
    aws = stranger.home / ".aws"
    aws.mkdir()
    (aws / "config").write_text("[profile prod]\nregion = eu-west-1\n")
    (aws / "credentials").write_text("[default]\naws_access_key_id = mine\naws_secret_access_key = mine\n")
    before = set(stranger.home.rglob("*"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    extra = {
        "AWS_PROFILE": "prod",
        "AWS_CONFIG_FILE": str(aws / "config"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "TMPDIR": str(temporary),
    }
    with PtySession([sys.executable, "-c", _TRAPS], home=stranger.home, extra=extra) as screen:
        screen.wait_for("DEMO")
        screen.wait_for("4 running")
        assert len(list(temporary.iterdir())) >= 2
        screen.send("q")
        assert screen.wait_exit() == 0
        assert "READ" not in screen.text
    assert list(temporary.iterdir()) == []
    assert set(stranger.home.rglob("*")) - before == {temporary}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_demo_cleanly(stranger: Cli, tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [*COMMAND, "demo"]
    with PtySession(command, home=stranger.home, extra={"TMPDIR": str(temporary)}) as screen:
        screen.wait_for("4 running")
        os.kill(screen.process.pid, number)
        assert screen.wait_exit() == 128 + number
        assert screen.raw.rindex("\x1b[?1049l") > screen.raw.rindex("\x1b[?1049h")
    wait_until(lambda: list(temporary.iterdir()) == [])


_HANGS = """
import sys, time
from mvm_tui.cli.main import main
from mvm_tui.tui.app import MvmApp
async def hang(self):
    time.sleep(60)
MvmApp.on_unmount = hang
sys.argv = ["mvm-tui", "demo"]
main()
"""


def test_a_ui_that_hangs_at_its_end_leaves_a_clean_terminal(stranger: Cli) -> None:
    with PtySession([sys.executable, "-c", _HANGS], home=stranger.home) as screen:
        screen.wait_for("4 running")
        os.kill(screen.process.pid, signal.SIGTERM)
        assert screen.wait_exit() == 128 + signal.SIGTERM
        assert screen.raw.rindex("\x1b[?1049l") > screen.raw.rindex("\x1b[?1049h")


def test_the_demo_ends_when_its_terminal_is_gone(stranger: Cli, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, b"\x28\x00\x78\x00\x00\x00\x00\x00")
    environment = stranger.environment | {"TERM": "xterm-256color", "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [*COMMAND, "demo"], stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    drawn = b""
    while b"running" not in drawn:
        drawn += os.read(master, 65_536)
    os.close(master)
    assert process.wait(30) == 128 + signal.SIGHUP
    wait_until(lambda: list(temporary.iterdir()) == [])
