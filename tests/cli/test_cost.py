"""`cost` and `quotas` as processes: the figures, the JSON contract, what they call and load."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.fleet.history import History, Transition
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.local.launch import Facts
from mvm_tui.model.scope import Scope
from tests.cli.runs import Cli, counted
from tests.cloud import cloud_process, set_faults
from tests.test_imports import loaded_by

EAST = ("--region", "us-east-1")
HALF_HOUR = ("--memory", "2048", "--running", "1800s", "--suspended", "8h")
BURST = ("--burst-vcpu", "3", "--burst-gb", "6", "--burst-for", "15m")
ONE_CYCLE = ("--launches", "1", "--suspends", "1", "--resumes", "1")


@pytest.mark.parametrize(
    ("options", "total", "high"),
    [
        (("--memory", "2048", "--running", "1h"), "0.12610008", "0.12610008"),
        (("--memory", "8192", "--running", "8h"), "4.03520256", "4.03520256"),
        ((*HALF_HOUR, *ONE_CYCLE), "0.0786103248", "0.1141658768"),
        (("--suspends", "1", "--resumes", "1", "--snapshot-gb", "0.61"), "0.003260135057", None),
        (("--image-gb", "2", "--image-kept", "1m", "--image-versions", "10"), "0.373333296", "0.373333296"),
    ],
)
def test_estimates_to_the_last_digit(
    stranger: Cli, options: tuple[str, ...], total: str, high: str | None
) -> None:
    found = stranger.read("cost", "estimate", *EAST, *options)
    assert found["total_usd"] == found["low_usd"] == total
    assert high is None or found["high_usd"] == high


def test_the_contract_of_an_estimate(stranger: Cli) -> None:
    found = stranger.read("cost", "estimate", *EAST, *HALF_HOUR, *ONE_CYCLE, *BURST)
    assert list(found) == [
        "region",
        "arch",
        "rates",
        "lines",
        "total_usd",
        "low_usd",
        "high_usd",
        "at_least",
        "burst_ceiling_usd",
        "assumptions",
        "unpriced",
    ]
    assert (found["region"], found["arch"]) == ("us-east-1", "arm64")
    assert found["rates"]["vcpu_second"] == "0.0000276944"
    assert (found["rates"]["as_of"], found["rates"]["source"]) == ("2026-09-19", "shipped table")
    assert sum(Decimal(line["usd"]) for line in found["lines"]) == Decimal(found["total_usd"])
    assert all(list(line) == ["item", "quantity", "unit", "rate", "usd"] for line in found["lines"])
    named = {one["id"] for one in found["assumptions"]}
    assert {"week-minimum-on-suspend", "snapshot-is-baseline", "not-included", "beyond-8h"} <= named


def test_what_has_no_rate_is_unpriced(stranger: Cli) -> None:
    found = stranger.read("cost", "estimate", "--region", "eu-central-1", "--running", "1h", "--resumes", "1")
    assert found["at_least"]
    assert found["rates"]["snapshot_read_gb"] is None
    (unpriced,) = found["unpriced"]
    assert unpriced["item"] == "resume_read"
    (line,) = (line for line in found["lines"] if line["item"] == "resume_read")
    assert line["usd"] is line["rate"] is None
    table = stranger("cost", "estimate", "--region", "eu-central-1", "--running", "1h", "--resumes", "1")
    assert "at least $0.1593" in table.stdout


def test_x86_and_notes_on_what_no_microvm_does(stranger: Cli) -> None:
    found = stranger.read("cost", "estimate", "--arch", "x86_64", "--running", "1h", "--burst-vcpu", "5")
    assert found["rates"]["vcpu_second"] == "0.0000326557"
    named = {one["id"] for one in found["assumptions"]}
    assert {"beyond-peak", "region-is-us-east-1"} <= named


@pytest.mark.parametrize(
    "options",
    [
        ("--memory", "0"),
        ("--running", "soon"),
        ("--launches", "-1"),
        ("--snapshot-gb", "NaN"),
        ("--snapshot-gb", "-1"),
        ("--arch", "riscv"),
    ],
)
def test_wrong_options_are_usage_errors(stranger: Cli, options: tuple[str, str]) -> None:
    done = stranger("cost", "estimate", *options)
    assert done.returncode == 2
    assert options[0] in done.stderr


def test_an_estimate_loads_neither_screen_nor_aws(tmp_path: Path) -> None:
    packages, done = loaded_by(["cost", "estimate", "--running", "1h", "-o", "json"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["total_usd"] == "0.12610008"
    assert not packages & {"textual", "rich", "boto3", "botocore", "aiohttp"}


def test_the_fleet_on_the_first_look_and_on_the_second(cli: Cli) -> None:
    first = cli.read("cost")
    assert first["region"] == "us-east-1"
    alive = [vm for vm in first["microvms"] if vm["state"] != "TERMINATED"]
    assert {vm["state"] for vm in alive} == {"RUNNING", "SUSPENDED"}
    assert all(vm["observed"] is False for vm in alive)
    for vm in alive:
        assert Decimal(vm["low_usd"]) <= Decimal(vm["total_usd"]) <= Decimal(vm["high_usd"])
    (suspended,) = (vm for vm in alive if vm["state"] == "SUSPENDED")
    # Seen first when it had been suspended at some unknown moment: a range, not a number.
    assert Decimal(suspended["high_usd"]) > 10 * Decimal(suspended["low_usd"])
    assert [vm["range_only"] for vm in alive] == [vm is suspended for vm in alive]
    for sums in (first["by_image"], first["by_state"]):
        assert sum(one["microvms"] for one in sums) == len(alive)
        assert_close(sum(Decimal(one["usd_per_hour"]) for one in sums), first["usd_per_hour"])
    assert_close(sum(Decimal(vm["usd_per_hour"]) for vm in alive), first["usd_per_hour"])
    assert first["rates"]["arm64"]["as_of"]
    assert {one["status"] for one in first["image_versions"]} == {"ACTIVE", "INACTIVE"}
    assert Decimal(first["month"]["low_usd"]) <= Decimal(first["month"]["high_usd"])
    second = cli.read("cost")
    assert Decimal(second["total_usd"]) >= Decimal(first["total_usd"])


def assert_close(sum_of_parts: Decimal | int, whole: str) -> None:
    assert abs(Decimal(sum_of_parts) - Decimal(whole)) < Decimal("1e-20")


def test_builds_are_read_once(cli: Cli, facts: Facts) -> None:
    with counted(facts, "GetMicrovmImageBuild") as counts:
        cli.read("cost")
        read = counts()["GetMicrovmImageBuild"]
        cli.read("cost")
        assert counts()["GetMicrovmImageBuild"] == read > 0


def test_one_microvm_and_what_was_seen_of_it(cli: Cli) -> None:
    vm = cli.by_image("hello-web")
    first = cli.read("cost", vm)
    assert first["id"] == vm
    assert {line["item"] for line in first["lines"]} == {"running_vcpu", "running_memory", "launch_read"}
    assert first["observed_seconds"]["running"] < 5
    assert first["assumed_seconds"]["running"] > 60
    assert "time-not-observed" in {one["id"] for one in first["assumptions"]}
    assert Decimal(first["suspending_pays_back_after_seconds"]) > 60
    assert Decimal(first["to_hard_end_usd"]) > 0
    assert cli("suspend", vm).returncode == 0
    second = cli.read("cost", vm)
    assert second["state"] == "SUSPENDED"
    items = {line["item"]: Decimal(line["usd"]) for line in second["lines"]}
    assert items["suspend_write"] > 0
    assert cli("resume", vm).returncode == 0
    done = cli("cost", vm)
    assert "pays back after" in done.stdout
    assert done.returncode == 0


def test_an_image_and_its_versions(cli: Cli) -> None:
    found = cli.read("cost", "hello-web")
    assert {one["image"] for one in found["image_versions"]} == {"hello-web"}
    assert "image_storage" in {line["item"] for line in found["lines"]}
    version = found["image_versions"][0]["version"]
    one = cli.read("cost", f"hello-web:{version}")
    assert [entry["version"] for entry in one["image_versions"]] == [version]
    assert {vm["version"] for vm in one["microvms"]} <= {version}
    table = cli("cost", "hello-web")
    assert table.returncode == 0
    # Of two MicroVMs: what is said of the time of one is not so of both.
    assert "of its life nobody looked" not in table.stdout
    assert "Not all of their lives was seen" in table.stdout


def test_versions_that_only_cost_are_named_with_what_deleting_saves(cli: Cli) -> None:
    done = cli("cost")
    assert done.returncode == 0
    assert "Nothing runs these image versions" in done.stdout
    assert "worker:1.0" in done.stdout


@pytest.mark.parametrize("days", [1, 3])
def test_the_month_holds_earlier_days_that_nobody_summed_up(cli: Cli, facts: Facts, days: int) -> None:
    """As after looks of the command line only, or of a UI that was ended at once."""
    scope = Scope("aws", facts.account, facts.region, facts.endpoint)
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days)
    arn = f"arn:aws:lambda:{facts.region}:{facts.account}:microvm-image:gone"
    first = cli.read("cost")["month"]
    ledger = Ledger(cli.state / "ledger.sqlite3")
    history = History(ledger)
    ledger.set_size(scope, arn, "1.0", 8_192)
    history.observe(scope, [Transition("gone", "RUNNING", noon, arn, "1.0", noon)])
    for minute in range(61):
        history.looked(scope, noon + timedelta(minutes=minute))
    end = noon + timedelta(hours=1)
    history.observe(scope, [Transition("gone", "TERMINATED", end, arn, "1.0", noon, end)])
    ledger.close()
    second = cli.read("cost")["month"]
    planted = Decimal("0.5044") if noon.month == datetime.now(UTC).month else Decimal(0)
    grown = Decimal(second["spent_usd"]) - Decimal(first["spent_usd"])
    assert planted <= grown < planted + Decimal("0.1")


def test_images_that_cannot_be_read_are_unknown_and_not_nothing(cli: Cli, facts: Facts) -> None:
    set_faults(facts, "error@ListMicrovmImages*100")
    try:
        found, table = cli.read("cost"), cli("cost")
    finally:
        set_faults(facts)
    assert found["image_versions"] is found["storage_usd_per_hour"] is found["month"] is None
    assert found["at_least"]
    assert [one["item"] for one in found["unpriced"]] == ["image_storage"]
    assert "an unknown amount for images" in table.stdout
    assert "not known: image versions could not be read" in table.stdout
    assert "total     at least $" in table.stdout
    assert "The storage of images is not counted." in table.stderr


def test_what_is_nobody_is_said_so(cli: Cli, stranger: Cli) -> None:
    done = cli("cost", "nobody")
    assert done.returncode == 1
    assert "There is no MicroVM and no image 'nobody'" in done.stderr
    assert "mvm-tui images" in done.stderr
    assert "Usage: mvm-tui cost [OPTIONS] VM|IMAGE" in cli("cost", "web-1", "x").stderr
    assert stranger("cost").returncode == 3


def test_what_ended_before_anybody_looked_is_said_so(cli: Cli) -> None:
    ended = next(vm["id"] for vm in cli.read("ls", "--all") if vm["state"] == "TERMINATED")
    done = cli("cost", ended)
    assert done.returncode == 1
    assert "ended before anybody looked" in done.stderr


def test_an_empty_account(tmp_path: Path) -> None:
    with cloud_process("empty") as facts:
        cli = Cli(tmp_path, facts)
        found = cli.read("cost")
        assert (found["total_usd"], found["microvms"], found["image_versions"]) == ("0", [], [])
        assert found["month"]["high_usd"] == "0"
        assert cli("cost").returncode == 0
        quotas = {one["id"]: one for one in cli.read("quotas")}
        assert (quotas["memory"]["used"], quotas["images"]["used"]) == (0, 0)


def test_quotas_used_applied_and_published(cli: Cli) -> None:
    found: list[dict[str, Any]] = cli.read("quotas")
    memory = found[0]
    members = "id name unit used applied default source code note"
    assert list(memory) == members.split()
    assert (memory["id"], memory["unit"], memory["code"]) == ("memory", "MiB", "L-CD1C0CC4")
    assert (memory["applied"], memory["default"], memory["source"]) == (8192, 1048576, "Service Quotas")
    assert memory["used"] == 5120
    by_id = {one["id"]: one for one in found}
    assert by_id["rate:RunMicrovm"]["applied"] == 1
    assert by_id["rate:RunMicrovm"]["default"] == 5
    assert by_id["versions"]["used"] == 3
    table = cli("quotas")
    assert "5 GB  8 GB" in table.stdout
    assert "builds under way count too" in table.stderr
