"""`mvm-tui logs` as users run it: a process, a pipe, a terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import COMMAND, Cli, counted, wait_until
from tests.cloud import client, cloud_process, set_faults, set_logs
from tests.logs.feeding import PATIENCE_SECONDS, Feed, now_ms
from tests.pty_session import PtySession

ROLE = "arn:aws:iam::000000000000:role/local"
VM = "microvm-9c1f0000-1111-2222-3333-444444444444"


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("demo", speed=20, rates=False, options=["--log-delay", "0"]) as found:
        yield found


@pytest.fixture(scope="module")
def worker(facts: Facts) -> Feed:
    """The group of the demo's image `devbox`, whose MicroVMs are silent; the seed's build logs go."""
    group = "/aws/lambda-microvms/devbox"
    logs = client(facts, "logs")
    if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.delete_log_group(logGroupName=group)
    return Feed(facts, group)


@contextmanager
def running(cli: Cli, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """The verb while the block runs, and its next line of output, which ends with it, or after a minute."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    deadline = threading.Timer(PATIENCE_SECONDS, process.kill)
    deadline.start()
    try:
        yield process, process.stdout.readline
    finally:
        deadline.cancel()
        process.kill()
        process.communicate(timeout=20)


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_rows_hold_the_members_of_the_contract_and_the_raw_text(cli: Cli, worker: Feed) -> None:
    stream = f"2026/11/25[2.0]{VM}"
    moment = worker.put(stream, "\x1b[31mred\x1b[0m \x00é", at=now_ms() - 120_000)
    done = cli("logs", "devbox", "-o", "ndjson", "--filter", "red")
    assert done.returncode == 0, done.stderr
    (row,) = rows(done.stdout)
    assert list(row) == ["event_id", "timestamp", "group", "stream", "vm", "message"]
    assert len(row["event_id"]) == 56
    when = datetime.fromtimestamp(moment / 1_000, UTC)
    assert row["timestamp"] == when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (row["group"], row["stream"], row["vm"]) == (worker.group, stream, VM)
    assert row["message"] == "\x1b[31mred\x1b[0m \x00é"
    assert done.stdout.isascii()


def test_text_in_a_pipe_is_harmless_and_without_colour(cli: Cli, worker: Feed) -> None:
    worker.put("s", "\x1b]52;c;eA==\x07\x1b[31mscarlet\x1b[0m\nforged", at=now_ms() - 60_000)
    done = cli("logs", "devbox", "--filter", "scarlet", "--utc")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    first, second = done.stdout.splitlines()
    assert first.endswith("Z  s  scarlet")
    assert second == "    forged"
    assert cli("logs", "devbox", "--filter", "scarlet", "--utc", "-o", "text").stdout == done.stdout


def test_a_terminal_gets_the_colours_of_plain_sgr_and_no_other_sequence(cli: Cli, worker: Feed) -> None:
    worker.put("s", "\x1b[35;1mcoloured\x1b[0m \x1b]2;title\x07\x1b[2Jrest", at=now_ms() - 60_000)
    command = [*COMMAND, "logs", "devbox", "--filter", "coloured"]
    with PtySession(command, home=cli.home, extra=cli.environment) as screen:
        screen.wait_for("rest")
        raw = screen.raw
    assert "\x1b[1;38;5;5mcoloured\x1b[0m rest" in raw
    assert "title" not in raw
    assert "\x1b[2J" not in raw


def test_windows_versions_and_filters_narrow_what_is_printed(cli: Cli, worker: Feed) -> None:
    now = now_ms()
    worker.put("2026/11/25[7.0]microvm-11", "INFO narrow one", at=now - 300_000)
    worker.put("2026/11/25[8.0]microvm-12", "ERROR narrow two", "WARN narrow three", at=now - 200_000)

    def printed(*arguments: str) -> list[str]:
        done = cli("logs", *arguments, "-o", "json")
        assert done.returncode == 0, done.stderr
        return [row["message"] for row in json.loads(done.stdout) if "narrow" in row["message"]]

    assert printed("devbox") == ["INFO narrow one", "ERROR narrow two", "WARN narrow three"]
    assert printed("devbox:8.0") == ["ERROR narrow two", "WARN narrow three"]
    assert printed("devbox", "--since", "4m") == ["ERROR narrow two", "WARN narrow three"]
    border = datetime.fromtimestamp((now - 250_000) / 1_000, UTC).isoformat()
    assert printed("devbox", "--until", border) == ["INFO narrow one"]
    # What is shown of an image unless it is told since when, ends where the user says.
    worker.put("2026/11/25[7.0]microvm-11", "INFO narrow old", at=now - 7_200_000)
    assert printed("devbox", "--until", "115m") == ["INFO narrow old"]
    assert printed("devbox", "--filter", "narrow level>=warn !/three$/") == ["ERROR narrow two"]
    assert printed("devbox", "--filter", "narrow nothing") == []


