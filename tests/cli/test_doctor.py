"""`doctor`: findings, advice, exit code."""

from __future__ import annotations

from pathlib import Path

from mvm_tui.local.launch import Facts
from tests.cli.runs import Cli
from tests.cloud import set_faults


def found(cli: Cli, *arguments: str) -> dict[str, dict[str, str]]:
    """The findings by name, whatever the exit code."""
    import json

    return {check["name"]: check for check in json.loads(cli("doctor", "-o", "json", *arguments).stdout)}


def test_all_is_well(cli: Cli, facts: Facts) -> None:
    done = cli("doctor")
    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout
    checks = found(cli)
    assert {check["status"] for check in checks.values()} == {"ok"}
    assert checks["endpoint"]["detail"] == facts.endpoint
    assert checks["credentials"]["detail"] == "found by env"
    assert facts.account in checks["sts"]["detail"]
    assert "al2023-1" in checks["managed images"]["detail"]
    assert checks["service-quotas"]["detail"] == "MicroVM memory 8 GB"
    assert {"logs", "pricing", "lambda-microvms", "state folder", "terminal"} < set(checks)
    assert facts.secret_key not in done.stdout


def test_not_signed_in(stranger: Cli) -> None:
    done = stranger("doctor", "--region", "us-east-1")
    assert done.returncode == 3
    assert "✗ sign-in" in done.stdout
    assert "us-east-1" in done.stdout
    assert "→ Sign in" in done.stdout


def test_what_is_only_nice_to_have_is_a_warning(cli: Cli, facts: Facts) -> None:
    set_faults(facts, "error@DescribeServices", "error@DescribeLogGroups")
    try:
        checks = found(cli)
        done = cli("doctor")
    finally:
        set_faults(facts)
    assert {name for name, check in checks.items() if check["status"] == "warning"} == {"pricing", "logs"}
    assert "Needed for showing costs." in checks["pricing"]["detail"]
    assert done.returncode == 0


def test_the_exit_code_is_that_of_the_worst(cli: Cli, facts: Facts) -> None:
    set_faults(facts, "throttle@ListMicrovms")
    try:
        assert cli("doctor").returncode == 4
        set_faults(facts, "throttle@ListMicrovms", "expired@GetCallerIdentity")
        assert cli("doctor").returncode == 3
    finally:
        set_faults(facts)


def test_a_wrong_config_file_and_a_bad_state_folder_are_named(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("them = 1\n")
    blocker = tmp_path / "file"
    blocker.write_text("")
    cli.environment["XDG_STATE_HOME"] = str(blocker)
    checks = found(cli, "--config", str(config))
    assert checks["config file"]["status"] == "warning"
    assert checks["config file"]["fix"] == "Did you mean 'theme'?"
    assert checks["state folder"]["status"] == "failed"
    assert "XDG_STATE_HOME" in checks["state folder"]["fix"]
