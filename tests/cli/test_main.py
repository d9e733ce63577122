"""The way in: help, exit codes, streams, what is left of a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import COMMAND, Cli
from tests.cloud import set_faults
from tests.pty_session import PtySession

VERBS = [
    *("ls", "get", "run", "suspend", "resume", "terminate", "name"),
    *("images", "versions", "builds", "build", "logs", "shell", "exec", "replay"),
    *("call", "forward", "probe", "token", "cost", "quotas", "local", "demo", "doctor", "config", "keys"),
]


def test_version(stranger: Cli) -> None:
    done = stranger("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "mvm-tui 0.1.0\n", "")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_examples(stranger: Cli, verb: str) -> None:
    done = stranger(verb, "--help")
    assert done.returncode == 0
    assert f"  mvm-tui {verb}" in done.stdout.partition("Examples:")[2]
    assert "--region NAME" in done.stdout.partition("Global options:")[2]
    assert not [line for line in done.stdout.splitlines() if len(line) > 80]
    options = done.stdout.partition("Options:")[2].partition("Global options:")[0].splitlines()
    assert not [line for line in options if line.strip() and line[2] not in " -"], (
        "an argument explains nothing"
    )


def test_help_lists_every_verb(stranger: Cli) -> None:
    listed = stranger("--help").stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "][
        : len(VERBS)
    ] == VERBS
    assert "..." not in listed
    assert not [line for line in listed.splitlines() if len(line) > 80]


@pytest.mark.parametrize("arguments", [("nonsense",), ("ls", "extra"), ("get",), ("--nonsense",), ()])
def test_usage_errors_exit_with_2(stranger: Cli, arguments: tuple[str, ...]) -> None:
    done = stranger(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_without_credentials_the_exit_code_is_3_and_says_what_to_do(stranger: Cli) -> None:
    done = stranger("ls", "--region", "us-east-1")
    assert (done.returncode, done.stdout) == (3, "")
    assert "You are not signed in to AWS." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("fault", "code"),
    [("throttle", 4), ("error=503", 4), ("html502", 4), ("half-body", 4), ("expired", 3)],
)
def test_failures_of_the_service_have_their_exit_codes(cli: Cli, facts: Facts, fault: str, code: int) -> None:
    set_faults(facts, fault)
    try:
        done = cli("ls")
    finally:
        set_faults(facts)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_at_the_endpoint_is_temporary(cli: Cli) -> None:
    done = cli("ls", "--endpoint-url", "http://127.0.0.1:9")
    assert done.returncode == 4


def test_a_reader_that_goes_away_is_no_failure(cli: Cli) -> None:
    with subprocess.Popen(
        [*COMMAND, "ls", "-o", "ndjson"],
        env=cli.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        talk = process.stderr.read()
    assert (process.returncode, talk) == (0, "")


def test_a_full_disk_is_told_and_is_no_crash(cli: Cli) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "ls"], env=cli.environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (
        1,
        "The output could not be written.\nNo space left on device\n",
    )
    assert list(cli.state.glob("crash-*")) == []


def test_a_closed_stdin_is_nobody_to_ask(cli: Cli) -> None:
    command = f'exec "{sys.executable}" -m mvm_tui terminate "$1" <&-'
    done = subprocess.run(
        ["sh", "-c", command, "sh", cli.by_image("worker")],
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "There is no terminal to ask on" in done.stderr


def test_a_name_that_cannot_be_kept_is_a_failure(cli: Cli) -> None:
    done = cli("name", cli.by_image("worker"), "web", XDG_STATE_HOME=os.devnull)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The name was not kept." in done.stderr


def test_closed_streams_are_no_failure(cli: Cli) -> None:
    command = f'exec "{sys.executable}" -m mvm_tui ls >&- 2>&-'
    assert subprocess.run(["sh", "-c", command], env=cli.environment, timeout=60, check=False).returncode == 0


def test_a_locale_without_the_characters_does_not_end_a_listing(cli: Cli) -> None:
    done = cli("ls", "--details", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0
    assert "devbox:2.0" in done.stdout


_CRASH = """
import sys
import mvm_tui.aws.microvms as microvms
def pages(connection):
    secret = 'local-variable-marker'
    raise LookupError('message-marker')
microvms.pages = pages
from mvm_tui.cli.main import main
sys.argv = ['mvm-tui', 'ls']
main()
"""


def test_a_crash_is_one_line_and_a_file_without_data(cli: Cli) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CRASH],
        env=cli.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    (file,) = cli.state.glob("crash-*.txt")
    assert line == f"mvm-tui crashed (LookupError). Details are in {file}"
    text = file.read_text()
    assert "in pages" in text
    assert "marker" not in text


_CRASHING_UI = """
import sys
import mvm_tui.tui.start as start
def run(options):
    sys.stderr.write('\\x1b[?1049h\\x1b[?1000h\\x1b[?25l')
    raise LookupError