def test_a_microvm_is_read_from_its_start_by_any_of_its_names(cli: Cli) -> None:
    microvm = cli.by_image("worker")
    assert cli("name", microvm, "busy").returncode == 0
    wait_until(lambda: "worker up" in cli("logs", "busy").stdout)
    found = rows(cli("logs", "busy", "-o", "ndjson").stdout)
    assert {row["vm"] for row in found} == {microvm}
    assert "worker up" in found[0]["message"]


def test_following_goes_on_until_ctrl_c(cli: Cli, worker: Feed) -> None:
    worker.put("s", "follow before")
    with running(cli, "logs", "devbox", "--follow", "--filter", "follow", "-o", "ndjson") as (process, line):
        assert json.loads(line())["message"] == "follow before"
        for n in range(3):
            worker.put("s", f"follow {n}")
            assert json.loads(line())["message"] == f"follow {n}"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.strip() == "Interrupted."


def test_what_is_held_back_for_its_order_is_written_at_the_end(cli: Cli, facts: Facts, worker: Feed) -> None:
    worker.put("s", "held old", at=now_ms() - 120_000)
    arguments = ("logs", "devbox", "--follow", "--ordered", "--filter", "held", "-o", "ndjson")
    with running(cli, *arguments) as (process, line):
        assert json.loads(line())["message"] == "held old"
        with counted(facts, "FilterLogEvents") as calls:
            worker.put("s", "held new")
            wait_until(lambda: calls().get("FilterLogEvents", 0) >= 3)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)
    assert [row["message"] for row in rows(out)] == ["held new"]
    assert (process.returncode, said.strip()) == (130, "Interrupted.")


def test_a_group_that_comes_later_is_waited_for(cli: Cli, facts: Facts) -> None:
    group = "/aws/lambda-microvms/hello-web"
    for name in (group, "/aws/lambda/microvms/hello-web"):
        with suppress(client(facts, "logs").exceptions.ResourceNotFoundException):
            client(facts, "logs").delete_log_group(logGroupName=name)
    with running(cli, "logs", "hello-web", "--follow") as (process, line):
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith(f"There is no log group {group}")
        assert "Looking for it goes on." in said
        Feed(facts, group).put("s", "here at last")
        assert "here at last" in line()


def test_a_pattern_that_takes_too_long_ends_the_verb_and_lets_nothing_through(cli: Cli, worker: Feed) -> None:
    worker.put("s", "slow " + "a" * 5_000 + "b", at=now_ms() - 1_000)
    done = cli("logs", "devbox", "--filter", "slow !/(a+)+$/")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The pattern /(a+)+$/ takes too long.")


def test_where_an_image_was_silent_it_is_said_how_to_see_more(cli: Cli, worker: Feed) -> None:
    done = cli("logs", "devbox", "--until", "2026-11-01T00:00")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("No lines of image devbox in the 10m before --until: --since 1h")


def test_following_ends_in_silence_when_nobody_reads(cli: Cli, worker: Feed) -> None:
    worker.put("s", "read this")
    with running(cli, "logs", "devbox", "--follow", "--filter", "read") as (process, line):
        assert "read this" in line()
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_trouble_is_told_once_and_following_goes_on(cli: Cli, facts: Facts, worker: Feed) -> None:
    with running(cli, "logs", "devbox", "-f", "--filter", "trouble") as (process, line):
        worker.put("s", "before trouble")
        assert "before trouble" in line()
        set_faults(facts, "throttle@FilterLogEvents*2")
        worker.put("s", "after trouble")
        assert "after trouble" in line()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    set_faults(facts)
    assert said.count("Too many calls") == 1
    assert "Reading goes on." in said


