"""`ls`, `get`, `images`, `name`: the JSON contract, and which calls they make."""

from __future__ import annotations

import json
from datetime import datetime

import botocore.session
import pytest

from mvm_tui.fleet.ledger import Ledger
from mvm_tui.local.launch import Facts
from mvm_tui.model.scope import Scope
from tests.cli.runs import Cli, counted

MEMBERS = [
    *("id", "name", "state", "image", "version", "memory_mib"),
    *("started_at", "ends_at", "endpoint", "shell", "idle_policy"),
]
OPERATIONS = botocore.session.get_session().get_service_model("lambda-microvms").operation_names


def test_ls_json_has_all_members_in_order_and_nulls_for_the_unknown(cli: Cli) -> None:
    rows = cli.read("ls")
    assert len(rows) == 5
    for row in rows:
        assert list(row) == MEMBERS
        assert [
            row[name] for name in ("name", "memory_mib", "ends_at", "endpoint", "shell", "idle_policy")
        ] == [None] * 6
        assert row["started_at"].endswith("Z")
        assert datetime.fromisoformat(row["started_at"]).tzinfo is not None
    assert {row["state"] for row in rows} == {"RUNNING", "SUSPENDED"}
    assert {row["image"] for row in rows} == {"hello-web", "worker", "devbox"}


def test_ls_makes_list_calls_and_nothing_else(cli: Cli, facts: Facts) -> None:
    with counted(facts, *OPERATIONS, "GetCallerIdentity", "GetServiceQuota") as counts:
        assert cli("ls").returncode == 0
        assert counts() == {"ListMicrovms": 1}


def test_details_read_each_microvm_and_its_size_once(cli: Cli, facts: Facts) -> None:
    with counted(facts, *OPERATIONS) as counts:
        rows = cli.read("ls", "--details")
        first = counts()
        assert "Reading the details of 5 MicroVMs." in cli("ls", "--details").stderr
        cli.read("ls", "--details")
        second = counts()
    assert first["GetMicrovm"] == len(rows)
    assert first["GetMicrovmImageVersion"] == len({(row["image"], row["version"]) for row in rows})
    assert second["GetMicrovmImageVersion"] == first["GetMicrovmImageVersion"]
    for row in rows:
        assert list(row) == MEMBERS
        assert row["memory_mib"] in (512, 1024, 2048)
        assert row["ends_at"] > row["started_at"]
        assert ".lambda-microvm.us-east-1.localhost:" in row["endpoint"]
    assert {row["shell"] for row in rows} == {True, False}
    assert {"max_idle_seconds", "suspended_seconds", "auto_resume"} in [
        set(row["idle_policy"] or ()) for row in rows
    ]
    assert cli.read("ls")[0]["memory_mib"] is not None


def test_terminated_ones_are_listed_only_when_asked_for(cli: Cli) -> None:
    assert len(cli.read("ls", "--all")) == 6
    assert [row["state"] for row in cli.read("ls", "--state", "terminated")] == ["TERMINATED"]
    assert [row["state"] for row in cli.read("ls", "--state", "ended")] == ["TERMINATED"]


