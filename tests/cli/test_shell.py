"""`shell`, `exec` and `replay`: processes of their own, on terminals of their own, against real shells."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import COMMAND, Cli, wait_until
from tests.cloud import set_faults
from tests.pty_session import PtySession

LEADER = "\x1d"
# Mouse, paste, cursor keys, keypad, keyboard protocols, cursor, colours.
OFF = (
    *("\x1b[?1000l", "\x1b[?1006l", "\x1b[?2004l", "\x1b[?1l", "\x1b>"),
    *("\x1b[<99u", "\x1b[>4m", "\x1b[?25h", "\x1b[0m"),
)


@pytest.fixture(scope="module")
def shared(facts: Facts, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A MicroVM with a shell, for the tests that leave it as it is."""
    return launch(Cli(tmp_path_factory.mktemp("home"), facts))


@pytest.fixture(autouse=True)
def _no_faults(facts: Facts) -> Iterator[None]:
    yield
    set_faults(facts)


def launch(cli: Cli, *options: str) -> str:
    return str(cli.read("run", "worker:2.0", "--wait", *options)["id"])


def attach(cli: Cli, vm: str, *options: str, size: tuple[int, int] = (100, 30)) -> PtySession:
    return PtySession(
        [*COMMAND, "shell", vm, *options], cli.home, size, extra=cli.environment, controlling=True
    )


def configured(cli: Cli, text: str) -> Path:
    path = cli.home / "config.toml"
    path.write_text(text)
    return path


# shell


def test_a_shell_knows_its_size_and_leaves_the_terminal_as_it_was(cli: Cli, shared: str) -> None:
    with attach(cli, shared) as terminal:
        before = terminal.settings()
        terminal.wait_for("λ $")
        terminal.send("stty size; echo mark-$((20 + 3))\r")
        terminal.wait_for("mark-23")
        assert "30 100" in terminal.text
        terminal.resize(71, 19)
        terminal.forget()
        wait_for_size(terminal, "19 71")
        terminal.send("printf '\\033[?1000h\\033[?25l\\033[?1h'; echo on-$((1 + 1))\r")
        terminal.wait_for("on-2")
        terminal.forget()
        terminal.send(LEADER + "d")
        assert terminal.wait_exit() == 0
        assert "Detached." in terminal.text
        for sequence in OFF:
            assert sequence in terminal.raw
        assert "\x1b[?1049l" not in terminal.raw, "it left a screen that nobody had entered"
        assert terminal.settings() == before


def wait_for_size(terminal: PtySession, wanted: str) -> None:
    """The size reaches the guest a moment after the window has it."""
    deadline = time.monotonic() + 15
    while wanted not in terminal.text:
        assert time.monotonic() < deadline, terminal.text[-500:]
        terminal.send("stty size\r")
        try:
            terminal.wait_for(wanted, 0.5)
        except TimeoutError:
            continue


def test_exit_ends_it_and_the_alternate_screen_is_left(cli: Cli, shared: str) -> None:
    with attach(cli, shared) as terminal:
        terminal.wait_for("λ $")
        terminal.send("printf '\\033[?1049h'; exit\r")
        assert terminal.wait_exit() == 0
        assert "The shell has ended." in terminal.text
        assert "\x1b[?1049l" in terminal.raw


@pytest.mark.parametrize("leader", ["f12", "ctrl+a"])
def test_the_leader_is_the_configs_and_twice_sends_it(cli: Cli, shared: str, leader: str) -> None:
    config = configured(cli, f'[shell]\nleader = "{leader}"\n')
    key = {"f12": "\x1b[24~", "ctrl+a": "\x01"}[leader]
    with attach(cli, shared, "--config", str(config)) as terminal:
        terminal.wait_for("λ $")
        terminal.send("cat -v\r")
        terminal.send(f"a\x1d{key}{key}b\r")
        terminal.wait_for("a^]^[[24~b" if leader == "f12" else "a^]^Ab")
        terminal.send(f"{key}?")
        terminal.wait_for("d leaves")
        terminal.send(f"{key}d")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(cli: Cli, shared: str, number: signal.Signals) -> None:
    with attach(cli, shared) as terminal:
        before = terminal.settings()
        terminal.wait_for("λ $")
        terminal.send("printf '\\033[?1049h\\033[?1003h'; echo on-$((1 + 1))\r")
        terminal.wait_for("on-2")
        terminal.process.send_signal(number)
        assert terminal.wait_exit() == 128 + number
        assert "\x1b[?1003l" in terminal.raw
        assert "\x1b[?1049l" in terminal.raw
        assert terminal.settings() == before


