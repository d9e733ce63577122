"""Marker tokens sent through what fails: none may be found in any file or on any stream afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import Cli, Done
from tests.cloud import client, set_faults
from tests.pty_session import PtySession

KEY_ID = "AKIAMARKER0123456789"
SECRET = "marker-secret-key-5f0c77"
TOKEN = "marker-session-token-91ab"
PAYLOAD = "marker-payload-c4d8e2"
IMAGE_ENV = "marker-image-env-07aa31"
MARKERS = (KEY_ID, SECRET, TOKEN, PAYLOAD, IMAGE_ENV)
KEYS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
FAULTS = ("html502", "half-body", "expired")


def assert_no_marker(text: str, where: object) -> None:
    assert [marker for marker in MARKERS if marker in text] == [], where


def assert_clean(cli: Cli, *runs: Done) -> None:
    """No marker in any file below the home, nor on the streams of the runs, which all said something."""
    for run in runs:
        assert run.stderr, run.args
        assert_no_marker(run.stdout + run.stderr, run.args)
    files = [path for path in cli.home.rglob("*") if path.is_file() and ".aws" not in path.parts]
    for path in files:
        assert_no_marker(path.read_bytes().decode("utf-8", "replace"), path)


@contextmanager
def faulty(facts: Facts, *faults: str) -> Iterator[None]:
    set_faults(facts, *faults)
    try:
        yield
    finally:
        set_faults(facts)


@pytest.mark.parametrize(
    "verb", [("ls",), ("get", "x"), ("run", "worker:2.0", "--payload", PAYLOAD), ("doctor",)]
)
def test_a_sign_in_that_is_refused(cli: Cli, verb: tuple[str, ...]) -> None:
    done = cli(*verb, "--debug", **KEYS)
    assert done.returncode == 3
    assert " was answered" in (cli.state / "mvm-tui.log").read_text()
    assert_clean(cli, done)


def test_a_sign_in_from_files_that_is_refused(cli: Cli) -> None:
    aws = cli.home / ".aws"
    aws.mkdir()
    names = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET, "aws_session_token": TOKEN}
    (aws / "credentials").write_text(
        "[dev]\n" + "".join(f"{name} = {value}\n" for name, value in names.items())
    )
    role = "role_arn = arn:aws:iam::000000000000:role/x\nsource_profile = dev\nexternal_id = " + PAYLOAD
    (aws / "config").write_text(f"[profile assumed]\n{role}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del cli.environment[name]
    files = {"AWS_CONFIG_FILE": str(aws / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(aws / "credentials")}
    runs = [cli("ls", "--debug", "--profile", profile, **files) for profile in ("dev", "assumed")]
    assert all(done.returncode in (1, 3) for done in runs)
    assert_clean(cli, *runs)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_launch_that_fails(cli: Cli, facts: Facts, fault: str) -> None:
    with faulty(facts, f"{fault}@RunMicrovm"):
        done = cli("run", "worker:2.0", "--payload", PAYLOAD, "--debug", "--name", "x")
    assert done.returncode in (3, 4)
    assert_clean(cli, done)


def test_a_launch_that_is_not_even_sent(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / ".aws-payload" / ".aws"
    file.parent.mkdir()
    file.write_text(PAYLOAD * 300)
    runs = (
        cli("run", "worker:2.0", "--payload", PAYLOAD * 300, "--debug"),
        cli("run", "worker:2.0", "--payload", f"@{file}", "--debug"),
        cli("run", "nobody", "--payload", PAYLOAD, "--debug"),
        cli("run", "worker:9.9", "--payload", PAYLOAD, "--debug"),
        cli("run", "worker:2.0", "--payload", PAYLOAD, "--max", "x", "--debug"),
    )
    assert [done.returncode for done in runs] == [2, 2, 1, 1, 2]
    assert_clean(cli, *runs)


def test_an_images_environment(cli: Cli, facts: Facts) -> None:
    account, region = facts.account, facts.region
    client(facts).create_microvm_image(
        name="secretive",
        baseImageArn=f"arn:aws:lambda:{region}:aws:microvm-image:al2023-1",
        buildRoleArn=f"arn:aws:iam::{account}:role/build",
        codeArtifact={"uri": "s3://elsewhere/code.zip"},
        environmentVariables={"DATABASE_PASSWORD": IMAGE_ENV},
    )
    with faulty(facts, "half-body@GetMicrovmImageVersion"):
        runs = (cli("images", "--debug"), cli("ls", "--details", "--debug"))
    assert [done.returncode for done in runs] == [0, 0]
    for done in runs:
        assert_no_marker(done.stdout + done.stderr, done.args)
    assert_clean(cli)


# The library fails in a way nobody expects, with an exception that quotes all it was given.
_CRASH = """
import sys
import botocore.httpsession
import mvm_tui.aws.errors as errors
def send(self, request):
    raise ValueError('%r %r %r' % (request.url, dict(request.headers), request.body))
botocore.httpsession.URLLib3Session.send = send
def explain(error, operation=''):
    raise error
errors.explain = explain
from mvm_tui.cli.main import main
main()
"""


def test_a_crash(cli: Cli) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:microvm-image:worker"
    arguments = ["run", arn, "--payload", PAYLOAD, "--debug", "--role", "arn:aws:iam::000000000000:role/x"]
    done = subprocess.run(
        [sys.executable, "-c", _CRASH, *arguments],
        env=cli.environment | KEYS,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "crashed (ValueError)" in done.stderr
    assert list(cli.state.glob("crash-*.txt"))
    assert_clean(cli, done)


def test_the_screen_of_a_refused_sign_in(cli: Cli) -> None:
    extra = {**cli.environment, **KEYS}
    command = [sys.executable, "-m", "mvm_tui", "--debug"]
    with PtySession(command, home=cli.home, extra=extra) as screen:
        screen.wait_for("credentials")
        screen.send("!")
        screen.wait_for("esc leaves")
        assert_no_marker(screen.raw, "the screen")
    assert_clean(cli)
