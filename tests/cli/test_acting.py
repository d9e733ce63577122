"""`run`, `suspend`, `resume`, `terminate`: on MicroVMs that are real processes."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from mvm_tui.local.launch import Facts
from tests.cli.runs import COMMAND, Cli, counted, wait_until
from tests.pty_session import PtySession

ROLE = "arn:aws:iam::000000000000:role/vm"


def launch(cli: Cli, *options: str, image: str = "worker:2.0") -> str:
    """The id of a new small MicroVM that runs."""
    vm = cli.read("run", image, "--wait", *options)
    assert vm["state"] == "RUNNING"
    return str(vm["id"])


@pytest.fixture(autouse=True)
def _room(cli: Cli) -> None:
    """Make sure that what earlier tests launched does not fill the account."""
    cli("terminate", "--image", "worker", "--state", "running,suspended,starting", "--yes")


def test_run_answers_with_the_complete_microvm(cli: Cli) -> None:
    done = cli(
        *("run", "worker:2.0", "--name", "job", "--no-shell", "--idle", "15m", "--suspended-for", "2h"),
        *("--no-auto-resume", "--max", "1h", "--role", ROLE, "--payload", "{}", "--wait", "-o", "json"),
    )
    assert done.returncode == 0, done.stderr
    vm = json.loads(done.stdout)
    assert (vm["name"], vm["state"], vm["image"], vm["version"]) == ("job", "RUNNING", "worker", "2.0")
    assert (vm["memory_mib"], vm["shell"]) == (512, False)
    assert vm["idle_policy"] == {"max_idle_seconds": 900, "suspended_seconds": 7200, "auto_resume": False}
    assert cli.read("get", "job") == vm


def test_without_a_role_the_user_is_told_that_there_are_no_logs(cli: Cli) -> None:
    done = cli("run", "worker:2.0")
    assert done.returncode == 0
    assert "writes no logs" in done.stderr
    assert "no logs" not in cli("run", "worker:2.0", "--no-logs").stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--idle", "5s"), "--idle: the idle time must be at least 1m"),
        (("--idle", "soon"), "is not a duration"),
        (("--max", "9h"), "--max: between 1s and 8h"),
        (("--role", "admin"), "--role: a role's ARN"),
        (("--payload", "x" * 4_097), "--payload: 4,097 of at most 4,096 bytes"),
        (("--payload", "@/nowhere"), "cannot read /nowhere"),
        (("--suspended-for", "2h"), "need --idle"),
        (("--no-logs", "--log-group", "g"), "--no-logs excludes"),
        (("--log-stream", "s"), "--log-group: a stream needs its group"),
    ],
)
def test_what_the_service_would_refuse_is_refused_before_the_call(
    cli: Cli, facts: Facts, options: tuple[str, ...], said: str
) -> None:
    with counted(facts, "RunMicrovm") as counts:
        done = cli("run", "worker", *options)
        assert counts() == {}
    assert done.returncode == 2
    assert said in done.stderr


def test_an_image_that_does_not_exist_gets_a_suggestion(cli: Cli) -> None:
    done = cli("run", "hello-wob")
    assert done.returncode == 1
    assert "Did you mean hello-web?" in done.stderr


def test_an_image_by_arn_and_version(cli: Cli) -> None:
    arn = next(image["arn"] for image in cli.read("images") if image["name"] == "worker")
    assert cli.read("run", f"{arn}:2.0")["version"] == "2.0"


def test_suspend_resume_and_terminate_one(cli: Cli) -> None:
    vm = launch(cli, "--name", "one")
    assert "suspended" in cli("suspend", "one").stdout
    assert cli.read("get", vm)["state"] == "SUSPENDED"
    again = cli("suspend", "one")
    assert (again.returncode, "is suspended already" in again.stdout) == (0, True)
    (resumed,) = cli.read("resume", "one")
    assert (resumed["id"], resumed["name"], resumed["ok"], resumed["error"]) == (vm, "one", True, None)
    assert resumed["request_id"]
    asked = cli("terminate", "one")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "Terminate one? Its memory and disk are lost." in asked.stderr
    assert "--yes" in asked.stderr
    assert cli.read("get", vm)["state"] == "RUNNING"
    assert cli("terminate", "one", "--yes").returncode == 0
    assert cli.read("get", vm)["state"] == "TERMINATED"
    after = cli("suspend", vm)
    assert (after.returncode, "is ended: nothing to suspend" in after.stdout) == (1, True)


def test_many_from_stdin_with_one_that_is_not_there(cli: Cli) -> None:
    ids = [launch(cli), launch(cli)]
    nobody = "microvm-00000000-0000-0000-0000-000000000000"
    done = cli("terminate", "-", "--yes", "-o", "ndjson", stdin="\n".join([*ids, nobody, ids[0]]))
    results = {result["id"]: result for result in map(json.loads, done.stdout.splitlines())}
    assert {key: result["ok"] for key, result in results.items()} == {
        ids[0]: True,
        ids[1]: True,
        nobody: False,
    }
    assert results[nobody]["code"] == "ResourceNotFoundException"
    assert done.returncode == 1


def test_a_selection_is_shown_before_and_done_after(cli: Cli, facts: Facts) -> None:
    ids = {launch(cli), launch(cli)}
    with counted(facts, "SuspendMicrovm") as counts:
        planned = cli.read("suspend", "--image", "worker", "--dry-run")
        refused = cli("suspend", "--image", "worker")
        assert counts() == {}
    assert {row["id"] for row in planned} == ids
    assert (refused.returncode, "Suspend 2 MicroVMs?" in refused.stderr) == (2, True)
    assert cli.read("suspend", "--image", "worker", "--older-than", "1h", "--dry-run") == []
    with PtySession(
        [*COMMAND, "suspend", "--image", "worker", "--yes"], cli.home, extra=facts.environment()
    ) as screen:
        assert screen.wait_exit() == 0
    assert "suspend: 2 to go" in screen.text
    assert all(f"{microvm_id}  suspended" in screen.text for microvm_id in ids)
    nothing = cli("suspend", "--image", "worker", "--yes")
    assert (nothing.returncode, nothing.stderr) == (0, "No MicroVM matches.\n")


@pytest.mark.parametrize("arguments", [("suspend",), ("suspend", "x", "--image", "worker")])
def test_either_names_or_a_selection(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli(*arguments).returncode == 2


def budgeted(folder: Path, amount: str) -> str:
    """A config file with this budget for a day."""
    config = folder / f"budget-{amount}.toml"
    config.write_text(f"budget_per_day = 1000.0\n[profiles.default]\nbudget_per_day = {amount}\n")
    return str(config)


def test_a_launch_past_the_budget_asks(cli: Cli, facts: Facts, tmp_path: Path) -> None:
    run = ("run", "worker:2.0", "--no-logs", "--config", budgeted(tmp_path, "0.001"))
    with counted(facts, "RunMicrovm") as calls:
        refused = cli(*run)
        assert refused.returncode == 2
        assert "Launch past the budget? " in refused.stderr
        assert "of $0.0010 is spent today, and with this one it will be $" in refused.stderr
        assert "repeat it with --yes" in refused.stderr
        assert calls() == {}
        agreed = cli(*run, "--yes")
        assert agreed.returncode == 0, agreed.stderr
        assert calls() == {"RunMicrovm": 1}


def test_a_launch_past_the_budget_is_answered_on_a_terminal(cli: Cli, facts: Facts, tmp_path: Path) -> None:
    command = [*COMMAND, "run", "worker", "--no-logs", "--config", budgeted(tmp_path, "0.001")]
    with (
        counted(facts, "RunMicrovm") as calls,
        PtySession(command, cli.home, extra=facts.environment()) as terminal,
    ):
        terminal.wait_for("Type yes to go on")
        terminal.send("no\r")
        terminal.wait_for("Nothing was done.")
        assert calls() == {}


def test_a_launch_within_the_budget_does_not_ask(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "worker", "--no-logs", "--config", budgeted(tmp_path, "500.0"))
    assert done.returncode == 0, done.stderr
    assert "budget" not in done.stderr


def test_without_a_budget_nothing_is_read_for_it(cli: Cli, facts: Facts) -> None:
    with counted(facts, "ListMicrovms", "GetMicrovmImageBuild") as calls:
        assert cli("run", "worker:2.0", "--no-logs").returncode == 0
        assert calls() == {}


@pytest.mark.parametrize("verb", ["run", "suspend", "resume", "terminate"])
def test_read_only_forbids_it_by_option_and_by_config(
    cli: Cli, facts: Facts, verb: str, tmp_path: Path
) -> None:
    word = "worker" if verb == "run" else cli.by_image("hello-web")
    config = tmp_path / "c.toml"
    config.write_text("[profiles.default]\nread_only = true\n")
    with counted(facts, "RunMicrovm", "SuspendMicrovm", "ResumeMicrovm", "TerminateMicrovm") as counts:
        for options, by in ((("--read-only",), "--read-only"), (("--config", str(config)), str(config))):
            done = cli(verb, word, *options)
            assert done.returncode == 1
            assert "Read-only mode" in done.stderr
            assert f"{by} forbids everything but reading" in done.stderr
        assert counts() == {}


def test_terminating_several_wants_their_count_typed(cli: Cli, facts: Facts) -> None:
    ids = [launch(cli), launch(cli)]
    command = [*COMMAND, "terminate", *ids]
    with PtySession(command, home=cli.home, extra=facts.environment()) as screen:
        screen.wait_for("Type 2 to go on")
        screen.send("y\r")
        assert screen.wait_exit() == 1
        assert "Nothing was done." in screen.text
    assert {vm["state"] for vm in cli.read("ls", "--image", "worker")} == {"RUNNING"}
    with PtySession(command, home=cli.home, extra=facts.environment()) as screen:
        screen.wait_for("Type 2 to go on")
        screen.send("2\r")
        assert screen.wait_exit() == 0
    assert cli.read("ls", "--image", "worker") == []


def test_ctrl_c_tells_how_far_it_came(cli: Cli, facts: Facts) -> None:
    vm = launch(cli)
    with (
        counted(facts, "SuspendMicrovm", fault="error") as counts,
        subprocess.Popen(
            [*COMMAND, "suspend", vm, "-o", "ndjson"],
            env=cli.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        wait_until(lambda: "SuspendMicrovm" in counts())
        process.send_signal(signal.SIGINT)
        output, talk = process.communicate(timeout=30)
    assert process.returncode == 130
    (result,) = [json.loads(line) for line in output.splitlines()]
    assert (result["id"], result["ok"]) == (vm, False)
    assert "Interrupted" in talk


def test_ctrl_c_while_reading(cli: Cli, facts: Facts) -> None:
    with (
        counted(facts, "ListMicrovms", fault="latency=30") as counts,
        subprocess.Popen(
            [*COMMAND, "ls"], env=cli.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        wait_until(lambda: "ListMicrovms" in counts())
        process.send_signal(signal.SIGINT)
        output, talk = process.communicate(timeout=30)
    assert (process.returncode, output, talk.strip()) == (130, "", "Interrupted.")


def test_a_wait_that_runs_out_is_a_temporary_failure(cli: Cli) -> None:
    done = cli("run", "worker:2.0", "--wait", "--timeout", "0s")
    assert done.returncode == 4
    assert "does not run after 0 s" in done.stderr