def test_selecting_and_sorting(cli: Cli) -> None:
    assert {row["image"] for row in cli.read("ls", "--image", "worker")} == {"worker"}
    assert [
        row["version"] for row in cli.read("ls", "--image", "hello-web:1.0,worker:3.0", "--sort", "image")
    ] == ["1.0", "3.0"]
    oldest_first = [row["started_at"] for row in cli.read("ls", "--sort", "-age")]
    assert oldest_first == sorted(oldest_first)
    assert [row["started_at"] for row in cli.read("ls", "--sort", "age")] == oldest_first[::-1]
    assert {row["image"] for row in cli.read("ls", "--filter", "web state:run")} == {"hello-web"}
    assert len(cli.read("ls", "--filter", "shell:no", "--details")) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--sort", "nothing"),
        ("--sort", "left"),
        ("--filter", "shell:yes"),
        ("--filter", "age>soon"),
        ("--nonsense",),
        ("-o", "yaml"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_without_a_call(
    cli: Cli, facts: Facts, arguments: tuple[str, ...]
) -> None:
    with counted(facts, "ListMicrovms") as counts:
        done = cli("ls", *arguments)
        assert counts() == {}
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_ndjson_is_one_object_per_line(cli: Cli) -> None:
    lines = cli("ls", "-o", "ndjson").stdout.splitlines()
    assert [json.loads(line) for line in lines] == cli.read("ls")


@pytest.mark.parametrize(
    "arguments",
    [("--region", "eu-west-1", "ls", "-o", "json"), ("ls", "--region", "eu-west-1", "-o", "json"),
     ("-o", "json", "--state", "running", "ls", "--region", "eu-west-1")],
)  # fmt: skip
def test_options_stand_before_or_behind_the_verb(cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_the_last_of_two_options_holds(cli: Cli) -> None:
    assert cli("--region", "eu-west-1", "ls", "--region", "us-east-1", "-o", "ndjson").stdout


def test_get_is_complete_by_id_beginning_and_name(cli: Cli, facts: Facts) -> None:
    wanted = cli.by_image("devbox", "SUSPENDED")
    assert cli("name", wanted, "dev").returncode == 0
    with counted(facts, "ListMicrovms") as counts:
        by_id = cli.read("get", wanted)
        assert counts() == {}
    assert list(by_id) == MEMBERS
    assert (by_id["name"], by_id["memory_mib"], by_id["shell"]) == ("dev", 1024, True)
    assert by_id["idle_policy"]["auto_resume"] is False
    for word in (wanted[:14], wanted.removeprefix("microvm-")[:8], "dev"):
        assert cli.read("get", word) == by_id
    assert next(row["name"] for row in cli.read("ls") if row["id"] == wanted) == "dev"
    table = cli("get", "dev").stdout
    assert "shell       yes" in table
    assert "egress      INTERNET_EGRESS" in table


def test_a_word_that_names_several_or_none_says_so(cli: Cli) -> None:
    several = cli("get", "microvm-")
    assert (several.returncode, several.stdout) == (2, "")
    assert "may be 5 MicroVMs" in several.stderr
    none = cli("get", "nobody")
    assert (none.returncode, none.stdout) == (1, "")
    assert "There is no MicroVM 'nobody'." in none.stderr
    unknown = cli("get", "microvm-00000000-0000-0000-0000-000000000000")
    assert unknown.returncode == 1


def test_a_name_can_be_taken_away(cli: Cli) -> None:
    wanted = cli.by_image("devbox", "SUSPENDED")
    cli("name", wanted, "dev")
    assert cli.read("name", "dev", "") == {"id": wanted, "name": None}
    assert cli("get", "dev").returncode == 1


@pytest.mark.parametrize("name", ["a\x1b[31mb", "two\nlines", "-x", " x", "x" * 65])
def test_a_name_is_one_plain_line(cli: Cli, name: str) -> None:
    done = cli("name", "--", "microvm-", name)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_images_are_listed(cli: Cli) -> None:
    images = {image["name"]: image for image in cli.read("images")}
    assert list(images["hello-web"])[:4] == ["name", "arn", "state", "latest_active_version"]
    assert images["hello-web"]["latest_active_version"] == "2.0"
    assert images["hello-web"]["arn"].endswith(":microvm-image:hello-web")
    assert "hello-web" in cli("images").stdout


def test_text_from_outside_cannot_steer_the_terminal(cli: Cli, facts: Facts) -> None:
    wanted = cli.by_image("devbox", "SUSPENDED")
    ledger = Ledger(cli.state / "ledger.sqlite3")
    hostile = "a\x1b]52;c;ZXZpbA==\x07\x9b31m\u202eb\nc"
    ledger.set_name(Scope("aws", facts.account, facts.region, facts.endpoint), wanted, hostile)
    ledger.close()
    table = cli("ls").stdout
    assert table.count("\n") == 6
    assert all(character.isprintable() for character in table.replace("\n", ""))
    as_json = cli("ls", "-o", "json").stdout
    assert all(character.isprintable() for character in as_json.replace("\n", ""))
    assert hostile in [row["name"] for row in json.loads(as_json)]