def test_a_terminal_that_is_gone_ends_it(cli: Cli, shared: str) -> None:
    with attach(cli, shared) as terminal:
        terminal.wait_for("λ $")
        terminal.hang_up()
        assert terminal.process.wait(20) != 0
    assert not list(cli.state.glob("crash*"))


def test_a_lost_connection_is_said_and_made_anew(cli: Cli, facts: Facts, shared: str) -> None:
    with attach(cli, shared) as terminal:
        terminal.wait_for("λ $")
        terminal.send("printf '\\033[?1049h\\033[?1003h'; echo on-$((1 + 1))\r")
        terminal.wait_for("on-2")
        terminal.forget()
        set_faults(facts, "shell-drop*1")
        terminal.send("x")
        terminal.wait_for("The connection to the shell was lost.")
        assert "\x1b[?1049l" in terminal.raw
        terminal.wait_for("This is a new shell")
        assert "tmux" in terminal.text
        terminal.send("echo mark-$((20 + 3))\r")
        terminal.wait_for("mark-23")
        terminal.send(LEADER + "d")
        assert terminal.wait_exit() == 0


def test_a_suspended_microvm_is_resumed_if_the_user_agrees(cli: Cli) -> None:
    vm = launch(cli)
    assert cli("suspend", vm).returncode == 0
    with attach(cli, vm) as terminal:
        terminal.wait_for("Resume it and attach?")
        terminal.send("no\r")
        assert terminal.wait_exit() == 1
    assert cli.read("get", vm)["state"] == "SUSPENDED"
    with attach(cli, vm, "--yes") as terminal:
        terminal.wait_for("λ $", 60)
        assert cli.read("get", vm)["state"] == "RUNNING"
        cli("terminate", vm, "--yes")
        terminal.wait_for("The MicroVM has ended.", 60)
        assert terminal.wait_exit() == 1


def test_one_that_is_suspended_meanwhile_is_asked_about(cli: Cli) -> None:
    vm = launch(cli)
    with attach(cli, vm) as terminal:
        terminal.wait_for("λ $")
        assert cli("suspend", vm).returncode == 0
        terminal.wait_for("The MicroVM is suspended.", 60)
        terminal.wait_for("Resume it and attach?", 60)
        assert cli.read("get", vm)["state"] == "SUSPENDED", "it was resumed without having been asked for"
        terminal.forget()
        terminal.send("yes\r")
        terminal.wait_for("λ $", 60)
        terminal.send(LEADER + "d")
        assert terminal.wait_exit() == 0
    cli("terminate", vm, "--yes")


def test_ctrl_c_leaves_while_there_is_no_shell_yet(cli: Cli, facts: Facts, shared: str) -> None:
    set_faults(facts, "latency=60@CreateMicrovmShellAuthToken*1")
    with attach(cli, shared) as terminal:
        terminal.wait_for("Asking for a token…")
        terminal.send("\x03")
        assert terminal.wait_exit(10) == 130
        assert "Interrupted." in terminal.text


def test_clipboard_and_titles_follow_the_config(cli: Cli, shared: str) -> None:
    say_all = "printf '\\033]52;c;eA==\\007\\033]2;news\\007'; echo mark-$((20 + 3))\r"
    with attach(cli, shared) as terminal:
        terminal.wait_for("λ $")
        terminal.send(say_all)
        terminal.wait_for("mark-23")
        assert "\x1b]52" not in terminal.raw
        assert "\x1b]2;news" in terminal.raw
        terminal.send(LEADER + "d")
        terminal.wait_for('shell.clipboard = "allow"')
        assert "\x1b[23;0t" in terminal.raw
    config = configured(cli, '[shell]\nclipboard = "allow"\ntitles = false\n')
    with attach(cli, shared, "--config", str(config)) as terminal:
        terminal.wait_for("λ $")
        terminal.send(say_all)
        terminal.wait_for("mark-23")
        assert "\x1b]52;c;eA==" in terminal.raw
        assert "\x1b]2;news" not in terminal.raw