def test_a_build_is_printed_stream_by_stream(cli: Cli) -> None:
    newest = cli("logs", "report-renderer", "--build")
    assert newest.returncode == 0, newest.stderr
    assert "load build definition from Dockerfile" in newest.stdout
    assert cli("logs", "report-renderer", "--build", "1.0").stdout == newest.stdout
    assert cli("logs", "report-renderer:1.0", "--build").stdout == newest.stdout
    gone = cli("logs", "report-renderer", "--build", "9.0")
    assert gone.returncode == 1
    assert "does not exist" in gone.stderr


def test_what_a_launch_chose_is_remembered(cli: Cli) -> None:
    options = ("--role", ROLE, "--log-group", "team/logs", "--log-stream", "mine", "-o", "json")
    microvm = json.loads(cli("run", "worker:2.0", *options).stdout)["id"]
    wait_until(lambda: bool(cli("logs", microvm).stdout))
    found = rows(cli("logs", microvm, "-o", "ndjson").stdout)
    assert {(row["group"], row["stream"]) for row in found} == {("team/logs", "mine")}
    silent = json.loads(cli("run", "worker:2.0", "--no-logs", "-o", "json").stdout)["id"]
    done = cli("logs", silent)
    assert done.returncode == 1
    assert done.stderr.startswith("Logging is disabled for this MicroVM.")


def test_the_config_says_where_an_image_logs(cli: Cli, facts: Facts) -> None:
    Feed(facts, "elsewhere").put("all-of-it", "found by the config")
    config = cli.home / "config.toml"
    config.write_text('[logs.images.devbox]\ngroup = "elsewhere"\nstream = "all-of-it"\n')
    microvm = next(str(vm["id"]) for vm in cli.read("ls") if vm["image"] == "devbox")
    done = cli("logs", microvm, "--config", str(config))
    assert "found by the config" in done.stdout, done.stderr
    done = cli("logs", "devbox", "--config", str(config), "--since", "all")
    assert "found by the config" in done.stdout, done.stderr


def test_why_there_is_nothing_and_with_which_exit_code(cli: Cli, facts: Facts) -> None:
    no_role = json.loads(cli("run", "worker:2.0", "-o", "json").stdout)["id"]
    done = cli("logs", no_role)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("There are no logs, and none will come.")
    nobody = cli("logs", "nobody")
    assert nobody.returncode == 1
    assert "no MicroVM and no image" in nobody.stderr
    forgotten = "microvm-00000000-1111-2222-3333-444444444444"
    assert f"logs IMAGE --since all --filter vm:{forgotten}" in cli("logs", forgotten).stderr
    Feed(facts, "quiet").put("another", "hello")
    options = ("--role", ROLE, "--log-group", "quiet", "--log-stream", "silent", "-o", "json")
    with set_delay(facts, 3_600):
        young = json.loads(cli("run", "worker:2.0", *options).stdout)["id"]
        done = cli("logs", young, "-o", "json")
    assert (done.returncode, done.stdout) == (0, "[]\n")
    assert done.stderr.startswith("No logs yet.")


@contextmanager
def set_delay(facts: Facts, seconds: float) -> Iterator[None]:
    """Nothing that MicroVMs write is readable before so many seconds of service time."""
    set_logs(facts, delay=seconds)
    yield
    set_logs(facts, delay=0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--follow", "--until", "1m"), "leave out --until"),
        (("--follow", "-o", "json"), "use -o ndjson"),
        (("--since", "5m", "--until", "10m"), "--since is after --until"),
        (("--since", "999999999999d"), "longer ago"),
        (("--filter", "last:999999999999d"), "longer ago"),
        (("--ordered",), "--ordered is for --follow"),
        (("--filter", "level:loud"), "no level"),
        (("--since", "soon"), "not a duration"),
        (("--until", "25:99"), "no time"),
    ],
)
def test_wrong_use_is_said_before_anything_is_read(
    stranger: Cli, arguments: tuple[str, ...], said: str
) -> None:
    done = stranger("logs", "web", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
