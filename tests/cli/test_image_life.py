"""From the example to an app that answers, and what becomes of its versions: all as a user does it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from mvm_tui.local.launch import Facts
from mvm_tui.reach.client import open_client
from tests.cli.runs import Cli, wait_until
from tests.cli.test_reaching import fetch, forwarded
from tests.cloud import client, cloud_process

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-web"


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("empty", speed=100, rates=False) as found:
        yield found


def test_the_example_is_built_launched_called_forwarded_probed_and_retired(cli: Cli, facts: Facts) -> None:
    first = cli.read("build", str(EXAMPLE), "--name", "hello")
    assert (first["version"], first["state"]) == ("1.0", "SUCCESSFUL")
    second = cli.read("build", str(EXAMPLE), "--name", "hello", "--env", "GREETING=Good morning")
    assert second["version"] == "2.0"

    images = client(facts)
    for number in ("1.0", "2.0"):
        images.update_microvm_image_version(
            imageIdentifier=first["arn"], imageVersion=number, status="INACTIVE"
        )
    refused = cli("run", "hello")
    assert refused.returncode == 1
    assert "no version that can be launched" in refused.stderr
    images.update_microvm_image_version(imageIdentifier=first["arn"], imageVersion="2.0", status="ACTIVE")

    vm = cli.read("run", "hello", "--name", "greeter", "--wait")
    assert (vm["version"], vm["state"]) == ("2.0", "RUNNING")
    wait_until(lambda: cli("call", "greeter", "/").returncode == 0)
    assert "Good morning" in cli("call", "greeter", "/").stdout

    with forwarded(cli, "greeter") as (url, _):
        assert "Good morning" in fetch(url)[1]
        assert asyncio.run(_echo(url)) == "hello, socket"

    probed = json.loads(cli("probe", "greeter", "--rate", "10", "--for", "1s", "-o", "json").stdout)
    assert (probed["requests"], probed["errors"]) == (10, 0)
    assert cli("terminate", "greeter", "--yes").returncode == 0


async def _echo(url: str) -> str:
    async with open_client() as http:
        socket = await http.ws_connect(url + "echo", timeout=aiohttp.ClientWSTimeout(ws_close=1))
        await socket.send_str("hello, socket")
        answer = await socket.receive_str(timeout=10)
        await socket.close()
        return answer