def test_without_a_terminal_it_says_what_to_use(cli: Cli, shared: str) -> None:
    done = cli("shell", shared)
    assert done.returncode == 2
    assert "mvm-tui exec" in done.stderr


def test_a_microvm_without_a_shell_names_the_launch_that_has_one(cli: Cli) -> None:
    vm = launch(cli, "--no-shell")
    with attach(cli, vm) as terminal:
        terminal.wait_for("launched without a shell")
        assert terminal.wait_exit() == 1
        assert "mvm-tui run worker:2.0" in terminal.text
    done = cli("exec", vm, "--", "true")
    assert done.returncode == 125
    assert "mvm-tui run worker:2.0" in done.stderr


@pytest.mark.parametrize("verb", [("shell",), ("exec", "--", "true")])
def test_read_only_mode_opens_no_shell(cli: Cli, shared: str, verb: tuple[str, ...]) -> None:
    command = [*COMMAND, "--read-only", verb[0], shared, *verb[1:]]
    with PtySession(command, cli.home, extra=cli.environment) as terminal:
        terminal.wait_for("Read-only mode")
        assert terminal.wait_exit() != 0


def test_what_is_printed_is_recorded_and_plays(cli: Cli, shared: str) -> None:
    cast = cli.home / "one.cast"
    with attach(cli, shared, "--record", str(cast)) as terminal:
        terminal.wait_for("λ $")
        terminal.send("echo mark-$((20 + 3)); printf '\\033[6n\\033]52;c;eA==\\007'\r")
        terminal.wait_for("mark-23")
        terminal.send(LEADER + "d")
        terminal.wait_for("Recorded to")
        assert terminal.wait_exit() == 0
    assert cast.stat().st_mode & 0o777 == 0o600
    done = cli("replay", str(cast))
    assert done.returncode == 0
    assert "mark-23" in done.stdout
    assert "\x1b[6n" not in done.stdout
    assert "\x1b]52" not in done.stdout
    with attach(cli, shared, "--record", str(cast)) as terminal:
        terminal.wait_for("exists already")
        assert terminal.wait_exit() == 1


# exec


def test_exec_gives_outputs_code_and_takes_input(cli: Cli, shared: str) -> None:
    done = cli("exec", shared, "--", "sh", "-c", "cat; echo err >&2; exit 7", stdin="in\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "in\n", "err\n")


def test_exec_takes_words_that_are_no_text(cli: Cli, shared: str) -> None:
    command: list[str | bytes] = [*COMMAND, "exec", shared, "--", "printf", b"\xff\xfe%s", "x" * 50_000]
    done = subprocess.run(command, env=cli.environment, capture_output=True, timeout=60, check=True)
    assert done.stdout == b"\xff\xfe" + b"x" * 50_000


def test_exec_in_json(cli: Cli, shared: str) -> None:
    whole = cli("exec", shared, "-o", "json", "--", "sh", "-c", "printf '\\377'; echo λ >&2; exit 2")
    assert whole.returncode == 2
    assert json.loads(whole.stdout) == {
        "exit_code": 2,
        "stdout": None,
        "stdout_base64": "/w==",
        "stderr": "λ\n",
        "stderr_base64": None,
    }
    lines = cli("exec", shared, "-o", "ndjson", "--", "echo", "one").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"stream": "stdout", "data": "one\n", "data_base64": None},
        {"stream": None, "exit_code": 0},
    ]


def test_ten_megabytes_survive_both_ways(cli: Cli, shared: str, tmp_path: Path) -> None:
    data = random.Random(3).randbytes(10_000_000)
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(data)
    command = [*COMMAND, "exec", shared, "--", "cat"]
    with source.open("rb") as stdin, copy.open("wb") as stdout:
        subprocess.run(command, stdin=stdin, stdout=stdout, env=cli.environment, timeout=120, check=True)
    assert hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_exec_at_its_timeout_kills_the_command(cli: Cli, shared: str) -> None:
    done = cli("exec", shared, "--timeout", "1s", "--", "sh", "-c", "echo $$; exec sleep 600")
    assert done.returncode == 124
    assert "did not end in 1 s" in done.stderr
    wait_until(lambda: cli("exec", shared, "--", "kill", "-0", done.stdout.strip()).returncode != 0)


