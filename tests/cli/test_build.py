"""`build`, `builds` and `versions` as a user runs them, against a local cloud."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import COMMAND, Cli, wait_until
from tests.cloud import cloud_process


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    """An empty cloud in which builds take a second or two."""
    with cloud_process("empty", speed=100, rates=False) as found:
        yield found


DOCKERFILE = 'FROM scratch\nWORKDIR /app\nCOPY . .\nEXPOSE 8080\nCMD ["python3", "app.py"]\n'
APP = """import os
from http.server import SimpleHTTPRequestHandler, test
test(SimpleHTTPRequestHandler, port=int(os.environ.get("PORT", "8080")))
"""


def folder(tmp_path: Path, dockerfile: str = DOCKERFILE) -> str:
    made = tmp_path / "app"
    made.mkdir(exist_ok=True)
    (made / "Dockerfile").write_text(dockerfile)
    (made / "app.py").write_text(APP)
    (made / ".dockerignore").write_text("*.log\n")
    (made / "noise.log").write_text("x" * 1_000)
    return str(made)


def test_a_folder_becomes_a_version_and_the_next_one(cli: Cli, tmp_path: Path) -> None:
    where = folder(tmp_path)
    first = cli("build", where, "--name", "web", "--memory", "1024", "--tag", "team=a", "-o", "json")
    assert first.returncode == 0, first.stderr
    record = json.loads(first.stdout)
    assert (record["name"], record["version"], record["state"]) == ("web", "1.0", "SUCCESSFUL")
    assert "Created the bucket mvm-tui-" in first.stderr
    second = cli.read("build", where, "--name", "web", "--env", "LEVEL=secret-value")
    assert second["version"] == "2.0"
    listed = cli.read("versions", "we")
    assert [(one["version"], one["memory_mib"]) for one in listed] == [("2.0", 2_048), ("1.0", 1_024)]
    assert listed[0]["environment"] == {"LEVEL": "••••••••"}
    assert listed[0]["artifact"].endswith(".zip")
    assert listed[0]["artifact"] == listed[1]["artifact"]
    found = cli.read("builds", "web")
    assert {one["version"] for one in found} == {"2.0"}
    assert all(one["memory_snapshot_bytes"] for one in found)
    assert cli("build", where, "--name", "web", "--tag", "a=b").returncode == 2


def test_the_list_of_a_zip_builds_nothing(cli: Cli, tmp_path: Path) -> None:
    done = cli("build", folder(tmp_path), "--name", "listed", "--list")
    assert done.returncode == 0
    names = [line.split()[-1] for line in done.stdout.splitlines()]
    assert names == [".dockerignore", "Dockerfile", "app.py"]
    assert "listed" not in [one["name"] for one in cli.read("images")]


@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [("", "empty"), ("RUN x\n", "FROM"), ("FROM scratch\nNOPE\n", "unknown instruction")],
)
def test_what_would_fail_the_build_is_said_at_once(
    cli: Cli, tmp_path: Path, dockerfile: str, words: str
) -> None:
    done = cli("build", folder(tmp_path, dockerfile), "--name", "never")
    assert done.returncode == 1
    assert words in done.stderr
    assert "Nothing was built" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--hook", "run=9000"),
        ("--hook", "nonsense"),
        ("--memory", "3000"),
        ("--env", "novalue"),
        ("--env", "@/no/such/file"),
        ("--role", "admin"),
        ("--no-logs", "--log-group", "g"),
    ],
)
def test_what_the_service_would_refuse_is_a_usage_error(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = cli("build", folder(tmp_path), "--name", "never", *arguments)
    assert done.returncode == 2, done.stderr


def test_a_file_of_variables_that_is_too_large_is_refused_and_not_cut(cli: Cli, tmp_path: Path) -> None:
    variables = tmp_path / "variables"
    variables.write_text("A=1\n" + "B=" + "b" * (1 << 20))
    done = cli("build", folder(tmp_path), "--name", "never", "--env", f"@{variables}")
    assert done.returncode == 2
    assert "over a megabyte" in done.stderr


def test_odd_things_are_said_and_do_not_hold_it_up(cli: Cli, tmp_path: Path) -> None:
    where = folder(tmp_path, "FROM scratch\nCMD app --host 127.0.0.1\n")
    (Path(where) / ".env").write_text("TOKEN=x")
    done = cli("build", where, "--name", "odd", "--list")
    for words in ("exposes no port", "localhost only", "often secret: .env"):
        assert words in done.stderr


def test_read_only_forbids_it(cli: Cli, tmp_path: Path) -> None:
    done = cli("build", folder(tmp_path), "--name", "never", "--read-only")
    assert done.returncode == 1
    assert "Read-only" in done.stderr


def test_a_build_that_is_left_goes_on_and_is_followed_again(cli: Cli, tmp_path: Path) -> None:
    left = cli("build", folder(tmp_path), "--name", "left", "--detach", "-o", "json")
    assert (left.returncode, json.loads(left.stdout)["state"]) == (0, None)
    assert "mvm-tui builds left:1.0 --follow" in left.stderr
    followed = cli("builds", "left", "--follow", "-o", "json")
    assert (followed.returncode, json.loads(followed.stdout)["state"]) == (0, "SUCCESSFUL")


def test_a_version_that_does_not_exist_is_not_followed(cli: Cli, tmp_path: Path) -> None:
    assert cli("build", folder(tmp_path), "--name", "once", "--detach").returncode == 0
    done = cli("builds", "once:9.0", "--follow")
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not exist" in done.stderr


def test_ctrl_c_leaves_the_build_running(tmp_path: Path) -> None:
    with cloud_process("empty", speed=2, rates=False) as slow:
        user = Cli(tmp_path / "home", slow)
        process = subprocess.Popen(
            [*COMMAND, "build", folder(tmp_path), "--name", "slow"],
            env=user.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: "slow" in [one["name"] for one in user.read("images")])
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "mvm-tui builds slow:1.0 --follow" in said
        assert user.read("versions", "slow")[0]["state"] in ("PENDING", "IN_PROGRESS")


def test_a_build_that_is_ended_leaves_no_zip_behind(cli: Cli, tmp_path: Path) -> None:
    where, temporary = folder(tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    with Path(where, "large.bin").open("wb") as large:
        for _ in range(64):
            large.write(os.urandom(1 << 20))
    process = subprocess.Popen(
        [*COMMAND, "build", where, "--name", "ended"],
        env={**cli.environment, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: bool(list(temporary.iterdir())))
    process.terminate()
    assert process.wait(20) == 128 + signal.SIGTERM
    assert not list(temporary.iterdir())
    assert "ended" not in [one["name"] for one in cli.read("images")]


def test_a_failed_build_says_why_and_what_to_do(cli: Cli, facts: Facts, tmp_path: Path) -> None:
    where = folder(tmp_path)
    done = cli("build", where, "--name", "hooked", "--hook", "ready=9999:1s", "-o", "json")
    assert done.returncode == 1
    record = json.loads(done.stdout)
    assert record["state"] == "FAILED"
    assert "Ready hook" in record["reasons"][0]
    assert any("0.0.0.0" in fix or "log" in fix for fix in record["fixes"])
    shown = cli("builds", "hooked:1.0")
    assert "could not be built" in shown.stderr
