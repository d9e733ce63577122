"""A cloud starts, says where it is, and leaves nothing behind, however it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts, LaunchError, start
from tests.cloud import client, cloud_process

DEADLINE = 20.0


def wait_until(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def descendants(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for text in child.read_text().split():
            found += [int(text), *descendants(int(text))]
    return found


@contextmanager
def command(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m mvm_tui.local` with a temporary folder of its own, killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mvm_tui.local", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], DEADLINE)
    assert readable, "the cloud printed nothing"
    return process.stdout.readline().decode()


def test_start_and_close() -> None:
    with start(seed="empty") as cloud:
        assert cloud.facts.endpoint.startswith("http://127.0.0.1:")
        assert client(cloud.facts, "sts").get_caller_identity()["Account"] == cloud.facts.account
        assert cloud.facts.secret_key not in repr(cloud.facts)
        assert cloud.facts.environment()["AWS_ENDPOINT_URL"] == cloud.facts.endpoint
    assert cloud.process.returncode == 0


def test_a_cloud_that_cannot_start_says_why() -> None:
    with cloud_process() as facts, pytest.raises(LaunchError, match=r"did not start: .*in use"):
        start(seed="empty", options=["--port", str(facts.port)])
    with pytest.raises(LaunchError, match="ended before it served"):
        start(seed="nonsense")


def test_the_facts_are_one_line_of_json(tmp_path: Path) -> None:
    with command(tmp_path, "--print", "json", "--seed", "empty", "--region", "eu-west-1") as process:
        facts = json.loads(first_line(process))
        assert list(facts) == ["endpoint", "access_key", "secret_key", "region", "account"]
        assert facts["region"] == "eu-west-1"
        assert client(Facts(**facts)).list_microvms()["items"] == []


def test_the_environment_can_be_evaluated_by_a_shell(tmp_path: Path) -> None:
    with command(tmp_path, "--seed", "empty") as process:
        assert first_line(process).startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    with command(tmp_path, "--print", "json", "--seed", "demo") as process:
        facts = Facts(**json.loads(first_line(process)))
        wait_until(lambda: len(descendants(process.pid)) >= 4, "no MicroVM runs")
        processes = descendants(process.pid)
        assert list(tmp_path.iterdir()), "the run has no folder"
        process.send_signal(number)
        process.wait(DEADLINE)
        assert process.returncode == (-number if number == signal.SIGKILL else 0)
        wait_until(lambda: not any(map(alive, processes)), "a process is left")
        wait_until(lambda: not list(tmp_path.iterdir()), "a file is left")
        assert facts.secret_key not in (process.stderr.read().decode() if process.stderr else "")


def test_a_cloud_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from mvm_tui.local.launch import start\n"
            "cloud = start(seed='demo')\nprint(cloud.process.pid, flush=True)\ninput()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    processes = [child, *descendants(child)]
    parent.kill()
    parent.communicate()
    wait_until(lambda: not any(map(alive, processes)), "a process is left")
    wait_until(lambda: not list(tmp_path.iterdir()), "a file is left")


def test_a_cloud_ends_when_the_one_who_reads_its_facts_has_died(tmp_path: Path) -> None:
    """As a test harness is killed that started it with a pipe, and with no word about standard input."""
    starter = (
        "import subprocess, sys\n"
        "cloud = subprocess.Popen([sys.executable, '-m', 'mvm_tui.local', '--print', 'json'],"
        " stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)\n"
        "cloud.stdout.readline()\nprint(cloud.pid, flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as parent:
        child = int(first_line(parent))
        processes = [child, *descendants(child)]
        parent.kill()
    wait_until(lambda: not any(map(alive, processes)), "a process is left")
    wait_until(lambda: not list(tmp_path.iterdir()), "a file is left")


def test_a_cloud_in_the_background_outlives_its_shell_and_with_nohup_its_terminal(tmp_path: Path) -> None:
    out = tmp_path / "facts"
    script = f"trap '' HUP; {sys.executable} -m mvm_tui.local --seed empty --print json > {out} & echo $!"
    shell = subprocess.run(
        ["/bin/sh", "-c", script],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=True,
        timeout=30,
    )
    cloud = int(shell.stdout)
    try:
        wait_until(lambda: out.exists() and out.read_text().endswith("\n"), "no facts")
        facts = Facts(**json.loads(out.read_text()))
        os.kill(cloud, signal.SIGHUP)
        end = time.monotonic() + 1.5
        wait_until(lambda: time.monotonic() > end, "time stands still")
        assert client(facts).list_microvms()["items"] == []
    finally:
        os.kill(cloud, signal.SIGTERM)
    wait_until(lambda: not alive(cloud), "it does not end")


def test_the_users_aws_settings_do_not_reach_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "marker-of-a-secret")
    with start(seed="empty") as cloud:
        environment = Path(f"/proc/{cloud.process.pid}/environ").read_bytes()
    assert b"marker-of-a-secret" not in environment


def test_rude_clients_are_no_news(tmp_path: Path) -> None:
    log = tmp_path / "log"
    head = b"POST /2025-09-09/microvms HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
    rude = {
        b"Content-Length: 9\r\n\r\n{": b"",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n": b"HTTP/1.0 400 ",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n": b"HTTP/1.0 400 ",
        b"Host: evil.example\r\n\r\n": b"HTTP/1.0 400 ",
        b"X: " + b"x" * 10_000 + b"\r\n\r\n": b"HTTP/1.0 400 ",
    }
    claim = "Credential=A/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
    named = f"X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 {claim}\r\n".encode()
    with log.open("wb") as stderr, start(seed="empty", stderr=stderr) as cloud:
        for rest, expected in rude.items():
            with socket.create_connection(("127.0.0.1", cloud.facts.port), timeout=10) as connection:
                connection.sendall(head % cloud.facts.port + named + rest)
                if not expected:
                    connection.shutdown(socket.SHUT_WR)
                assert connection.recv(100).startswith(expected)
        client(cloud.facts).list_microvms()
    assert log.read_text() == ""


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "70000"],
        ["--region", "mars-north-1"],
        ["--speed", "0"],
        ["--speed", "nan"],
        ["--seed", "-1"],
        ["--seed", "9" * 9],
        ["--faults", "x"],
    ],
)
def test_wrong_options_are_refused(options: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "mvm_tui.local", *options], capture_output=True, timeout=30)
    assert done.returncode == 2
    assert b"error: argument" in done.stderr
    assert tempfile.gettempdir() not in done.stdout.decode()


def test_faults_can_be_on_from_the_start() -> None:
    with cloud_process(options=["--faults", "error@ListMicrovms*1"]) as facts:
        calls = client(facts)
        with pytest.raises(calls.exceptions.InternalServerException):
            calls.list_microvms()
        assert calls.list_microvms()["items"] == []


def _exhaust(call: Callable[[], object]) -> None:
    for _ in range(100):
        call()


def test_rates_are_the_services_and_say_when_to_come_back() -> None:
    with cloud_process() as facts:
        calls = client(facts)
        with pytest.raises(calls.exceptions.ThrottlingException) as caught:
            _exhaust(calls.list_microvms)
    answer = caught.value.response["ResponseMetadata"]
    assert (answer["HTTPStatusCode"], answer["HTTPHeaders"]["retry-after"]) == (429, "1")


def test_rates_can_be_off() -> None:
    with cloud_process(rates=False) as facts:
        calls = client(facts)
        assert [calls.list_microvms()["items"] for _ in range(100)] == [[]] * 100