def test_exec_interrupted_ends_the_command_and_is_130(cli: Cli, shared: str) -> None:
    script = "trap 'echo tidy; exit 3' INT; echo $$; while :; do sleep 0.05; done"
    command = [*COMMAND, "exec", shared, "-n", "--", "sh", "-c", script]
    with subprocess.Popen(command, env=cli.environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip().isdigit()
        running.send_signal(signal.SIGINT)
        assert running.stdout.read() == "tidy\n"
        assert running.wait(20) == 130


def test_exec_of_a_reader_that_leaves_ends(cli: Cli, shared: str) -> None:
    command = [*COMMAND, "exec", shared, "-n", "--", "yes"]
    with subprocess.Popen(command, env=cli.environment, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.read(100)
        running.stdout.close()
        assert running.wait(20) == 0


def test_exec_fails_with_a_code_of_its_own(cli: Cli) -> None:
    assert cli("exec", "nobody", "--", "true").returncode == 125
    vm = launch(cli)
    cli("suspend", vm)
    done = cli("exec", vm, "--", "true")
    assert done.returncode == 125
    assert "--yes" in done.stderr
    assert cli("exec", vm, "--yes", "--", "echo", "awake").stdout == "awake\n"
    cli("terminate", vm, "--yes")


def test_exec_on_a_terminal_shows_only_what_paints(cli: Cli, shared: str) -> None:
    printed = "\\033]52;c;eA==\\007\\033[6n\\033[31mred\\033[0m"
    command = [*COMMAND, "exec", shared, "--", "printf", printed]
    with PtySession(command, cli.home, extra=cli.environment) as terminal:
        assert terminal.wait_exit() == 0
        assert "\x1b[31mred\x1b[0m" in terminal.raw
        assert "\x1b]52" not in terminal.raw
        assert "\x1b[6n" not in terminal.raw


def test_tokens_and_headers_are_not_logged_even_with_debug(cli: Cli, shared: str) -> None:
    done = cli("--debug", "exec", shared, "--", "true")
    assert done.returncode == 0
    log = (cli.state / "mvm-tui.log").read_text()
    assert "CreateMicrovmShellAuthToken was answered" in log
    for word in ("lambda-microvms.authentication", "X-aws-proxy-auth", "eyJ", "Sec-WebSocket"):
        assert word.lower() not in log.lower()


# replay


def test_replay_keeps_time_on_a_terminal_and_ctrl_c_is_clean(cli: Cli) -> None:
    cast = cli.home / "one.cast"
    events = [[0.1, "o", "\x1b[?1049h\x1b[?25lfirst"], [60.0, "o", "last"]]
    lines = [{"version": 2, "width": 200, "height": 50}, *events]
    cast.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [*COMMAND, "replay", str(cast)]
    with PtySession(command, cli.home, extra=cli.environment, controlling=True) as terminal:
        terminal.wait_for("first")
        assert "recorded at 200x50" in terminal.text
        terminal.send("\x03")
        assert terminal.wait_exit() == 130
        assert "\x1b[?1049l" in terminal.raw
        assert "\x1b[?25h" in terminal.raw
        assert "last" not in terminal.text
    fast = [*COMMAND, "replay", str(cast), "--speed", "10", "--idle-limit", "0.5"]
    with PtySession(fast, cli.home, extra=cli.environment) as terminal:
        assert terminal.wait_exit() == 0
        assert "last" in terminal.text


# A ctrl-c that comes just before a sleep does not end it. Here it never does: another thread takes it.
_SLEEPS_THROUGH = """
import signal, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
from mvm_tui.cli.main import main
main()
"""


def test_replay_hears_a_ctrl_c_that_comes_just_before_a_pause(cli: Cli) -> None:
    cast = cli.home / "pause.cast"
    lines = [{"version": 2, "width": 80, "height": 24}, [0.1, "o", "first"], [600.0, "o", "last"]]
    cast.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [sys.executable, "-c", _SLEEPS_THROUGH, "replay", str(cast)]
    with PtySession(command, cli.home, extra=cli.environment, controlling=True) as terminal:
        terminal.wait_for("first")
        terminal.send("\x03")
        assert terminal.wait_exit() == 130


def test_replay_of_what_is_no_recording(cli: Cli) -> None:
    done = cli("replay", str(cli.home / "none.cast"))
    assert done.returncode == 1
    assert "cannot be played" in done.stderr