start.run = run
from mvm_tui.cli.main import main
sys.argv = ['mvm-tui', '--region', 'us-east-1']
main()
"""


def test_a_crash_of_the_screen_leaves_the_terminal_as_it_was(stranger: Cli) -> None:
    with PtySession([sys.executable, "-c", _CRASHING_UI], home=stranger.home) as screen:
        assert screen.wait_exit() == 1
        raw = screen.raw
    for mode in ("?1049", "?1000"):
        assert raw.rindex(f"\x1b[{mode}l") > raw.rindex(f"\x1b[{mode}h")
    assert raw.rindex("\x1b[?25h") > raw.rindex("\x1b[?25l")
    assert "mvm-tui crashed (LookupError)." in raw
    assert "Traceback" not in raw


def test_config_path_show_and_check(stranger: Cli, tmp_path: Path) -> None:
    default = stranger.home / ".config" / "mvm-tui" / "config.toml"
    assert stranger("config", "path").stdout == f"{default}\n"
    config = tmp_path / "mine.toml"
    config.write_text('regoin = "x"\nregion = "eu-west-1"\n')
    assert stranger("config", "path", MVM_TUI_CONFIG=str(config)).stdout == f"{config}\n"
    assert stranger.read("config", "path", "--config", "/elsewhere")["config_file"] == "/elsewhere"
    shown = stranger("config", "show", "--config", str(config))
    assert '\nregion = "eu-west-1"\n' in shown.stdout
    assert f"{config}:1: there is no option 'regoin'. Did you mean 'region'?" in shown.stderr
    checked = stranger("--config", str(config), "config", "check", "-o", "json")
    assert checked.returncode == 1
    (complaint,) = json.loads(checked.stdout)
    assert (complaint["line"], complaint["suggestion"]) == (1, "Did you mean 'region'?")
    config.write_text(shown.stdout)
    assert stranger("config", "--config", str(config), "check").returncode == 0


def test_a_config_file_that_was_named_must_exist(stranger: Cli) -> None:
    by_option = stranger("ls", "--config", "/nowhere.toml")
    by_variable = stranger("ls", MVM_TUI_CONFIG="/nowhere.toml")
    assert (by_option.returncode, by_variable.returncode) == (2, 2)
    assert "/nowhere.toml that --config names does not exist" in by_option.stderr
    assert "/nowhere.toml that MVM_TUI_CONFIG names does not exist" in by_variable.stderr


def test_the_config_files_region_and_profile_sections_hold(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('region = "us-east-1"\n[profiles.default]\nregion = "eu-west-1"\n')
    del cli.environment["AWS_REGION"]
    del cli.environment["AWS_DEFAULT_REGION"]
    assert cli.read("ls", "--config", str(config)) == []
    assert len(cli.read("ls", "--config", str(config), "--region", "us-east-1")) == 5
    config.write_text('region = "us-east-1"\n')
    assert len(cli.read("ls", "--config", str(config))) == 5


def test_keys_shows_what_the_config_file_made_of_them(stranger: Cli, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('columns = ["sise"]\n[keys]\n"microvm.suspend" = "f5"\n"microvm.suspnd" = "p"\n')
    done = stranger("keys", "-o", "json", "--config", str(config))
    keys = {entry["action"]: entry["keys"] for entry in json.loads(done.stdout)}
    assert "there is no action 'microvm.suspnd'. Did you mean 'microvm.suspend'?" in done.stderr
    shown = stranger("config", "show", "--config", str(config))
    assert "sise" not in shown.stdout
    assert "suspnd" not in shown.stdout
    assert "there is no column 'sise'. Did you mean 'size'?" in shown.stderr
    assert keys["microvm.suspend"] == ["f5"]
    assert keys["microvm.resume"] == ["r"]


def test_failures_are_logged_where_the_user_says(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "logs" / "mine.log"
    assert cli("get", "nobody", "--log-file", str(file)).returncode == 1
    (entry,) = [json.loads(line) for line in file.read_text().splitlines()]
    assert (entry["level"], entry["kind"]) == ("warning", "Gone")
    assert not (cli.state / "mvm-tui.log").exists()


def test_config_check_knows_the_themes(stranger: Cli, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('theme = "mvm-lihgt"\n')
    checked = stranger("--config", str(config), "config", "check")
    assert (checked.returncode, "Did you mean 'mvm-light'?" in checked.stdout) == (1, True)
    for theme in ("mvm-light", "nord"):
        config.write_text(f'theme = "{theme}"\n')
        assert stranger("--config", str(config), "config", "check").returncode == 0
