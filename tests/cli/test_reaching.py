"""`call`, `forward`, `probe` and `token` as a user runs them, against a local cloud."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mvm_tui.cli.call import _request
from mvm_tui.local.launch import Facts
from tests.cli.runs import COMMAND, Cli, wait_until
from tests.cloud import client


@pytest.fixture(scope="module")
def web(facts: Facts) -> str:
    """A fresh MicroVM with the sample app, which logs and keeps items."""
    microvms = client(facts)
    arn = next(
        image["imageArn"]
        for image in microvms.list_microvm_images()["items"]
        if image["imageArn"].endswith("hello-web")
    )
    vm_id: str = microvms.run_microvm(imageIdentifier=arn)["microvmId"]
    wait_until(lambda: microvms.get_microvm(microvmIdentifier=vm_id)["state"] == "RUNNING")
    return vm_id


def test_a_call_prints_the_body_and_the_statuses_are_exit_codes(cli: Cli, web: str) -> None:
    answered = cli("call", web, "/")
    assert (answered.returncode, answered.stdout[:10]) == (0, "Hello from")
    added = cli("call", web, "/items", "-d", '"pear"', "-H", "Content-Type: application/json")
    assert added.returncode == 0
    assert "pear" in cli("call", web, "items").stdout
    missing = cli("call", web, "/nowhere", "-i")
    assert missing.returncode == 1
    assert missing.stdout.startswith("HTTP 404")


def test_a_call_as_json_has_all_of_the_answer(cli: Cli, web: str) -> None:
    answer = cli.read("call", web, "/clock")
    assert (answer["status"], answer["refusal"], answer["body_base64"]) == (200, None, None)
    assert json.loads(answer["body"])
    assert {"name", "value"} == set(answer["headers"][0])


def test_a_port_where_nothing_listens_is_explained(cli: Cli, web: str) -> None:
    done = cli("call", web, "/", "--port", "9")
    assert done.returncode == 4
    assert "Nothing answers on port 9" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("-H", "no colon"),
        ("-H", ";"),
        ("-H", "Transfer-Encoding: chunked"),
        ("-H", "content-length: 5"),
        ("-X", "GE T"),
        ("-d", "@/no/such/file"),
        ("-H", "A: b\r\nC: d"),
    ],
)
def test_what_cannot_be_sent_is_a_usage_error(cli: Cli, web: str, arguments: tuple[str, str]) -> None:
    assert cli("call", web, "/", *arguments).returncode == 2


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ((), {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}),
        (("Accept:", "Content-Type:"), {}),
        (("Accept;", "content-type: text/plain"), {"Accept": "", "content-type": "text/plain"}),
    ],
)
def test_headers_are_left_out_and_emptied_as_with_curl(given: tuple[str, ...], sent: dict[str, str]) -> None:
    options = {"headers": (*given, "User-Agent:"), "data": ("x",), "method": None, "timeout": 1.0}
    assert dict(_request("/", options).headers) == sent


def test_a_suspended_microvm_is_not_resumed_without_a_word(cli: Cli, facts: Facts, web: str) -> None:
    microvms = client(facts)

    def state() -> str:
        return str(microvms.get_microvm(microvmIdentifier=web)["state"])

    microvms.suspend_microvm(microvmIdentifier=web)
    wait_until(lambda: state() == "SUSPENDED")
    refused = cli("call", web, "/")
    assert refused.returncode == 1
    assert "--resume" in refused.stderr
    assert state() == "SUSPENDED"
    assert cli("call", web, "/", "--resume", "--read-only").returncode == 1
    assert state() == "SUSPENDED"
    assert cli("call", web, "/", "--resume").returncode == 0


@contextmanager
def forwarded(cli: Cli, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A forward under way and its URL."""
    process = subprocess.Popen(
        [*COMMAND, "forward", *arguments],
        env=cli.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()


def fetch(url: str, host: str = "") -> tuple[int, str]:
    """Status and body; the name is this machine's, so it is dialled there."""
    authority = url.split("/")[2]
    port = authority.rpartition(":")[2]
    request = urllib.request.Request(
        url.replace(authority, f"127.0.0.1:{port}"), headers={"Host": host or authority}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_forward_answers_to_its_name_and_ends_by_ctrl_c(cli: Cli, web: str) -> None:
    with forwarded(cli, web) as (url, process):
        assert url.startswith("http://")
        assert len(url.split("/")[2].partition(".")[0]) == 32
        assert fetch(f"{url}items") == (200, fetch(f"{url}items")[1])
        assert fetch(f"{url}items", host="localhost")[0] == 403
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        said = process.stderr.read()
    assert "GET  /items  200" in said
    assert "a.b" not in said
    assert "Authorization" not in said


def test_requests_of_a_forward_as_ndjson(cli: Cli, web: str) -> None:
    with forwarded(cli, web, "-o", "ndjson") as (line, process):
        record = json.loads(line)
        fetch(record["url"])
        assert process.stdout is not None
        exchange = json.loads(process.stdout.readline())
    assert (exchange["method"], exchange["path"], exchange["status"]) == ("GET", "/", 200)
    assert record["requests_per_second"] == 30


def test_a_probe_tells_times_and_the_cost_of_moving(cli: Cli, web: str) -> None:
    found = cli.read("probe", web, "--rate", "20", "--for", "1s", "--suspend-resume", "--yes")
    assert (found["requests"], found["errors"]) == (20, 0)
    assert 0 < found["p50_seconds"] <= found["p95_seconds"] <= found["max_seconds"]
    assert [step["name"] for step in found["steps"]][:2] == ["suspend", "resume"]
    shown = cli("probe", web, "--rate", "10", "--for", "1s")
    assert "at most 30 requests/s, three quarters of the 40 published" in shown.stderr
    assert "p95" in shown.stdout
    asked = cli("probe", web, "--for", "1s", "--suspend-resume")
    assert asked.returncode == 2
    assert "$" in asked.stderr
    assert cli("probe", web, "--rate", "31").returncode == 1


def test_a_probe_that_is_broken_off_tells_what_it_measured(cli: Cli, web: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "probe", web, "--rate", "20", "--for", "10m", "-o", "json"],
        env=cli.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert "cost nothing of their own" in process.stderr.readline()
        served = ("call", web, "/clock")
        wait_until(lambda: cli(*served).returncode == 0)
        os.kill(process.pid, signal.SIGINT)
        told, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    found = json.loads(told)
    assert 0 < found["requests"] < 1_000
    assert found["p50_seconds"] > 0


def test_a_path_that_no_url_holds_is_a_usage_error_of_a_probe_too(cli: Cli, web: str) -> None:
    assert cli("probe", web, "--path", "/a b", "--for", "1s").returncode == 2


def test_a_token_opens_the_endpoint(cli: Cli, facts: Facts, web: str) -> None:
    refused = cli("token", web, "--shell", "--read-only")
    assert (refused.returncode, refused.stdout) == (1, "")
    record = cli.read("token", web)
    host = str(client(facts).get_microvm(microvmIdentifier=web)["endpoint"])
    port = host.rpartition(":")[2]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": host, **record["headers"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    lines = cli("token", web, "--header", "--port", "3000").stdout.splitlines()
    assert lines[0].startswith("X-aws-proxy-auth: ")
    assert lines[1] == "X-aws-proxy-port: 3000"
